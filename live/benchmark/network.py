"""The network by itself: beside the U-Net of pix2pix, beside what the cores can do, bound or not, on all providers."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import get_args

import numpy as np

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
from live.benchmark.sessions import bound, open_session, optimised, through_numpy
from live.bundle import Bundle
from live.errors import BundleError, ProviderError
from live.model import Model, open_model
from live.settings import ProviderChoice
from live.timings import Timings


def beside_the_unet(bundle: Bundle, seconds: float) -> Part:
    """The bare session and pix2pix's U-Net-256, same options; at the same size where the U-Net takes it."""
    height, width = (-(-side // UNET_MULTIPLE) * UNET_MULTIPLE for side in (bundle.graph.height, bundle.graph.width))
    own, unet = f"{bundle.name} {_size(bundle)}", f"U-Net-256 {width}×{height}"
    cases = {
        own: bound(open_session(bundle.model_bytes)),
        unet: bound(open_session(unet256(height, width))),
    }
    times = _times(bundle, interleaved(cases, seconds))
    pixels = height * width / (bundle.graph.height * bundle.graph.width)
    ratio = times[unet].p50_ms / times[own].p50_ms / pixels
    same = "" if pixels == 1 else ", for the same number of pixels"
    return Part("session beside the U-Net", times, [Figure(f"times faster than the U-Net{same}", ratio, bar=5.0)])


def beside_the_peak(bundle: Bundle, seconds: float) -> Part:
    """Multiply-accumulates a second of the network, over the most that convolutions of the best shape reach."""
    cases = {"bare session": bound(open_session(bundle.model_bytes))}
    macs = {"bare session": multiply_accumulates(optimised(bundle.model_bytes))}
    for channels, side in PEAK_SHAPES:
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
    """The stage's step, whose state stays where it is, and the same with a state that goes through numpy."""
    title = "state bound or through numpy"
    if "context" not in bundle.graph.inputs:
        return Part(title, left_out={title: "the model has no state"})
    cases = {
        "state bound": _stage_step(open_model(bundle, "cpu", Timings())),
        "state through numpy": through_numpy(open_session(bundle.model_bytes)),
    }
    times = _times(bundle, interleaved(cases, seconds))
    ratio = times["state through numpy"].p50_ms / times["state bound"].p50_ms
    return Part(title, times, [Figure("times faster bound", round(ratio, 2), bar=1.0)])


def every_provider(folder: Path, bundle: Bundle, seconds: float) -> Part:
    """The stage's step on each provider and in each precision that the bundle holds and this machine can run."""
    part = Part("providers and precisions")
    cases = {}
    for precision, network in _precisions(folder, bundle):
        for provider in get_args(ProviderChoice):
            if provider == "auto":
                continue
            name = f"{provider} {precision}"
            try:
                cases[name] = _stage_step(open_model(network, provider, Timings()))
            except (BundleError, ProviderError) as error:
                part.left_out[name] = str(error)
    part.times = _times(bundle, interleaved(cases, seconds))
    part.figures = [Figure(f"{name}, frames a second", 1000 / each.p50_ms) for name, each in part.times.items()]
    return part


def _precisions(folder: Path, bundle: Bundle) -> Iterator[tuple[str, Bundle]]:
    """The bundle's networks by precision."""
    yield "fp32", bundle
    half = folder / "generator.fp16.onnx"
    if half.is_file():
        yield "fp16", replace(bundle, model_bytes=half.read_bytes())


def _stage_step(model: Model) -> Callable[[], object]:
    random = np.random.default_rng(0)
    graph = model.graph
    noise = None
    if "noise" in graph.inputs:
        noise = random.standard_normal((1, 1, graph.height, graph.width), np.float32)
    camera = random.integers(0, 256, (graph.height, graph.width, 3), np.uint8) if "camera" in graph.inputs else None
    return lambda: model.step(noise, 1.0, camera)


def _times(bundle: Bundle, taken: dict[str, np.ndarray]) -> dict[str, Times]:
    return {name: Times.of(seconds, float(bundle.frame_rate)) for name, seconds in taken.items()}


def _size(bundle: Bundle) -> str:
    return f"{bundle.graph.width}×{bundle.graph.height}"
