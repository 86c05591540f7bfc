"""A fade: the last picture before it, giving way to what comes after."""

import numpy as np

from live.frame import Pixels


class Fade:
    """Lets one picture give way to the following ones over `frames` frames."""

    def __init__(self, frames: int) -> None:
        self._frames = frames
        self._from: Pixels | None = None
        self._done = 0

    @property
    def running(self) -> bool:
        """Whether something gives way."""
        return self._from is not None

    def begin(self, pixels: Pixels) -> None:
        """`pixels`, uint8 [height, width, 3], are what gives way from now on."""
        self._from, self._done = pixels, 0

    def end(self) -> None:
        """Nothing gives way any more."""
        self._from = None

    def over(self, pixels: Pixels) -> Pixels:
        """What is to be shown in place of the next frame's `pixels`: these themselves when the fade is over."""
        if self._from is None:
            return pixels
        self._done += 1
        share = self._done / (self._frames + 1)
        if share >= 1:
            self.end()
            return pixels
        mixed = np.float32(share) * pixels + np.float32(1 - share) * self._from
        return mixed.round().astype(np.uint8)
