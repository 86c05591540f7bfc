"""The frame rule: what travels from the generator to the window and the sinks."""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Pixels: TypeAlias = NDArray[np.uint8]
"""One picture: uint8 [height, width, 3], RGB, contiguous. Whoever receives one never writes into it."""


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One picture of the show.

    Raises `ValueError` if the pixels are not what the rule says.
    """

    pixels: Pixels
    """uint8 [height, width, 3], RGB."""
    index: int
    """0 for the first picture of the show; the next one is always one more."""
    seconds_after_end: float
    """Film time since the last film frame (which is at 0.0): negative in the film, positive in the continuation."""
    made_at: float
    """When it was made, in seconds of `time.perf_counter`."""
    captured_at: float | None = None
    """When the camera picture that it follows was captured, on the same clock; None if it follows none."""
    cut: bool = False
    """True if it does not go on from the frame before: at a cut in the tail, and after a reseed."""

    def __post_init__(self) -> None:
        if self.pixels.dtype != np.uint8 or self.pixels.ndim != 3 or self.pixels.shape[2] != 3:
            raise ValueError(f"a frame is uint8 [height, width, 3], not {self.pixels.dtype} {list(self.pixels.shape)}")
