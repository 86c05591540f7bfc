"""What the captures of other programs' pictures share."""

import time
from collections.abc import Callable
from typing import TypeVar

from cv2.typing import MatLike

from live.frame import Pixels

# A source of the network may need seconds until it is found.
FINDING_SECONDS = 5.0
# A program that shows nothing new does not let the process seem to hang.
WAITING_SECONDS = 0.5
LOOKING_SECONDS = 1 / 200

T = TypeVar("T")


class ProgramCapture:
    """A `Capture` that asks for a new picture until there is one.

    Args:
        read: Returns the newest picture, uint8 [height, width, 3] BGR, if it was not returned before; otherwise None.
        keep: Objects that must live as long as the capture.
    """

    def __init__(self, read: Callable[[], Pixels | None], *keep: object) -> None:
        self._read = read
        self._kept = keep

    def read(self) -> tuple[bool, MatLike | None]:
        """Wait for the next picture, and return (True, it); or (True, None) if none comes soon."""
        return True, waited_for(self._read, WAITING_SECONDS)

    def set(self, property: int, value: float, /) -> bool:
        """Return False: there are no properties."""
        return False


def found(name: str, look: Callable[[], T | None]) -> T:
    """Return what `look` finds within some seconds.

    Raises:
        FileNotFoundError: It finds nothing.
    """
    thing = waited_for(look, FINDING_SECONDS)
    if thing is None:
        raise FileNotFoundError(name)
    return thing


def wanted_name(device_name: str) -> str:
    """Return the part of a source's name that was asked for, in lower case; empty for any."""
    return device_name.partition(":")[2].strip().lower()


def waited_for(look: Callable[[], T | None], seconds: float) -> T | None:
    """Return what `look` returns as soon as that is something; None if it is nothing for so many seconds."""
    end = time.perf_counter() + seconds
    while (thing := look()) is None and time.perf_counter() < end:
        time.sleep(LOOKING_SECONDS)
    return thing
