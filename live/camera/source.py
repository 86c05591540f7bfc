"""Interface of everything live that the film can follow."""

from dataclasses import dataclass
from typing import Protocol

from live.frame import Pixels

FRESH_SECONDS = 1.0
"""A source is silent if its newest frame is older than this."""


@dataclass(frozen=True, slots=True, eq=False)
class CapturedFrame:
    """One picture of a live source, in the bundle's size."""

    pixels: Pixels
    """uint8 [height, width, 3], RGB."""
    captured_at: float
    """Time at which the driver delivered it (or it was read from its file), in seconds of `time.perf_counter`."""


class Source(Protocol):
    """Live source of frames. Its methods never wait for long, and never wait repeatedly."""

    name: str
    """Name in the HUD."""
    mirror: bool
    """True if left and right are exchanged; may be changed between two frames."""

    def read(self, index: int) -> CapturedFrame | None:
        """Return the source's frame for frame `index` of the show; None if there is no fresh one.

        `index` never decreases from one call to the next.
        """
        ...

    @property
    def trouble(self) -> str:
        """Reason for the silence ("is not plugged in"); empty if the source is not silent."""
        ...

    def rest(self, wanted: bool) -> None:
        """Release the device for a while, or open it again. Nothing is read meanwhile."""
        ...

    def close(self) -> None:
        """Release the source."""
        ...
