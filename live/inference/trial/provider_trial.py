"""Trial of a provider in a process of its own: drivers may crash or hang there, and not in the process of the show."""

from collections.abc import Callable, Sequence

from live.bundle.bundle import Bundle, Precision
from live.console import first_line
from live.errors import UnusableError
from live.inference.proof import Proof, prove
from live.inference.sessions import Candidate, TriedProvider, open_candidate
from live.process.bounded import NoAnswerError, in_process

# Some compile the network for half a minute, on a busy machine.
SECONDS = 180.0


def sound_precision(
    bundle: Bundle,
    provider: TriedProvider,
    precisions: Sequence[Precision],
    check: Callable[[Proof], None],
    seconds: float = SECONDS,
) -> Precision:
    """Return the first precision in which a provider can play a bundle.

    Args:
        bundle: The bundle.
        provider: The provider.
        precisions: Precisions to try, best first.
        check: Raises `UnusableError` if a proof is not good.
        seconds: Time for each of them.

    Raises:
        UnusableError: There is none.
    """
    reasons = []
    for precision in precisions:
        try:
            check(in_process(_prove, bundle, Candidate(provider, precision), seconds=seconds))
        except NoAnswerError as error:
            # A driver that crashes or hangs is not asked again.
            raise UnusableError(f"{precision}: {error}") from error
        # For any reason: what plays now goes on.
        except Exception as error:
            reasons.append(f"{precision}: {first_line(error)}")
        else:
            return precision
    raise UnusableError("; ".join(dict.fromkeys(reasons)) or "the model has no network for it in this precision")


def _prove(bundle: Bundle, candidate: Candidate) -> Proof:
    return prove(open_candidate(bundle, candidate), bundle)
