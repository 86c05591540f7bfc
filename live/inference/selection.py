"""Choose the provider and the precision that run the network: the best that proves itself on this machine.

The plain network on the CPU always works, and every other candidate is compared with it before it is used: in a few
steps from the film's end it must show the same pictures in less time. A GPU whose libraries are there but do not work,
or a CPU that is slow at 8-bit integers, is therefore found out before the show and not in it.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import get_args

import numpy as np

from live.bundle.bundle import Bundle, Precision
from live.bundle.seed_film import to_context
from live.console import first_line, say
from live.errors import BundleError, ProviderError, UnusableError
from live.frame import Pixels
from live.inference.model import Model
from live.inference.model_slot import FIRST_RETRY_SECONDS, RETRY_SECONDS, BackgroundLoad, ModelSlot, Retry, StepGaps
from live.inference.options import InferenceOptions
from live.inference.sessions import (
    PLAIN,
    PROVIDER_NAMES,
    Candidate,
    LibrariesError,
    Provider,
    missing_reason,
    open_candidate,
)
from live.timings import Timings

# A candidate must be so many times as fast as the plain network: less is not worth any difference.
FASTER = 1.3
# Levels of 0…255, the mean over all steps and pixels: rounding stays well below, a broken provider is far beyond.
FARTHEST = 8.0
# Length of a proof: at least so many steps, and more while there is time.
STEPS, SECONDS = 5, 0.2
# Newest steps of a show with which a new proof is compared.
RETRY_STEPS = 24
PRECISIONS: tuple[Precision, ...] = get_args(Precision)

OpenCandidate = Callable[[Bundle, Candidate], Model]
MissingReason = Callable[[Provider], str]


def open_model(
    bundle: Bundle,
    options: InferenceOptions,
    timings: Timings,
    *,
    wait: bool = False,
    faster: float = FASTER,
    retry_seconds: tuple[float, float] = (FIRST_RETRY_SECONDS, RETRY_SECONDS),
    proven: str = "",
    missing: MissingReason = missing_reason,
    open_with: OpenCandidate = open_candidate,
) -> ModelSlot:
    """Open the bundle's network where it runs best, and warm it up.

    The fastest is taken where the options leave a choice. What they ask for need not be fast. Where TensorRT works, it
    is prepared in the background while CUDA plays.

    Args:
        bundle: The network.
        options: What the user asked for.
        timings: Timings of the show. Proofs are not counted there.
        wait: Return only when the background load is over, so that one model plays from the first step on.
        faster: How many times as fast as the plain network a candidate must be that nobody asked for.
        retry_seconds: Time until what was too slow is proven again, and from then on between two proofs.
        proven: Label of the model that the process before played, if the show was started again. On a machine without
            a GPU it is opened without a new proof: the wall waits.
        missing: Returns why a provider cannot be used; empty if it may work.
        open_with: Opens a candidate, warm.

    Raises:
        ProviderError: What was asked for does not work.
        BundleError: ONNX Runtime refuses the network.
    """
    before = _proven_before(proven, bundle, options, missing)
    if before:
        # If it does not open any more, the search begins anew.
        with suppress(Exception):
            return ModelSlot(open_with(bundle, before), timings, reopen=_reopening(bundle, open_with))
    try:
        plain = open_with(bundle, PLAIN)
    # ONNX Runtime's exceptions have no common parent of their own.
    except Exception as error:
        raise BundleError(f"ONNX Runtime cannot run the network of {bundle.name} ({first_line(error)})") from error
    provider, precision = options.provider, options.precision
    if provider == "cpu" and (precision == "fp32" or (precision == "auto" and not bundle.has("int8"))):
        return ModelSlot(plain, timings, reopen=_reopening(bundle, open_with))
    search = _Search(bundle, options, prove(plain, bundle), faster, missing, open_with)
    found = search.best()
    model = found or plain
    better = search.tensorrt_load(model) if model.device == "cuda" and provider in ("auto", "tensorrt") else None
    search.check(found, better)
    if wait and better:
        better.wait()
        if provider == "tensorrt" and better.failure:
            raise ProviderError(f"TensorRT: {better.failure}; use --provider cuda instead")
        model, better = better.take() or model, None
    return ModelSlot(
        model,
        timings,
        better=better,
        retry=None if wait else search.retry(model, timings, retry_seconds),
        reopen=_reopening(bundle, open_with),
        passed_over="; ".join(search.passed_over),
    )


def _proven_before(label: str, bundle: Bundle, options: InferenceOptions, missing: MissingReason) -> Candidate | None:
    """Return the candidate of this label; None if there is none, or if another one may be better today."""
    if options.provider != "cpu" and not missing("cuda"):
        return None
    faster = [_on_cpu(each) for each in PRECISIONS if each != "fp32" and options.precision in ("auto", each)]
    return next((each for each in faster if each.label == label and bundle.has(each.precision)), None)


def _reopening(bundle: Bundle, open_with: OpenCandidate) -> Callable[[Model], Model]:
    """Return a function that opens a model in place of one that failed."""
    return lambda failed: open_with(bundle, _in_place_of(failed))


def _in_place_of(failed: Model) -> Candidate:
    """Return what plays after a failure: on the CPU the same again, and the plain network for a device that failed."""
    same = [candidate for candidate in map(_on_cpu, PRECISIONS) if candidate.label == failed.label]
    return same[0] if same else PLAIN


def _on_cpu(precision: Precision) -> Candidate:
    return Candidate("cpu", precision)


# ----------------------------------------------------------------------------
# Proofs.


@dataclass(frozen=True)
class Proof:
    """Frames and step time of a model under test."""

    frames: Sequence[Pixels]
    seconds: float
    """Duration of a step, the shortest of some."""

    def distance(self, other: "Proof") -> float:
        """Return the mean absolute difference of all pixels, in levels of 0…255."""
        pairs = zip(self.frames, other.frames, strict=True)
        return float(np.mean([np.abs(one.astype(int) - two).mean() for one, two in pairs]))


def prove(
    model: Model,
    bundle: Bundle,
    *,
    before_step: Callable[[], None] = lambda: None,
    timings: Timings | None = None,
) -> Proof:
    """Let a warm model continue the film's end or, without a memory, see a picture. The model forgets it afterwards.

    Every proof of a bundle has the same noise and the same camera picture.

    Args:
        model: The model.
        bundle: Its bundle.
        before_step: Called before each step.
        timings: Its section "session" counts the steps; None counts nothing.
    """
    graph = model.graph
    random = np.random.default_rng(0)
    noise = random.standard_normal(graph.noise, np.float32)
    camera = random.integers(0, 256, (graph.height, graph.width, 3), np.uint8)
    if "context" in graph.inputs:
        model.begin(to_context(bundle.film.frames[-graph.context_frames :]))
    frames: list[Pixels] = []
    durations: list[float] = []
    end = time.perf_counter() + SECONDS
    while len(durations) < STEPS or (time.perf_counter() < end and len(durations) < 10 * STEPS):
        # The film alone leads the steps; a camera leads the last one that is compared.
        mix = float(len(durations) == STEPS - 1)
        before_step()
        began = time.perf_counter()
        frame = model.step(noise, 1.0, camera, mix, timings=timings)
        durations.append(time.perf_counter() - began)
        if len(frames) < STEPS:
            frames.append(frame)
    model.clear()
    return Proof(frames, min(durations))


# ----------------------------------------------------------------------------
# Candidates.


class _TooSlowError(UnusableError):
    """It works, but it is not worth it. In another moment it may be."""


@dataclass
class _Search:
    """Search for the best candidate, which keeps the reasons against the others."""

    bundle: Bundle
    options: InferenceOptions
    expected: Proof
    faster: float
    missing: MissingReason
    open_with: OpenCandidate
    passed_over: list[str] = field(default_factory=list)
    slow: list[Candidate] = field(default_factory=list)
    """Candidates that were too slow and nothing worse."""

    def best(self) -> Model | None:
        """Return the first candidate that proves itself; None if there is none but the plain network."""
        chosen = self.options.precision != "auto" or self.options.provider not in ("auto", "cpu")
        at_most = None if chosen else self.expected.seconds / self.faster
        broken: set[Provider] = set()
        for candidate in self._candidates():
            if candidate.provider in broken:
                continue
            try:
                return self._proved(candidate, at_most)
            except LibrariesError as error:
                self.passed_over.append(f"{PROVIDER_NAMES[candidate.provider]}: {error}")
                broken.add(candidate.provider)
            except UnusableError as error:
                self.passed_over.append(f"{candidate.label}: {error}")
                if isinstance(error, _TooSlowError):
                    self.slow.append(candidate)
        return None

    def retry(self, playing: Model, timings: Timings, seconds: tuple[float, float]) -> Retry | None:
        """Return a new proof of what was too slow on the CPU while the CPU plays; None if there is no such candidate.

        It is compared with the steps of the show itself, and a moment in which both are slowed down decides nothing.
        """
        slow = next((candidate for candidate in self.slow if candidate.provider == "cpu"), None)
        if slow is None or playing.device != "cpu":
            return None

        def load(gaps: StepGaps) -> BackgroundLoad:
            return BackgroundLoad(
                lambda: self._prove_again(slow, gaps, timings),
                name=slow.label,
                quiet=True,
                passed_over=lambda: "; ".join(
                    reason for reason in self.passed_over if not reason.startswith(f"{slow.label}: ")
                ),
            )

        return Retry(load, *seconds)

    def _prove_again(self, candidate: Candidate, gaps: StepGaps, timings: Timings) -> Model:
        """Return the candidate if it is fast enough beside the running show. Raises `UnusableError` if not."""
        gaps.wait()
        model = self.open_with(self.bundle, candidate)
        own = Timings()
        proof = prove(model, self.bundle, before_step=gaps.wait, timings=own)
        self._check(
            proof,
            seconds=own["session"].newest().min(),
            at_most=timings["session"].newest(RETRY_STEPS).min() / self.faster,
        )
        say(f"{model.label} takes over: it is faster than the proof at the start found")
        return model

    def tensorrt_load(self, playing: Model) -> BackgroundLoad | None:
        """Return a load of TensorRT; None if it is missing here.

        TensorRT must be faster than what is playing, unless it was asked for by name.
        """
        missing = self.missing("tensorrt")
        if missing:
            self.passed_over.append(f"TensorRT: {missing}")
            return None
        at_most = prove(playing, self.bundle).seconds if self.options.provider == "auto" else None
        return BackgroundLoad(lambda: self._load_tensorrt(at_most), name="TensorRT")

    def check(self, found: Model | None, better: BackgroundLoad | None) -> None:
        """Raise `ProviderError` if neither `found` nor `better` is what was asked for."""
        provider, precision = self.options.provider, self.options.precision
        if precision in ("fp16", "int8") and not self.bundle.has(precision):
            raise ProviderError(
                f"{self.bundle.name} holds no generator.{precision}.onnx; export it again, or leave out --precision"
            )
        reasons = "; ".join(self.passed_over) or f"{precision} is not for {provider}"
        if (provider == "cuda" and found is None) or (provider == "tensorrt" and better is None):
            raise ProviderError(
                f'{reasons}; pip install -e ".[gpu]" brings CUDA and cuDNN; or use --provider cpu instead'
            )
        if precision in ("fp16", "int8") and found is None:
            raise ProviderError(f"{reasons}; leave out --precision")

    def _candidates(self) -> Iterator[Candidate]:
        """Yield the candidates that are wanted and may work, best first."""
        provider = self.options.provider
        if provider != "cpu":
            missing = self.missing("cuda")
            if missing:
                self.passed_over.append(f"CUDA: {missing}")
            else:
                for precision in self._held("fp16", "fp32"):
                    yield from (Candidate("cuda", precision, captured) for captured in (True, False))
        if provider in ("auto", "cpu"):
            # Half floats are slower than whole ones on a CPU, so they are taken only if they were asked for.
            held = self._held("fp16") if self.options.precision == "fp16" else self._held("int8")
            yield from (Candidate("cpu", precision) for precision in held)

    def _held(self, *precisions: Precision) -> list[Precision]:
        """Return those precisions that the bundle holds and the options allow."""
        return [each for each in precisions if self.bundle.has(each) and self.options.precision in ("auto", each)]

    def _proved(self, candidate: Candidate, at_most: float | None) -> Model:
        """Open a candidate that shows what is expected, in at most so many seconds a step if that is given.

        Raises `UnusableError` with the reason if it does not.
        """
        try:
            model = self.open_with(self.bundle, candidate)
            proof = prove(model, self.bundle)
        except UnusableError:
            raise
        # For any reason, as in open_model: the plain network can still play.
        except Exception as error:
            raise UnusableError(first_line(error)) from error
        self._check(proof, proof.seconds, at_most)
        return model

    def _check(self, proof: Proof, seconds: float, at_most: float | None) -> None:
        """Raise `UnusableError` if a proof shows other pictures than expected, or a step takes more than `at_most`."""
        distance = proof.distance(self.expected)
        # Written this way so that NaN is rejected, too.
        if not distance <= FARTHEST:
            raise UnusableError(f"its pictures are {distance:.1f} of 255 levels away from those of the CPU")
        if at_most is not None and seconds > at_most:
            took, limit = 1000 * seconds, 1000 * at_most
            raise _TooSlowError(f"a step takes {took:.1f} ms; it must take at most {limit:.1f} ms to be used")

    def _load_tensorrt(self, at_most: float | None) -> Model:
        """Open TensorRT in the first precision that proves itself. Raises `UnusableError`."""
        say("TensorRT is being prepared; the first time with a network takes minutes, and CUDA plays meanwhile")
        began = time.perf_counter()
        reasons = []
        for precision in self._held("fp16", "fp32"):
            try:
                model = self._proved(Candidate("tensorrt", precision), at_most)
            except UnusableError as error:
                reasons.append(f"{precision}: {error}")
                continue
            say(f"{model.label} takes over, after {time.perf_counter() - began:.0f} s")
            return model
        raise UnusableError("; ".join(reasons))
