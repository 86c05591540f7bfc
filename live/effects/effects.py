"""Everything that is done to a picture between the timeline and window, virtual camera, recordings and snapshots."""

import time
from dataclasses import replace

from live.effects.grading import Grading
from live.effects.lookup_table import LookupTable
from live.effects.mirrors import Mirrors
from live.effects.picture_feedback import PictureFeedback
from live.frame import Frame
from live.timings import Timings


class Effects:
    """Video feedback, then grading, then mirrors. Only the feedback goes round: the others change what is seen of it.

    Args:
        frame_rate: Frames for one second of the show.
        timings: Timings of the show; the section "effects" is counted there for each frame that was changed.
        table: Look-up table of the grading; None for none.
    """

    def __init__(self, frame_rate: float, timings: Timings, table: LookupTable | None = None) -> None:
        self._timings = timings
        self.feedback = PictureFeedback(frame_rate)
        self.grading = Grading(table)
        self.mirrors = Mirrors()

    def apply(self, frame: Frame) -> Frame:
        """Return the frame to show in place of the timeline's: the very same one if nothing changes it."""
        began = time.perf_counter()
        pixels = self.feedback.apply(frame.pixels, cut=frame.cut)
        pixels = self.mirrors.apply(self.grading.apply(pixels))
        if pixels is frame.pixels:
            return frame
        self._timings["effects"].add(time.perf_counter() - began)
        return replace(frame, pixels=pixels)

    def warm_up(self) -> None:
        """Load the library that the first effect would otherwise wait for."""
        import cv2  # noqa: F401
