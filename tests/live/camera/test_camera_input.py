from fractions import Fraction

import numpy as np
import pytest

from live.camera.camera_input import NO_CAMERA, CameraFollower
from live.camera.source import CapturedFrame

FOLLOWING = frozenset({"context", "camera", "camera_mix"})
PIXELS = np.zeros((4, 6, 3), np.uint8)


class ScriptedSource:
    """A source that is silent at some frames."""

    def __init__(self, *silent: int) -> None:
        self.name = "A Camera"
        self.mirror = False
        self.trouble = ""
        self.asked: list[int] = []
        self._silent = silent

    def picture(self, index: int) -> CapturedFrame | None:
        self.asked.append(index)
        self.trouble = "hangs" if index in self._silent else ""
        return None if self.trouble else CapturedFrame(PIXELS, index / 10)

    def close(self) -> None:
        self.trouble = "closed"


def make(source: ScriptedSource | None, mode="camera", mix: float = 0.8, inputs=FOLLOWING) -> CameraFollower:
    live = CameraFollower(source, mode=mode, frame_rate=Fraction(10), inputs=inputs)
    live.camera_mix = mix
    return live


def test_a_source_leads_from_the_first_frame_on() -> None:
    live = make(ScriptedSource())
    looks = [live.look(index) for index in range(3)]
    assert [(look.pixels is PIXELS, look.mix, look.captured_at) for look in looks] == [
        (True, 0.8, 0.0),
        (True, 0.8, 0.1),
        (True, 0.8, 0.2),
    ]


@pytest.mark.parametrize(("mode", "mix"), [("film", 1.0), ("camera", 0.0)])
def test_nothing_is_followed_but_the_source_runs_on(mode, mix) -> None:
    source = ScriptedSource()
    live = make(source, mode, mix)
    looks = [live.look(index) for index in range(3)]
    # The feedback may still want the picture.
    assert [(look.pixels is PIXELS, look.mix, look.captured_at) for look in looks] == [(True, 0.0, None)] * 3
    assert source.asked == [0, 1, 2]


def test_without_a_source_it_is_the_film_alone() -> None:
    live = make(None)
    assert live.look(0) is NO_CAMERA
    assert live.status == ""
    live.mirror = True
    assert not live.mirror
    live.close()


def test_mode_mix_and_mirror_can_be_changed_between_two_frames() -> None:
    source = ScriptedSource()
    live = make(source, "film")
    assert live.look(0).mix == 0
    live.mode = "camera"
    assert live.look(1).mix == 0.8
    live.camera_mix = 0.3
    assert live.look(2).mix == pytest.approx(0.3)
    live.mirror = True
    assert source.mirror


def test_in_silence_the_film_goes_on_and_then_the_camera_comes_back_softly() -> None:
    live = make(ScriptedSource(3, 4))
    mixes = []
    for index in range(20):
        look = live.look(index)
        mixes.append(round(look.mix, 6))
        if index in (3, 4):
            assert look is NO_CAMERA
            assert live.status == "A Camera hangs: the film goes on"
    assert mixes == [0.8] * 3 + [0, 0] + [round(0.08 * step, 6) for step in range(1, 10)] + [0.8] * 6


def test_a_model_without_memory_keeps_to_the_last_picture() -> None:
    live = make(ScriptedSource(1), "film", inputs={"camera", "camera_mix"})
    assert live.look(0).pixels is PIXELS
    look = live.look(1)
    assert (look.pixels, look.mix, look.captured_at) == (None, 0.8, None)
    assert live.status == "A Camera hangs: its last picture stays"
    assert live.look(2).mix == 0.8


def test_the_hud_is_told() -> None:
    live = make(ScriptedSource())
    assert live.status == "A Camera, mix 0.80"
    live.mode = "film"
    assert live.status == "A Camera, not followed"
    assert make(ScriptedSource(), "camera", inputs={"camera"}).status == "A Camera"


def test_a_model_that_cannot_follow_stays_with_the_film_and_says_why() -> None:
    live = make(ScriptedSource(), "film", inputs={"context"})
    for wanted in (None, True, False):
        live.follow(wanted)
        assert live.mode == "film"
    assert live.look(0).mix == 0
    assert live.look(1).pixels is PIXELS
    assert live.status == "A Camera, which this model was not trained to follow"


def test_closing_closes_the_source() -> None:
    source = ScriptedSource()
    make(source).close()
    assert source.trouble == "closed"


def test_hands_go_back_and_forth() -> None:
    live = make(ScriptedSource(), mode="film")
    for wanted, mode in ((None, "camera"), (None, "film"), (True, "camera"), (True, "camera"), (False, "film")):
        live.follow(wanted)
        assert live.mode == mode
    for wanted, mirrored in ((None, True), (None, False), (True, True), (True, True), (False, False)):
        live.reflect(wanted)
        assert live.mirror is mirrored
    alone = make(None, mode="film")
    alone.follow()
    assert alone.mode == "film"
