"""All effects together: nothing where there are none, and what goes round."""

import numpy as np

from live.effects.effects import Effects
from live.effects.picture_feedback import PictureFeedback
from live.effects.transform import Transform
from live.frame import Frame
from live.timings import Timings

PICTURES = np.random.default_rng(1).integers(0, 256, (4, 36, 64, 3), np.uint8)
FRAMES = [Frame(pixels, index, index / 24, 4.0) for index, pixels in enumerate(PICTURES)]


def test_without_effects_the_very_frame_is_returned() -> None:
    timings = Timings()
    effects = Effects(24.0, timings)
    assert all(effects.apply(frame) is frame for frame in FRAMES)
    assert timings.summary() == {}


def test_a_changed_frame_keeps_its_place_and_times_and_is_counted() -> None:
    timings = Timings()
    effects = Effects(24.0, timings)
    effects.grading.gain = 0.5
    for frame in FRAMES:
        shown = effects.apply(frame)
        assert (shown.index, shown.seconds_after_end) == (frame.index, frame.seconds_after_end)
        assert (shown.captured_at, shown.cut) == (4.0, False)
    assert timings["effects"].count == len(FRAMES)


def test_grading_and_mirrors_are_not_fed_back() -> None:
    effects = Effects(24.0, Timings())
    effects.feedback.transform = Transform(rotation=90.0)
    effects.grading.gain = 0.5
    effects.mirrors.picture_mirror = "left"
    alone = PictureFeedback(24.0, Transform(rotation=90.0))
    for frame in FRAMES:
        fed_back = alone.apply(frame.pixels)
        graded = effects.mirrors.apply(effects.grading.apply(fed_back))
        np.testing.assert_array_equal(effects.apply(frame).pixels, graded)


def test_a_cut_begins_the_feedback_anew() -> None:
    effects = Effects(24.0, Timings())
    effects.feedback.trail = 0.9
    for frame in FRAMES:
        effects.apply(frame)
    cut = Frame(PICTURES[0], 9, 0.0, cut=True)
    assert effects.apply(cut) is cut
