"""Measure the network by itself: beside pix2pix's U-Net, beside the cores' peak, bound or not, on all providers."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from live.benchmark.graphs import (
    PEAK_LAYERS,
    PEAK_SHAPES,
    UNET_MULTIPLE,
    multiply_accumulates,
    peak_convolutions,
    unet256,
)
from live.benchmark.interleave import Times, interleaved
from live.benchmark.report import Figure, Part
from live.benchmark.sessions import bound, open_session, optimised, stage_step, through_numpy
from live.bundle.bundle import Bundle, Precision
from live.console import first_line
from live.inference import sessions
from live.inference.model import Device
from live.inference.sessions import PLAIN, Candidate, missing_reason, open_candidate


def beside_the_unet(bundle: Bundle, seconds: float) -> Part:
    """Compare the bare session with pix2pix's U-Net-256: same options, and the same size where the U-Net takes it."""
    height, width = (-(-side // UNET_MULTIPLE) * UNET_MULTIPLE for side in (bundle.graph.height, bundle.graph.width))
    own, unet = f"{bundle.name} {_size(bundle)}", f"U-Net-256 {width}×{height}"
    cases = {
        own: bound(open_session(bundle.model_bytes)),
        unet: bound(open_session(unet256(height, width))),
    }
    if bundle.has("int8"):
        cases[f"{own}, int8"] = bound(open_session(bundle.in_precision("int8").model_bytes))
    times = _times(bundle, interleaved(cases, seconds))
    pixels = height * width / (bundle.graph.height * bundle.graph.width)
    same = "" if pixels == 1 else ", for the same number of pixels"
    figures = [
        Figure(f"{name}: times faster than the U-Net{same}", times[unet].p50_ms / each.p50_ms / pixels, bar=5.0)
        for name, each in times.items()
        if name != unet
    ]
    return Part("session beside the U-Net", times, figures)


def beside_the_peak(bundle: Bundle, seconds: float, peak_shapes: Sequence[tuple[int, int]] = PEAK_SHAPES) -> Part:
    """Compare multiply-accumulates a second of the network with the most that convolutions of the best shape reach."""
    cases = {"bare session": bound(open_session(bundle.model_bytes))}
    macs = {"bare session": multiply_accumulates(optimised(bundle.model_bytes))}
    for channels, side in peak_shapes:
        name = f"{PEAK_LAYERS} convolutions of {channels} channels, {side}×{side}"
        cases[name] = bound(open_session(peak_convolutions(channels, side)))
        macs[name] = PEAK_LAYERS * 9 * channels**2 * side**2
    times = _times(bundle, interleaved(cases, seconds))
    rates = {name: macs[name] / times[name].p50_ms / 1e6 for name in cases}
    own = rates.pop("bare session")
    peak = max(rates.values())
    return Part(
        "arithmetic",
        times,
        [
            Figure("one step", macs["bare session"] / 1e9, " GMAC"),
            Figure("achieved", own, " GMAC/s"),
            Figure("peak of 3×3 convolutions", peak, " GMAC/s"),
            Figure("achieved over peak", own / peak, bar=0.5),
        ],
    )


def bound_beside_numpy(bundle: Bundle, seconds: float) -> Part:
    """Compare a session whose state stays on the device, bound once, with one whose state goes through numpy."""
    part = Part("state bound or through numpy")
    if "context" not in bundle.graph.inputs:
        part.left_out[part.title] = "the model has no state"
        return part
    ways = [each for each in _candidates(bundle) if each == PLAIN or each.provider == "cuda"]
    cases = {}
    for way in ways:
        try:
            # A CUDA graph needs bindings, and the stage's way of capturing it.
            if way.captured:
                cases[f"{way.label}, bound"] = stage_step(open_candidate(bundle, way))
                continue
            device: Device = "cpu" if way.provider == "cpu" else "cuda"
            cases[f"{way.label}, bound"] = bound(sessions.open_session(bundle, way), device=device)
            cases[f"{way.label}, through numpy"] = through_numpy(sessions.open_session(bundle, way))
        # ONNX Runtime's exceptions have no common parent of their own.
        except Exception as error:
            part.left_out[way.label] = first_line(error)
    part.times = _times(bundle, interleaved(cases, seconds))
    for way in ways:
        kept, sent = (part.times.get(f"{way.label}, {how}") for how in ("bound", "through numpy"))
        if kept and sent:
            ratio = round(sent.p50_ms / kept.p50_ms, 2)
            part.figures.append(Figure(f"{way.label}, times faster bound", ratio, bar=1.0))
    return part


def every_provider(bundle: Bundle, seconds: float) -> Part:
    """Measure the stage's step on each provider and in each precision that bundle and machine allow."""
    part = Part("providers and precisions")
    cases = {}
    for candidate in _candidates(bundle):
        try:
            cases[candidate.label] = stage_step(open_candidate(bundle, candidate))
        # ONNX Runtime's exceptions have no common parent of their own.
        except Exception as error:
            part.left_out[candidate.label] = first_line(error)
    part.times = _times(bundle, interleaved(cases, seconds))
    plain = part.times[PLAIN.label].p50_ms
    for name, each in part.times.items():
        part.figures.append(Figure(f"{name}, frames a second", 1000 / each.p50_ms))
        if name != PLAIN.label:
            part.figures.append(Figure(f"{name}, times faster than {PLAIN.label}", plain / each.p50_ms))
    return part


def _candidates(bundle: Bundle) -> Iterator[Candidate]:
    precisions: tuple[Precision, ...] = ("fp32", "int8", "fp16")
    for precision in (each for each in precisions if bundle.has(each)):
        yield Candidate("cpu", precision)
        # Integers in the form that VNNI needs are no gain on a GPU.
        if precision != "int8" and not missing_reason("cuda"):
            yield from (Candidate("cuda", precision, captured) for captured in (False, True))
            if not missing_reason("tensorrt"):
                yield Candidate("tensorrt", precision)


def _times(bundle: Bundle, taken: dict[str, NDArray[np.float64]]) -> dict[str, Times]:
    return {name: Times.of(seconds, float(bundle.frame_rate)) for name, seconds in taken.items()}


def _size(bundle: Bundle) -> str:
    return f"{bundle.graph.width}×{bundle.graph.height}"
