"""Which provider runs the network, and in which precision: the best that proves itself on this machine.

The plain network on the CPU always works, and is what all others are held against before they are used: a few steps
from the film's end must show the same picture, and sooner. So a GPU whose libraries are there but do not work, or a CPU
that is slow at 8-bit integers, is found out before the show and not in it.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from live.bundle.bundle import Bundle, Precision
from live.bundle.seed_film import to_context
from live.console import first_line, say
from live.errors import BundleError, ProviderError, UnusableError
from live.frame import Pixels
from live.inference import tensorrt
from live.inference.model import Model
from live.inference.model_slot import BackgroundLoad
from live.inference.options import PrecisionChoice, ProviderChoice
from live.inference.sessions import NAMES, PLAIN, Candidate, LibrariesError, Provider, missing_cuda, open_candidate
from live.timings import Timings

# What stands in for the plain network must be so many times as fast: for less it is not worth any difference.
FASTER = 1.3
# Levels of 0…255, the mean over all steps and pixels: rounding stays well below, a broken provider is far beyond.
FARTHEST = 8.0
STEPS, SECONDS = 5, 0.2  # of a proof: at least so many steps, and more while there is time


@dataclass(frozen=True)
class Proof:
    """What a model showed, and how fast."""

    frames: list[Pixels]
    seconds: float  # for a step, the shortest of some


def open_model(
    bundle: Bundle,
    provider: ProviderChoice,
    timings: Timings,
    precision: PrecisionChoice = "auto",
    *,
    wait: bool = False,
) -> Model:
    """Open the bundle's network where it runs best, and warm it up.

    What `provider` and `precision` leave open is chosen; what they ask for need not be fast. TensorRT, where it is,
    gets ready in the background while CUDA plays, as the model's `successor`; if `wait` is set it is waited for.

    Raises `ProviderError` if what was asked for does not work, `BundleError` if ONNX Runtime refuses the network.
    """
    try:
        plain = open_candidate(bundle, PLAIN)
    # ONNX Runtime's exceptions have no common parent of their own.
    except Exception as error:
        raise BundleError(f"ONNX Runtime cannot run the network of {bundle.name} ({first_line(error)})") from error
    if provider == "cpu" and (precision == "fp32" or (precision == "auto" and not bundle.has("int8"))):
        return _timed(plain, timings)
    expected = prove(plain, bundle)
    model, passed_over = _best(bundle, provider, precision, expected)
    model = model or plain
    if model.device == "cuda":
        # A device may fail in the middle of the show.
        model.fallback = lambda: _timed(open_candidate(bundle, PLAIN), timings)
        if provider in ("auto", "tensorrt"):
            missing = tensorrt.missing()
            if missing:
                passed_over.append(f"TensorRT: {missing}")
            else:
                model.successor = _tensorrt_successor(bundle, provider, precision, model, timings, expected)
    _check_wish(bundle, provider, precision, model, passed_over)
    model.passed_over = "; ".join(passed_over)
    if wait and model.successor:
        model.successor.wait()
        if provider == "tensorrt" and model.successor.failure:
            raise ProviderError(f"TensorRT: {model.successor.failure}; --provider cuda does without")
        model = model.successor.take() or model
    return _timed(model, timings)


def _timed(model: Model, timings: Timings) -> Model:
    """The model, from now on a part of the show."""
    model.timings = timings
    return model


def _best(
    bundle: Bundle, provider: ProviderChoice, precision: PrecisionChoice, expected: Proof
) -> tuple[Model | None, list[str]]:
    """The first candidate that proves itself, None if the plain network is better; and why others were passed over."""
    sooner = expected.seconds / FASTER if precision == "auto" and provider in ("auto", "cpu") else None
    passed_over: list[str] = []
    dead: set[Provider] = set()
    for candidate in _candidates(bundle, provider, precision, passed_over):
        if candidate.provider in dead:
            continue
        try:
            return _proved(bundle, candidate, expected, sooner), passed_over
        except LibrariesError as error:
            passed_over.append(f"{NAMES[candidate.provider]}: {error}")
            dead.add(candidate.provider)
        except UnusableError as error:
            passed_over.append(f"{candidate.label}: {error}")
    return None, passed_over


def _check_wish(
    bundle: Bundle, provider: ProviderChoice, precision: PrecisionChoice, found: Model, passed_over: list[str]
) -> None:
    """Whether `found` is what was asked for. Raises `ProviderError`."""
    if precision in ("fp16", "int8") and not bundle.has(precision):
        raise ProviderError(
            f"{bundle.name} holds no generator.{precision}.onnx; export it again, or leave out --precision"
        )
    reasons = "; ".join(passed_over)
    if (provider == "cuda" and found.device != "cuda") or (provider == "tensorrt" and found.successor is None):
        raise ProviderError(
            f'{reasons or f"{precision} is not for {provider}"}; pip install -e ".[gpu]" brings CUDA and cuDNN, '
            "--provider cpu does without"
        )
    if precision in ("fp16", "int8") and precision not in found.label:
        raise ProviderError(f"{reasons or f'{precision} is not for {provider}'}; leave out --precision")


def prove(model: Model, bundle: Bundle) -> Proof:
    """Let a warm model go on from the film's end, or without a memory see a picture, always the same. It forgets it."""
    graph = model.graph
    random = np.random.default_rng(0)
    noise: NDArray[np.float32] | None = None
    if "noise" in graph.inputs:
        noise = random.standard_normal((1, 1, graph.height, graph.width), np.float32)
    camera = random.integers(0, 256, (graph.height, graph.width, 3), np.uint8)
    if "context" in graph.inputs:
        model.reset(to_context(bundle.film.frames[-graph.context_frames :]))
    frames: list[Pixels] = []
    taken: list[float] = []
    end = time.perf_counter() + SECONDS
    while len(taken) < STEPS or (time.perf_counter() < end and len(taken) < 10 * STEPS):
        # By the film alone, and in the last of the steps that are compared by a camera.
        mix = float(len(taken) == STEPS - 1)
        began = time.perf_counter()
        frame = model.step(noise, 1.0, camera, mix)
        taken.append(time.perf_counter() - began)
        if len(frames) < STEPS:
            frames.append(frame)
    model.clear()
    return Proof(frames, min(taken))


# ----------------------------------------------------------------------------
# Candidates.


def _candidates(
    bundle: Bundle, provider: ProviderChoice, precision: PrecisionChoice, passed_over: list[str]
) -> Iterator[Candidate]:
    """Those that are wanted and may work, best first; that there is no CUDA goes to `passed_over`."""

    def held(*precisions: Precision) -> list[Precision]:
        return [each for each in precisions if bundle.has(each) and precision in ("auto", each)]

    if provider != "cpu":
        missing = missing_cuda()
        if missing:
            passed_over.append(f"CUDA: {missing}")
        else:
            for each in held("fp16", "fp32"):
                yield from (Candidate("cuda", each, captured) for captured in (True, False))
    if provider in ("auto", "cpu"):
        # Half floats are slower than whole ones on a CPU: only for who asks for them.
        yield from (Candidate("cpu", each) for each in (held("fp16") if precision == "fp16" else held("int8")))


def _proved(bundle: Bundle, candidate: Candidate, expected: Proof, sooner: float | None) -> Model:
    """A model that shows what is expected, and takes less than `sooner` seconds for a step if that is given.

    Raises `UnusableError` with the reason why there is none.
    """
    try:
        model = open_candidate(bundle, candidate)
        proof = prove(model, bundle)
    except UnusableError:
        raise
    # As in open_model; whatever the reason is, the plain network can still play.
    except Exception as error:
        raise UnusableError(first_line(error)) from error
    apart = float(
        np.mean([np.abs(a.astype(int) - b).mean() for a, b in zip(proof.frames, expected.frames, strict=True)])
    )
    if not apart <= FARTHEST:
        raise UnusableError(f"its pictures are {apart:.1f} of 255 levels away from those of the CPU")
    if sooner is not None and proof.seconds > sooner:
        raise UnusableError(f"a step takes {1000 * proof.seconds:.1f} ms, where {1000 * sooner:.1f} would be worth it")
    return model


def _tensorrt_successor(
    bundle: Bundle,
    provider: ProviderChoice,
    precision: PrecisionChoice,
    playing: Model,
    timings: Timings,
    expected: Proof,
) -> BackgroundLoad[Model]:
    """TensorRT, which must be faster than what is playing unless it was asked for by name."""
    sooner = prove(playing, bundle).seconds if provider == "auto" else None
    wanted: list[Precision] = [each for each in ("fp16", "fp32") if bundle.has(each) and precision in ("auto", each)]

    def make() -> Model:
        say("TensorRT gets ready; the first time with a network takes minutes, and CUDA plays meanwhile")
        began = time.perf_counter()
        reasons = []
        for each in wanted:
            try:
                model = _timed(_proved(bundle, Candidate("tensorrt", each), expected, sooner), timings)
            except UnusableError as error:
                reasons.append(f"{each}: {error}")
                continue
            model.fallback, model.passed_over = playing.fallback, playing.passed_over
            say(f"{model.label} takes over, after {time.perf_counter() - began:.0f} s")
            return model
        raise UnusableError("; ".join(reasons))

    return BackgroundLoad(make, name="TensorRT")


# ----------------------------------------------------------------------------
# Sessions.
