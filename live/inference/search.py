"""Search for the candidate that runs a network best."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from live.bundle.bundle import Bundle, Precision
from live.console import first_line, say
from live.errors import ProviderError, UnusableError
from live.inference.model import Model
from live.inference.model_slot import BackgroundLoad, Retry, StepGaps
from live.inference.options import InferenceOptions
from live.inference.proof import Proof, prove
from live.inference.sessions import PROVIDER_NAMES, TRIED, Candidate, LibrariesError, Provider, TriedProvider
from live.inference.trial.provider_trial import sound_precision
from live.timings import Timings

# Levels of 0…255, the mean over all steps and pixels: rounding stays well below, a broken provider is far beyond.
FARTHEST = 8.0
# Newest steps of a show with which a new proof is compared.
RETRY_STEPS = 24

OpenCandidate = Callable[[Bundle, Candidate], Model]
MissingReason = Callable[[Provider], str]


class _TooSlowError(UnusableError):
    """It works, but it is not worth it. In another moment it may be."""


@dataclass
class Search:
    """Search for the best candidate, which keeps the reasons against the others."""

    bundle: Bundle
    options: InferenceOptions
    expected: Proof
    faster: float
    missing: MissingReason
    open_with: OpenCandidate
    in_gap: Callable[[], None]
    """Called before each step of the first proofs, and before a session of theirs is opened."""
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

        def load(gaps: StepGaps) -> BackgroundLoad[Model]:
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
        proof = prove(model, self.bundle, in_gap=gaps.wait, timings=own)
        self._check(
            proof,
            seconds=own["session"].newest().min(),
            at_most=timings["session"].newest(RETRY_STEPS).min() / self.faster,
        )
        say(f"{model.label} takes over: it is faster than the proof at the start found")
        return model

    def tensorrt_load(self, playing: Model) -> BackgroundLoad[Model] | None:
        """Return a load of TensorRT; None if it is missing here.

        TensorRT must be faster than what is playing, unless it was asked for by name.
        """
        missing = self.missing("tensorrt")
        if missing:
            self.passed_over.append(f"TensorRT: {missing}")
            return None
        at_most = prove(playing, self.bundle).seconds if self.options.provider == "auto" else None
        return BackgroundLoad(lambda: self._load_tensorrt(at_most), name="TensorRT")

    def tried_load(self, playing: Model) -> BackgroundLoad[Model] | None:
        """Return a load of a plug-in or of CoreML; None if there is none here.

        It must be faster than what is playing, unless it was asked for by name.
        """
        asked = next((each for each in TRIED if each == self.options.provider), None)
        here = [each for each in TRIED if asked in (None, each) and not self.missing(each)]
        if not here:
            if asked:
                self.passed_over.append(f"{PROVIDER_NAMES[asked]}: {self.missing(asked)}")
            return None
        at_most = None if asked else prove(playing, self.bundle).seconds / self.faster
        name = ", ".join(PROVIDER_NAMES[each] for each in here)
        return BackgroundLoad(lambda: self._load_tried(here, at_most), name=name)

    def check(self, found: Model | None, better: BackgroundLoad[Model] | None) -> None:
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
        if provider in TRIED and better is None:
            raise ProviderError(f"{reasons}; docs/performance.md says what to install; or use --provider cpu instead")
        if precision in ("fp16", "int8") and found is None and better is None:
            raise ProviderError(f"{reasons}; leave out --precision")

    def _candidates(self) -> Iterator[Candidate]:
        """Yield the candidates that are wanted and may work, best first."""
        provider = self.options.provider
        if provider in ("auto", "cuda", "tensorrt"):
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
            self.in_gap()
            model = self.open_with(self.bundle, candidate)
            proof = prove(model, self.bundle, in_gap=self.in_gap)
        except UnusableError:
            raise
        # For any reason, as in open_model: the plain network can still play.
        except Exception as error:
            raise UnusableError(first_line(error)) from error
        self._check(proof, proof.seconds, at_most)
        return model

    def _check(self, proof: Proof, seconds: float, at_most: float | None) -> None:
        """Raise `UnusableError` if a proof shows other pictures than expected, or a step takes more than `at_most`."""
        self._check_pictures(proof)
        if at_most is not None and seconds > at_most:
            took, limit = 1000 * seconds, 1000 * at_most
            raise _TooSlowError(f"a step takes {took:.1f} ms; it must take at most {limit:.1f} ms to be used")

    def _check_pictures(self, proof: Proof) -> None:
        """Raise `UnusableError` if a proof shows other pictures than expected."""
        distance = proof.distance(self.expected)
        # Written this way so that NaN is rejected, too.
        if not distance <= FARTHEST:
            raise UnusableError(f"its pictures are {distance:.1f} of 255 levels away from those of the CPU")

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

    def _load_tried(self, providers: Sequence[TriedProvider], at_most: float | None) -> Model:
        """Open the first of these providers that proves itself, in a process before it. Raises `UnusableError`."""
        reasons = []
        for provider in providers:
            try:
                precision = sound_precision(self.bundle, provider, self._held(*TRIED[provider]), self._check_pictures)
                model = self._proved(Candidate(provider, precision), at_most)
            except UnusableError as error:
                reasons.append(str(error) if len(providers) == 1 else f"{PROVIDER_NAMES[provider]}: {error}")
                continue
            say(f"{model.label} takes over")
            return model
        raise UnusableError("; ".join(reasons))
