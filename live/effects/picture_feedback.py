"""Video feedback of the shown picture, as from a camera that films its own screen."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from live.controls.entries.feedback import BLENDS
from live.controls.table import DEFAULTS
from live.effects.transform import REST, Transform
from live.frame import Pixels

REFERENCE_RATE = 24.0
"""Frames a second at which shares of a picture are meant as they are given."""
MOVED_SHARE = 0.9
"""Share of the last picture that stays, at a trail of 0, while it is moved, recoloured or blended."""
DAMPING = 0.1
"""Share of the last picture that stays in a difference. Without it, a change would flash for seconds."""
FINE = 257
"""Levels of the buffer for one of a picture. Without them a trail would stop fading some levels too early."""
MID_GREY = 255 * FINE / 2
"""In levels of the buffer."""


@dataclass
class PictureFeedback:
    """Feedback buffer of the picture's own size: shown = blend(dream, transform(last shown)).

    At a cut the buffer begins anew with the picture itself.
    """

    frame_rate: float
    """Pictures for one second of the show."""
    transform: Transform = REST
    """Change of the last picture."""
    trail: float = DEFAULTS["trail"]
    """−1 nothing of the last picture stays … 1 all of it."""
    blend: str = BLENDS[int(DEFAULTS["feedback_blend"])]
    """One of `BLENDS`."""
    _last: NDArray[np.uint16] | Pixels | None = field(default=None, init=False)

    @property
    def kept(self) -> float:
        """Share of the last picture that stays in the next one, 0…1."""
        works = self.transform.moves or self.transform.recolours or self.blend != "over"
        least = MOVED_SHARE if works else 0.0
        share = least * (1 + self.trail) if self.trail < 0 else least + (1 - least) * self.trail
        return float(share ** (REFERENCE_RATE / self.frame_rate))

    def apply(self, pixels: Pixels, *, cut: bool = False) -> Pixels:
        """Return the picture to show in place of `pixels`, uint8 [height, width, 3]: these themselves without feedback.

        Args:
            pixels: The next picture of the dream.
            cut: True if it does not continue the one before.
        """
        kept = self.kept
        if not kept or cut or self._last is None:
            self._last = pixels
            return pixels
        # Imported here because OpenCV takes a while to load, and not every show has effects.
        import cv2

        dream, last = _fine(pixels), self._changed(pixels)
        if self.blend == "over":
            shown = cv2.addWeighted(last, kept, dream, 1 - kept, 0)
        elif self.blend == "lighten":
            shown = cv2.addWeighted(cv2.max(dream, last), kept, dream, 1 - kept, 0)
        else:
            # A sum below 0 becomes 0, so that the greater one of the two is the difference. Where nothing changes, it
            # is the dream itself.
            above = cv2.addWeighted(dream, 1 + kept, last, -kept, 0)
            below = cv2.addWeighted(dream, -1 - kept, last, kept, 0)
            shown = cv2.addWeighted(cv2.max(above, below), 1 - DAMPING, last, DAMPING, 0)
        self._last = np.asarray(shown, np.uint16)
        return np.asarray(cv2.convertScaleAbs(shown, alpha=1 / FINE), np.uint8)

    def _changed(self, pixels: Pixels) -> NDArray[np.uint16]:
        """Return the last picture, moved and recoloured. What comes in from outside of it is `pixels`."""
        import cv2

        assert self._last is not None
        transform, last = self.transform, _fine(self._last)
        if transform.moves:
            height, width = last.shape[:2]
            matrix = transform.motion_matrix(self.frame_rate, (height, width))
            last = np.asarray(
                cv2.warpAffine(
                    last,
                    matrix,
                    (width, height),
                    dst=_fine(pixels),
                    flags=cv2.INTER_LINEAR,
                    borderMode=cv2.BORDER_TRANSPARENT,
                ),
                np.uint16,
            )
        if transform.recolours:
            matrix = transform.colour_matrix(self.frame_rate)
            offset = MID_GREY - matrix.sum(1) * MID_GREY
            last = np.asarray(cv2.transform(last, np.column_stack([matrix, offset])), np.uint16)
        return last


def _fine(pixels: Pixels | NDArray[np.uint16]) -> NDArray[np.uint16]:
    """Return a picture in levels of 1/257, so that small changes add up: the very buffer if it has them already."""
    if pixels.dtype == np.uint16:
        return np.asarray(pixels, np.uint16)
    return np.multiply(pixels, FINE, dtype=np.uint16)
