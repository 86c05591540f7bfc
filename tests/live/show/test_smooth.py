"""The whole show in a window with --smooth: cross-fades between frames, and where there is none."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.live.scripted_window import Fade, Perform, Script, ScriptedWindow

SMOOTH = ("--smooth", "--tail", "1", "--temperature", "0")


Smooth = Callable[[Script], ScriptedWindow]
"""Runs the show with a script and returns its window."""


@pytest.fixture
def smooth(perform: Perform, bundle_folder: Path) -> Smooth:
    """The smooth show at twelve frames a second."""
    return lambda script: perform(script, *SMOOTH, model=bundle_folder)[1]


def fades(window: ScriptedWindow) -> list[Fade]:
    """Return the cross-fade of each picture but the first, which is shown while the network is opened."""
    return window.fades[1:]


def shares(window: ScriptedWindow) -> list[float]:
    return [fade["share"] for fade in fades(window)]


def whole(window: ScriptedWindow) -> bool:
    """Return whether only the newest frame is visible now."""
    return window.fades[-1]["share"] == 1 and window.fades[-1]["under"] is None


def test_each_frame_fades_in_over_the_one_before(smooth: Smooth) -> None:
    def script(window: ScriptedWindow) -> Iterator[list[str]]:
        yield from window.for_frames(8)

    window = smooth(script)
    assert window.presented > 2 * len(window.shown), "several pictures for each frame"
    between = [fade for fade in fades(window) if 0 < fade["share"] < 1]
    assert len(between) > len(window.shown)
    shown = {id(frame) for frame in window.shown}
    assert all(id(fade["under"]) in shown for fade in between)


def test_without_it_every_frame_is_there_at_once(perform: Perform, bundle_folder: Path) -> None:
    def script(window: ScriptedWindow) -> Iterator[list[str]]:
        yield from window.for_frames(8)

    _, window = perform(script, *SMOOTH[1:], model=bundle_folder)
    assert set(shares(window)) == {1.0}


def test_a_freeze_ends_on_a_whole_frame_and_then_nothing_is_drawn(smooth: Smooth) -> None:
    marks: list[tuple[int, bool]] = []

    def script(window: ScriptedWindow) -> Iterator[list[str]]:
        yield from window.for_frames(5)
        yield ["space"]
        yield from window.for_seconds(0.5)
        marks.append((window.presented, whole(window)))
        yield from window.for_seconds(0.4)
        marks.append((window.presented, whole(window)))
        yield ["space"]
        yield from window.for_frames(3)

    smooth(script)
    assert marks[0] == marks[1]
    assert marks[0][1]


def test_a_single_step_fades_in_too_and_is_whole_in_the_end(smooth: Smooth) -> None:
    after: list[tuple[list[float], int, bool]] = []

    def script(window: ScriptedWindow) -> Iterator[list[str]]:
        yield from window.for_frames(5)
        yield ["space"]
        yield from window.for_seconds(0.4)
        before = len(fades(window)), len(window.shown)
        yield ["."]
        yield from window.for_seconds(0.5)
        after.append((shares(window)[before[0] :], len(window.shown) - before[1], whole(window)))

    smooth(script)
    ((steps, frames, ended_whole),) = after
    assert frames == 1
    assert ended_whole
    assert steps == sorted(steps)
    assert 0 < steps[0] < 1 or 0 < steps[1] < 1


@pytest.mark.parametrize("key", ["r", "t"])
def test_a_reseed_is_a_cut(smooth: Smooth, key: str) -> None:
    marks: list[int] = []

    def script(window: ScriptedWindow) -> Iterator[list[str]]:
        yield from window.for_frames(16)
        yield ["space"]
        yield from window.for_seconds(0.4)
        marks.append(len(window.fades))
        yield [key, "."]
        yield from window.until(lambda: len(window.fades) > marks[0])

    window = smooth(script)
    assert window.fades[marks[0]]["under"] is None
    assert window.fades[marks[0]]["share"] == 1


def test_blackout_is_black_at_once(smooth: Smooth) -> None:
    marks: list[int] = []

    def script(window: ScriptedWindow) -> Iterator[list[str]]:
        yield from window.for_frames(5)
        marks.append(len(window.fades))
        yield ["b"]
        yield from window.until(lambda: not window.shown[-1].any())
        marks.append(len(window.fades))
        yield from window.for_seconds(0.3)

    window = smooth(script)
    assert all(fade["under"] is None for fade in window.fades[marks[1] - 1 :])
    assert not np.any(window.shown[-1])
