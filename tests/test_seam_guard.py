"""The collapse guard with the limits that the studio measures: no alarm on the film, one soon on forced collapses.

`python -m live.benchmark guard FILM` is the long form.
"""

import json
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest

from live.benchmark.guard import collapsed, replayed
from live.benchmark.report import Part
from live.bundle.life_signs import LifeSigns, read_life_signs
from live.frame import Pixels
from train.data.shots import Shot
from train.metrics.film_statistics import FilmStatistics
from train.metrics.life_signs import measure_life_signs
from train.sample_film import SHOTS, render

SIZE = (128, 72)
RATE = 12
SHOT_FRAMES = 36  # three seconds of each of three shots

Frames = np.ndarray


@pytest.fixture(scope="module")
def film() -> Frames:
    """Nine seconds of our own film: uint8 [108, 72, 128, 3] RGB."""
    shots = [SHOTS[0], SHOTS[len(SHOTS) // 2], SHOTS[-2]]
    return np.stack([render(shot.first + 2 * i, SIZE) for shot in shots for i in range(SHOT_FRAMES)])


def plain(film: Frames) -> Frames:
    return film


def faded(film: Frames) -> Frames:
    """The film, with a fade of two seconds from black and one to white."""
    light = np.minimum(1, np.arange(len(film)) / 24)[:, None, None, None]
    white = np.clip((np.arange(len(film)) - len(film) + 24) / 24, 0, 1)[:, None, None, None]
    return (film * light * (1 - white) + 255 * white).astype(np.uint8)


def night(film: Frames) -> Frames:
    """The film, with the night over its last shot."""
    frames = film.copy()
    frames[2 * SHOT_FRAMES :] //= 7
    return frames


def interrupted(film: Frames) -> Frames:
    """The film, with a title of four seconds, black of three and a still of four."""
    title = np.zeros(film.shape[1:], np.uint8)
    cv2.putText(title, "HATS", (20, 45), cv2.FONT_HERSHEY_DUPLEX, 1.0, (235, 230, 220), 2)
    pieces = [(title, 48), (title * 0, 36), (film[50], 48)]
    held = [np.repeat(picture[None], count, 0) for picture, count in pieces]
    thirds = np.split(film, 3)
    return np.concatenate([held[0], thirds[0], held[1], thirds[1][:15], held[2], thirds[1][15:], thirds[2]])


def measured(frames: Frames) -> LifeSigns:
    shots = [Shot(0, len(frames))]
    figures = FilmStatistics(frames, shots, 1, RATE).figures
    signs = measure_life_signs(frames, shots, figures, stride=1, rate=RATE)
    return read_life_signs(json.dumps(signs), Path("a.onnx"))


def values(part: Part) -> dict[str, float]:
    return {figure.what: figure.value for figure in part.figures}


@pytest.mark.parametrize("change", [plain, faded, night, interrupted])
def test_the_film_itself_raises_no_alarm(film: Frames, change: Callable[[Frames], Frames]) -> None:
    frames = change(film)
    part = replayed(measured(frames), Fraction(RATE), lambda: iter(frames), 3 * len(frames) / RATE)
    assert values(part) == {"alarms an hour": 0}


@pytest.mark.parametrize("change", [plain, faded, night])
def test_forced_collapses_raise_an_alarm_within_two_seconds(film: Frames, change: Callable[[Frames], Frames]) -> None:
    frames = change(film)
    found = values(collapsed(measured(frames), Fraction(RATE), lambda: iter(frames), 12))
    within = {name: value for name, value in found.items() if "within" in name}
    assert len(within) == 4
    if change is faded:  # burnt out is what this film does by itself at its end
        within.pop("burnt out: alarms within 2 s")
    assert set(within.values()) == {100}, within


def test_a_picture_may_freeze_for_longer_where_the_film_holds_it_alone(film: Frames) -> None:
    frames = interrupted(film)
    signs = measured(frames)

    def frozen(picture: Pixels) -> float:
        before = film[:11]
        part = collapsed(signs, Fraction(RATE), lambda: iter([*before, picture, *before, picture]), 1)
        return values(part)["frozen: seconds until the alarm, median"]

    assert frozen(film[100]) == 1.75
    assert 4 < frozen(film[50]) < 5
