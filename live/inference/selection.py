"""Choose the provider and the precision that run the network: the best that proves itself on this machine.

The plain network on the CPU always works, and every other candidate is compared with it before it is used: in a few
steps from the film's end it must show the same pictures in less time. A GPU whose libraries are there but do not work,
or a CPU that is slow at 8-bit integers, is therefore found out before the show and not in it.
"""

from collections.abc import Callable
from contextlib import suppress
from typing import get_args

from live.bundle.bundle import Bundle, Precision
from live.console import first_line
from live.errors import BundleError, ProviderError
from live.inference.model import Model
from live.inference.model_slot import FIRST_RETRY_SECONDS, RETRY_SECONDS, ModelSlot
from live.inference.options import InferenceOptions
from live.inference.proof import prove
from live.inference.search import MissingReason, OpenCandidate, Search
from live.inference.sessions import PLAIN, PROVIDER_NAMES, TRIED, Candidate, missing_reason, open_candidate
from live.timings import Timings

# A candidate must be so many times as fast as the plain network: less is not worth any difference.
FASTER = 1.3
PRECISIONS: tuple[Precision, ...] = get_args(Precision)


def open_model(
    bundle: Bundle,
    options: InferenceOptions,
    timings: Timings,
    *,
    wait: bool = False,
    faster: float = FASTER,
    retry_seconds: tuple[float, float] = (FIRST_RETRY_SECONDS, RETRY_SECONDS),
    proven: str = "",
    in_gap: Callable[[], None] = lambda: None,
    missing: MissingReason = missing_reason,
    open_with: OpenCandidate = open_candidate,
) -> ModelSlot:
    """Open the bundle's network where it runs best, and warm it up.

    The fastest is taken where the options leave a choice. What they ask for need not be fast. Where TensorRT works, it
    is prepared in the background while CUDA plays; plug-ins and CoreML are while the CPU plays.

    Args:
        bundle: The network.
        options: What the user asked for.
        timings: Timings of the show. Proofs are not counted there.
        wait: Return only when the background load is over, so that one model plays from the first step on.
        faster: How many times as fast as the plain network a candidate must be that nobody asked for.
        retry_seconds: Time until what was too slow is proven again, and from then on between two proofs.
        proven: Label of the model that the process before played, if the show was started again. On a machine without
            a GPU it is opened without a new proof: the wall waits.
        in_gap: Called before each step of a proof, and before a session is opened or closed, which holds the
            interpreter: another model may be playing.
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
    in_gap()
    try:
        plain = open_with(bundle, PLAIN)
    # ONNX Runtime's exceptions have no common parent of their own.
    except Exception as error:
        raise BundleError(f"ONNX Runtime cannot run the network of {bundle.name} ({first_line(error)})") from error
    provider, precision = options.provider, options.precision
    if provider == "cpu" and (precision == "fp32" or (precision == "auto" and not bundle.has("int8"))):
        return ModelSlot(plain, timings, reopen=_reopening(bundle, open_with))
    expected = prove(plain, bundle, in_gap=in_gap)
    search = Search(bundle, options, expected, faster, missing, open_with, in_gap)
    found = search.best()
    model = found or plain
    in_gap()
    del plain
    if model.device == "cuda":
        better = search.tensorrt_load(model) if provider in ("auto", "tensorrt") else None
    else:
        better = search.tried_load(model) if provider == "auto" or provider in TRIED else None
    search.check(found, better)
    if wait and better:
        better.wait()
        if provider != "auto" and better.failure:
            other = "cuda" if provider == "tensorrt" else "cpu"
            raise ProviderError(f"{PROVIDER_NAMES[provider]}: {better.failure}; use --provider {other} instead")
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
