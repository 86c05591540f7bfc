"""Frame of the show, as it travels from the generator to the window and the sinks."""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Pixels: TypeAlias = NDArray[np.uint8]
"""One picture: uint8 [height, width, 3], RGB, contiguous. Receivers never write into it."""


@dataclass(frozen=True, slots=True, eq=False)
class Sound:
    """Sound of a film's last seconds."""

    samples: NDArray[np.int16]
    """int16 [n, 2], stereo, 48,000 a second."""
    ends: float
    """Seconds after the beginning of the last film frame at which it ends: the length of a frame."""


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One picture of the show.

    Raises:
        ValueError: `pixels` have another type or shape than stated.
    """

    pixels: Pixels
    """uint8 [height, width, 3], RGB."""
    index: int
    """0 for the first frame of the show; each frame adds one."""
    seconds_after_end: float
    """Film time since the last film frame (which is at 0.0): negative in the film, positive in the continuation."""
    captured_at: float | None = None
    """Time at which the camera frame that it follows was captured, in seconds of `time.perf_counter`; None if it
    follows none."""
    cut: bool = False
    """True if it does not continue the frame before: at a cut in the tail, and after a reseed."""
    sound: Sound | None = None
    """Sound of the film to which it belongs, whose place is `seconds_after_end`; None in the continuation, and if the
    film has none."""

    def __post_init__(self) -> None:
        if self.pixels.dtype != np.uint8 or self.pixels.ndim != 3 or self.pixels.shape[2] != 3:
            raise ValueError(f"a frame is uint8 [height, width, 3], not {self.pixels.dtype} {list(self.pixels.shape)}")
