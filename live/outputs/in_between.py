"""In-between pictures: what an output shows that takes more pictures a second than the show makes."""

from collections.abc import Iterator
from fractions import Fraction

import numpy as np

from live.frame import Frame, Pixels


def continues(before: Frame | None, frame: Frame) -> bool:
    """Return True if a frame continues the one before, so that a picture between the two makes sense."""
    # Dropped frames may have held a cut.
    return before is not None and frame.index == before.index + 1 and not frame.cut


def blended(before: Pixels, after: Pixels, share: float) -> Pixels:
    """Return a picture between two of the same size; `share`, 0…1, is that of the later one."""
    # Not every show needs it.
    import cv2

    return np.asarray(cv2.addWeighted(before, 1 - share, after, share, 0.0), np.uint8)


class Fading:
    """The newest picture of a show at any time: it fades in until the next one is due.

    The picture is therefore one frame behind. A frame that does not continue the one before is visible at once.
    """

    def __init__(self) -> None:
        self._before: Frame | None = None
        self._newest: Frame | None = None
        self._began = 0.0
        self._rate = 0.0

    def start(self, frame: Frame, came_at: float, rate: float) -> None:
        """Start the fade to a newer frame.

        Args:
            frame: The frame.
            came_at: Time at which it came, on a clock in seconds.
            rate: Frames a second of the show.
        """
        self._before = self._newest if continues(self._newest, frame) else None
        self._newest, self._began, self._rate = frame, came_at, rate

    def is_over(self, now: float) -> bool:
        """Return True if the newest frame is wholly visible at a time of the clock."""
        return self._before is None or self._share(now) >= 1

    def picture(self, now: float) -> Pixels | None:
        """Return the picture at a time of the clock; None before the first frame."""
        if self._newest is None:
            return None
        if self._before is None or self.is_over(now):
            return self._newest.pixels
        return blended(self._before.pixels, self._newest.pixels, self._share(now))

    def _share(self, now: float) -> float:
        return max(0.0, (now - self._began) * self._rate)


class Resampling:
    """The frames of a show at another rate, by their places in the show and not by the time at which they come.

    At a higher rate, the pictures between two frames are cross-faded; a cut stays one. At a lower rate, frames are
    left out.

    Args:
        frame_rate: Frames a second of the show.
        rate: Pictures a second that are wanted.
    """

    def __init__(self, frame_rate: Fraction, rate: Fraction) -> None:
        self._ratio = rate / frame_rate
        self._first: int | None = None
        self._before: Frame | None = None
        self._number = 0  # of the next picture

    def take(self, frame: Frame) -> Iterator[tuple[Pixels, int]]:
        """Take the next frame, and yield each picture, and its number, that is certain now."""
        if self._first is None:
            self._first = frame.index
        if self._ratio <= 1:
            number = int((frame.index - self._first) * self._ratio)
            if number >= self._number:
                self._number = number + 1
                yield frame.pixels, number
            return
        yield from self._between(frame.index, frame if continues(self._before, frame) else None)
        self._before = frame

    def finish(self) -> Iterator[tuple[Pixels, int]]:
        """Yield the pictures of the last frame."""
        if self._before:
            yield from self._between(self._before.index + 1, None)

    def _between(self, end: int, after: Frame | None) -> Iterator[tuple[Pixels, int]]:
        """Yield the pictures from the frame before until that of index `end`, which is `after` if it continues."""
        before, first = self._before, self._first
        if before is None or first is None:
            return
        while self._number < (end - first) * self._ratio:
            share = float(self._number / self._ratio - (before.index - first))
            mixed = blended(before.pixels, after.pixels, share) if after and share > 0 else before.pixels
            yield mixed, self._number
            self._number += 1
