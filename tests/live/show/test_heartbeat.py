"""The state of a show that its next process takes up."""

from fractions import Fraction
from types import SimpleNamespace
from typing import cast

import pytest

import live.waiting
from live.camera.awaited_source import AwaitedSource
from live.camera.camera_input import CameraFollower
from live.camera.source import CapturedFrame, Source
from live.display.presenter import Presenter
from live.errors import CameraError
from live.show.heartbeat import present_state, take_up
from live.show.parts import ShowParts
from tests.live.waiting import wait_until

FADE = SimpleNamespace(to_black=False)
PRESENTER = cast(Presenter, SimpleNamespace(blackout=False, fade=FADE, toggle_blackout=lambda _: None))


class Webcam:
    """A source that is mirrored, as webcams are."""

    def __init__(self) -> None:
        self.name, self.trouble, self.mirror = "A Camera", "", True

    def read(self, index: int) -> CapturedFrame | None:
        return None

    def rest(self, wanted: bool) -> None:
        pass

    def close(self) -> None:
        pass


def follower(webcams: list[Source]) -> CameraFollower:
    """Return what follows the first of the webcams as soon as there is one."""

    def open() -> Source:
        if not webcams:
            raise CameraError("there is no webcam; plug one in", may_pass=True)
        return webcams[0]

    source = AwaitedSource("the first webcam", open)
    return CameraFollower(source, mode="film", frame_rate=Fraction(24), inputs=["context", "camera"])


def parts_with(camera: CameraFollower) -> ShowParts:
    timeline = SimpleNamespace(guarded=True, guard=lambda _: None)
    parameters, model = SimpleNamespace(values=dict, bindings={}), SimpleNamespace(label="CPU")
    models = SimpleNamespace(leading=SimpleNamespace(number=1))
    playback = SimpleNamespace(camera=camera, timeline=timeline, parameters=parameters, model=model, models=models)
    presets, remote = SimpleNamespace(recalled=(None, None)), SimpleNamespace(beat=SimpleNamespace(origin=None))
    return cast(ShowParts, SimpleNamespace(playback=playback, presets=presets, remote=remote))


@pytest.mark.parametrize("chosen", [None, False, True])
def test_a_webcam_that_comes_after_a_restart_is_mirrored_unless_the_performer_chose(
    chosen: bool | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live.waiting, "RETRY_SECONDS", 0.01)
    before, webcams = follower([]), list[Source]()
    after = follower(webcams)
    if chosen is not None:
        before.set_mirror(chosen)
    take_up(present_state(parts_with(before), PRESENTER), parts_with(after), PRESENTER)
    webcam = Webcam()
    webcams.append(webcam)
    wait_until(lambda: "A Camera" in after.status)
    assert webcam.mirror is (chosen is not False)
    before.close()
    after.close()
