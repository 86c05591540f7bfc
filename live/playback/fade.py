"""Fade from one picture into the frames that follow."""

import numpy as np

from live.frame import Pixels


class Fade:
    """Fades one picture into the following ones over `frames` frames."""

    def __init__(self, frames: int) -> None:
        self._frames = frames
        self._from: Pixels | None = None
        self._done = 0

    @property
    def running(self) -> bool:
        """True while a fade is under way."""
        return self._from is not None

    def begin(self, pixels: Pixels) -> None:
        """Begin to fade out `pixels`, uint8 [height, width, 3]."""
        self._from, self._done = pixels, 0

    def end(self) -> None:
        """End the fade at once."""
        self._from = None

    def over(self, pixels: Pixels) -> Pixels:
        """Return the picture to show in place of the next frame's `pixels`: these themselves once the fade is over."""
        if self._from is None:
            return pixels
        self._done += 1
        share = self._done / (self._frames + 1)
        if share >= 1:
            self.end()
            return pixels
        mixed = np.float32(share) * pixels + np.float32(1 - share) * self._from
        return mixed.round().astype(np.uint8)
