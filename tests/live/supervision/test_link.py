"""The link of a show to its supervisor, at the show's end: what it takes up and what it leaves."""

import json
import os
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from live.controls.table import DEFAULTS
from live.playback.timeline import Timeline
from live.supervision.kept_settings import KeptSettings
from live.supervision.link import BEAT_SECONDS, VARIABLE, SupervisorLink
from live.supervision.shared_picture import SharedPicture
from live.supervision.show_state import ShowState
from tests.live.bundles import HEIGHT, METADATA, WIDTH, make_model, write_bundle
from tests.live.scripted_window import Perform, ScriptedWindow

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the supervisor needs POSIX")


def link_to(pipe: int, picture: SharedPicture, *, restarts: int = 0, state: Mapping[str, Any] | None = None) -> str:
    """Return what a supervisor gives to the show that it starts."""
    descriptors = {"pipe": pipe, "picture": picture.descriptor, "settings": KeptSettings.create().descriptor}
    return json.dumps(descriptors | {"as_before": False, "restarts": restarts, "state": state or {}})


def test_a_show_takes_up_every_control_and_leaves_it_to_the_next(
    perform: Perform, monkeypatch: pytest.MonkeyPatch
) -> None:
    reading, writing = os.pipe()
    picture = SharedPicture.create()
    parameters = dict(DEFAULTS) | {"zoom": 0.5, "speed": 2.0}
    modulation = {"hue": {"source": "camera", "depth": 60.0}}
    state = ShowState(
        parameters,
        modulation,
        128.5,
        3,
        4,
        follows_camera=False,
        mirror=None,
        guard=False,
        blackout=True,
        model=1,
        network="CPU",
    ).as_json()
    monkeypatch.setenv(VARIABLE, link_to(writing, picture, restarts=2, state=state))

    def script(window: ScriptedWindow) -> Iterator[list[str]]:
        yield from window.for_seconds(1.2)
        assert not window.shown[-1].any()
        # The second press shows the machine, too.
        yield ["i", "i"]
        yield from window.for_seconds(0.2)
        assert window.hud["seed"] == "5"

    # What the options say is what the first process began with.
    began = time.monotonic()
    assert perform(script, "--zoom", "-1", "--tail", "0.1")[0] == 0
    most = (time.monotonic() - began) / BEAT_SECONDS + 1
    messages = [json.loads(line) for line in os.read(reading, 65536).splitlines()]
    assert 2 <= len(messages) <= most, "twice a second"
    assert all(message == {"state": state} for message in messages)
    stored = picture.take()
    assert stored is not None
    assert (stored.size, stored.fullscreen, len(stored.pixels)) == ((HEIGHT, WIDTH), False, HEIGHT * WIDTH * 3)
    assert not any(stored.pixels), "it is black as the window is"
    for descriptor in (reading, writing, picture.descriptor):
        os.close(descriptor)


def test_a_show_that_has_fewer_models_than_before_begins_with_its_first(
    perform: Perform, monkeypatch: pytest.MonkeyPatch
) -> None:
    (reading, writing), picture = os.pipe(), SharedPicture.create()
    state = ShowState(
        DEFAULTS,
        {},
        None,
        None,
        None,
        follows_camera=False,
        mirror=None,
        guard=True,
        blackout=False,
        model=2,
        network="",
    )
    monkeypatch.setenv(VARIABLE, link_to(writing, picture, restarts=1, state=state.as_json()))
    assert perform(lambda window: iter(()), "--seconds", "0.2", "--tail", "0")[0] == 0
    for descriptor in (reading, writing, picture.descriptor):
        os.close(descriptor)


@pytest.mark.parametrize("hangs", [False, True])
def test_a_show_of_rare_frames_is_alive_between_them_and_one_that_hangs_is_not(
    perform: Perform, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, hangs: bool
) -> None:
    reading, writing = os.pipe()
    picture = SharedPicture.create()
    monkeypatch.setenv(VARIABLE, link_to(writing, picture))
    over = threading.Event()
    if hangs:
        step, frames = Timeline.step, iter([True])
        monkeypatch.setattr(Timeline, "step", lambda self: step(self) if next(frames, False) else over.wait() and None)

    def script(window: ScriptedWindow) -> Iterator[list[str]]:
        yield from window.for_seconds(2.2)
        over.set()

    rate = "60" if hangs else "1/60"
    model = write_bundle(tmp_path / "slow", make_model(metadata=METADATA | {"frame_rate": rate}))
    assert perform(script, model=model)[0] == 0
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        beats = pipe.read().splitlines()
    assert len(beats) == 1 if hangs else len(beats) >= 3
    os.close(picture.descriptor)


def test_a_stopped_supervisor_delays_nothing_and_an_ended_one_is_noticed() -> None:
    reading, writing = os.pipe()
    link = SupervisorLink(writing, SharedPicture.create(), KeptSettings.create(), as_before=False, restarts=0, state={})
    for _ in range(10_000):
        link.tell(state={"zoom": 1.0})
    assert not link.lost
    os.close(reading)
    link.tell(state={})
    assert link.lost


@pytest.mark.parametrize("system", ["linux", "darwin"])
def test_a_picture_is_taken_once_and_the_newest_counts(system: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", system)
    picture = SharedPicture.create()
    assert picture.take() is None
    assert not picture.ready
    for value in (1, 2, 3):
        picture.put(np.full((2, 3, 3), value, np.uint8).data, (2, 3), fullscreen=value == 3)
    picture.ready = True
    stored = picture.take()
    assert stored is not None
    assert (stored.number, stored.size, stored.fullscreen, stored.pixels) == (3, (2, 3), True, b"\3" * 18)
    assert picture.take(after=3) is None
    assert picture.ready
    os.close(picture.descriptor)


def test_settings_are_kept_once_a_frame_was_presented_with_them() -> None:
    reading, writing = os.pipe()
    picture, settings = SharedPicture.create(), KeptSettings.create()

    def connect(*, as_before: bool) -> SupervisorLink:
        return SupervisorLink(writing, picture, settings, as_before=as_before, restarts=0, state={})

    first = connect(as_before=False)
    first.settings_text = "title = 'ü'"
    assert connect(as_before=True).settings_before is None
    first.beat({}, memoryview(bytes(18)), (2, 3), fullscreen=False)
    assert connect(as_before=False).settings_before is None
    assert connect(as_before=True).settings_before == "title = 'ü'"
    for descriptor in (reading, writing, picture.descriptor, settings.descriptor):
        os.close(descriptor)
