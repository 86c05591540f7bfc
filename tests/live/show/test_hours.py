"""The whole show with opening hours, by a clock of the test."""

import json
from collections.abc import Iterator
from datetime import datetime
from itertools import chain
from pathlib import Path

import numpy as np
import pytest

from live.camera.camera_input import CameraInput
from live.frame import Pixels
from live.inference.generator import Generator
from tests.live.bundles import make_film, read_film, write_film
from tests.live.scripted_window import Perform, ScriptedWindow

TAIL = ("--tail", "0.2")
FIRST = make_film()[-12]


class Clock:
    """Local time that a test sets."""

    def __init__(self, time: str) -> None:
        self.time = time

    def __call__(self) -> datetime:
        return datetime.fromisoformat(f"2026-11-29T{self.time}:00")


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> list[CameraInput]:
    """Inputs of the network's steps."""
    taken: list[CameraInput] = []
    step = Generator.step

    def counted(self: Generator, camera_input: CameraInput) -> Pixels:
        taken.append(camera_input)
        return step(self, camera_input)

    monkeypatch.setattr(Generator, "step", counted)
    return taken


def closed_and_healthy(status: Path) -> bool:
    """Return whether a status file says that the show is closed, and alive."""
    state = json.loads(status.read_text()) if status.exists() else {"closed": False}
    return bool(state["closed"] and state["healthy"])


def test_outside_of_its_hours_a_show_is_black_and_makes_no_step_and_then_it_goes_on(
    perform: Perform, steps: list[CameraInput], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    clock, film = Clock("09:59"), tmp_path / "clip.mkv"
    write_film(film, make_film()[:5])
    states: list[dict[str, object]] = []

    def closed(window: ScriptedWindow) -> Iterator[list[str]]:
        yield from window.until(lambda: not window.shown[-1].any())
        yield from window.until(lambda: closed_and_healthy(tmp_path / "status.json"))
        states.append(json.loads((tmp_path / "status.json").read_text()))
        # The step that was being made when the show closed.
        yield from window.for_seconds(0.3)
        made, shown = len(steps), len(window.shown)
        for keys in (["."], ["space"], ["r"]):
            yield keys
            yield from window.for_seconds(0.3)
        assert (len(steps), len(window.shown)) == (made, shown)

    def opened(window: ScriptedWindow, since: int) -> Iterator[list[str]]:
        goal = len(steps) + 5
        yield from window.until(lambda: len(steps) >= goal)
        first = next(pixels for pixels in window.shown[since:] if pixels.any())
        # A busy machine may drop frames of the tail.
        assert any(np.array_equal(first, frame) for frame in make_film()[-12:])

    def script(window: ScriptedWindow) -> Iterator[list[str]]:
        yield from closed(window)
        assert not any(pixels.any() for pixels in window.shown), "from the first picture on"
        assert steps == []
        for opens, closes in (("10:00", "18:00"), ("17:59", "02:00")):
            since = len(window.shown)
            clock.time = opens
            yield from opened(window, since)
            clock.time = closes
            yield from closed(window)

    options = ("--hours", "10:00-18:00", "--record", "a.mkv", "--record-codec", "ffv1", "--status", "status.json")
    assert perform(script, *TAIL, *options, "--camera", str(film), "--mode", "film", local_time=clock)[0] == 0
    assert len(states) == 3
    for state in states:
        assert state["fps"] == 0
        assert state["camera"] == "clip.mkv, released"
    assert not json.loads((tmp_path / "status.json").read_text())["closed"]
    said = [line for line in capsys.readouterr().out.splitlines() if "--hours" in line]
    assert said == [f"{word} (--hours 10:00-18:00)" for word in ("closed", "open", "closed", "open", "closed")]
    recorded = read_film(tmp_path / "a.mkv")
    assert len(recorded) > 10
    assert all(frame.any() for frame in recorded), "only what was shown within the hours"


def test_the_camera_is_taken_if_opening_time_comes_while_the_network_is_opened(
    perform: Perform, camera_bundle: Path, tmp_path: Path
) -> None:
    film = tmp_path / "clip.mkv"
    write_film(film, make_film()[:5])
    closed, opened = Clock("09:59"), Clock("10:00")
    # It is asked twice before the network is opened: for the camera, and for the first picture.
    times = chain([closed(), closed()], iter(opened, None))

    def script(window: ScriptedWindow) -> Iterator[list[str]]:
        assert not window.shown[0].any(), "closed when the window opened"
        yield from window.until(lambda: str(window.hud.get("camera", "")).startswith("clip.mkv"))
        assert "released" not in window.hud["camera"]

    options = (*TAIL, "--hours", "10:00-18:00", "--camera", film, "--mode", "camera", "--hud")
    assert perform(script, *map(str, options), model=camera_bundle, local_time=lambda: next(times))[0] == 0


def test_within_its_hours_a_show_begins_as_always(perform: Perform) -> None:
    def script(window: ScriptedWindow) -> Iterator[list[str]]:
        yield from window.for_frames(3)

    code, window = perform(script, *TAIL, "--hours", "22:00-04:00", local_time=Clock("03:59"))
    assert code == 0
    np.testing.assert_array_equal(window.shown[0], FIRST)
