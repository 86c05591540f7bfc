from collections.abc import Collection
from fractions import Fraction

import numpy as np
import pytest

from live.camera.camera_input import NO_CAMERA, CameraFollower
from live.camera.options import Mode
from live.camera.source import CapturedFrame

ALL_INPUTS = frozenset({"context", "camera", "camera_mix"})
PIXELS = np.zeros((4, 6, 3), np.uint8)


class ScriptedSource:
    """A `Source` that is silent at some frames."""

    def __init__(self, *silent: int) -> None:
        self.name = "A Camera"
        self.mirror = False
        self.resting = False
        self.trouble = ""
        self.asked: list[int] = []
        self._silent = silent

    def read(self, index: int) -> CapturedFrame | None:
        self.asked.append(index)
        self.trouble = "hangs" if index in self._silent else ""
        return None if self.trouble else CapturedFrame(PIXELS, index / 10)

    def rest(self, wanted: bool) -> None:
        self.resting = wanted

    def close(self) -> None:
        self.trouble = "closed"


def make(
    source: ScriptedSource | None, mode: Mode = "camera", mix: float = 0.8, inputs: Collection[str] = ALL_INPUTS
) -> CameraFollower:
    camera = CameraFollower(source, mode=mode, frame_rate=Fraction(10), inputs=inputs)
    camera.camera_mix = mix
    return camera


def test_a_source_is_followed_from_the_first_frame_on() -> None:
    camera = make(ScriptedSource())
    inputs = [camera.input_for(index) for index in range(3)]
    assert [(each.pixels is PIXELS, each.mix, each.captured_at) for each in inputs] == [
        (True, 0.8, 0.0),
        (True, 0.8, 0.1),
        (True, 0.8, 0.2),
    ]


@pytest.mark.parametrize(("mode", "mix"), [("film", 1.0), ("camera", 0.0)])
def test_a_source_that_is_not_followed_keeps_running(mode: Mode, mix: float) -> None:
    source = ScriptedSource()
    camera = make(source, mode, mix)
    inputs = [camera.input_for(index) for index in range(3)]
    # The feedback may still blend the picture in.
    assert [(each.pixels is PIXELS, each.mix, each.captured_at) for each in inputs] == [(True, 0.0, None)] * 3
    assert source.asked == [0, 1, 2]


def test_the_newest_picture_is_there_to_be_looked_at() -> None:
    source = ScriptedSource(1)
    camera = make(source)
    seen = []
    for index in range(3):
        camera.input_for(index)
        seen.append(camera.newest and camera.newest.captured_at)
    assert seen == [0.0, None, 0.2]
    camera.rest(True)
    assert camera.newest is None


def test_without_a_source_the_film_continues_alone() -> None:
    camera = make(None)
    assert camera.input_for(0) is NO_CAMERA
    assert camera.capture(0) is None
    assert camera.status == ""
    camera.set_mirror(True)
    assert camera.chosen_mirror is None
    camera.close()


def test_mode_and_mix_can_be_changed_between_two_frames() -> None:
    camera = make(ScriptedSource(), "film")
    assert camera.input_for(0).mix == 0
    camera.set_mode(True)
    assert camera.input_for(1).mix == 0.8
    camera.camera_mix = 0.3
    assert camera.input_for(2).mix == pytest.approx(0.3)


def test_after_silence_the_mix_of_the_camera_rises_softly() -> None:
    camera = make(ScriptedSource(3, 4))
    mixes = []
    for index in range(20):
        given = camera.input_for(index)
        mixes.append(round(given.mix, 6))
        if index in (3, 4):
            assert given is NO_CAMERA
            assert camera.status == "A Camera hangs: the film goes on"
    assert mixes == [0.8] * 3 + [0, 0] + [round(0.08 * step, 6) for step in range(1, 10)] + [0.8] * 6


def test_a_model_without_memory_keeps_to_the_last_picture() -> None:
    camera = make(ScriptedSource(1), "film", inputs={"camera", "camera_mix"})
    assert camera.input_for(0).pixels is PIXELS
    silent = camera.input_for(1)
    assert (silent.pixels, silent.mix, silent.captured_at) == (None, 0.8, None)
    assert camera.status == "A Camera hangs: its last picture stays"
    assert camera.input_for(2).mix == 0.8


def test_the_status_names_the_source_and_its_mix() -> None:
    camera = make(ScriptedSource())
    assert camera.status == "A Camera, mix 0.80"
    camera.set_mode(False)
    assert camera.status == "A Camera, not followed"
    assert make(ScriptedSource(), "camera", inputs={"camera"}).status == "A Camera"


def test_a_model_that_cannot_follow_stays_with_the_film_and_the_status_says_why() -> None:
    camera = make(ScriptedSource(), "film", inputs={"context"})
    for follows in (None, True, False):
        camera.set_mode(follows)
        assert camera.mode == "film"
    assert camera.input_for(0).mix == 0
    assert camera.input_for(1).pixels is PIXELS
    assert camera.status == "A Camera, which this model was not trained to follow"


def test_closing_closes_the_source() -> None:
    source = ScriptedSource()
    make(source).close()
    assert source.trouble == "closed"


@pytest.mark.parametrize(
    ("follows", "modes"), [(None, ["camera", "film"]), (True, ["camera", "camera"]), (False, ["film", "film"])]
)
def test_the_mode_is_set_or_changed(follows: bool | None, modes: list[Mode]) -> None:
    camera = make(ScriptedSource(), mode="film")
    for mode in modes:
        camera.set_mode(follows)
        assert camera.mode == mode
    without_source = make(None, mode="film")
    without_source.set_mode(follows)
    assert without_source.mode == "film"


@pytest.mark.parametrize(("mirror", "mirrored"), [(None, [True, False]), (True, [True, True]), (False, [False, False])])
def test_the_mirror_is_set_or_changed(mirror: bool | None, mirrored: list[bool]) -> None:
    source = ScriptedSource()
    camera = make(source)
    assert camera.chosen_mirror is None
    for expected in mirrored:
        camera.set_mirror(mirror)
        assert camera.chosen_mirror is source.mirror is expected


def test_a_released_source_is_no_trouble() -> None:
    source = ScriptedSource(0)
    camera = make(source)
    camera.input_for(0)
    assert camera.trouble == "A Camera hangs"
    camera.rest(True)
    assert source.resting
    assert (camera.trouble, camera.status) == ("", "A Camera, released")
    camera.rest(False)
    assert not source.resting
    assert camera.trouble == "A Camera hangs"
    make(None).rest(True)


def test_the_models_of_a_show_follow_one_source_each_in_its_own_size() -> None:
    source = ScriptedSource()
    camera = make(source)
    inputs = {"context", "camera", "camera_mix"}
    beside = camera.beside(size=(6, 12), frame_rate=Fraction(5), inputs=inputs)
    blind = camera.beside(size=(6, 12), frame_rate=Fraction(5), inputs={"context"})
    given = beside.input_for(0)
    assert given.pixels is not None
    assert (given.pixels.shape, given.mix) == ((6, 12, 3), 0.8)
    assert blind.input_for(0).mix == 0
    beside.set_mode(False)
    beside.set_mirror(True)
    beside.camera_mix = 0.25
    assert (camera.mode, camera.chosen_mirror, camera.camera_mix) == ("film", True, 0.25)
    blind.set_mode(True)
    assert camera.mode == "film", "nothing changes in a model that cannot follow"
