"""The limits of the collapse guard: the film's own ranges, and its pictures outside of them."""

import base64
from typing import Any

import numpy as np
import pytest

from live.images.frame_figures import sharpness
from tests.train.metrics.disc_film import FILM, RATE, SHOTS, STRIDE
from train.data.shots import Shot
from train.metrics.film_statistics import FilmStatistics
from train.metrics.life_signs import MOST_ODD, measure_life_signs


def life_signs(frames: np.ndarray, shots: tuple[Shot, ...] = SHOTS) -> dict[str, Any]:
    figures = FilmStatistics(frames, shots, STRIDE, RATE).figures
    return measure_life_signs(frames, shots, figures, stride=STRIDE, rate=RATE)


def test_the_ranges_are_wider_than_the_film(disc_film: FilmStatistics) -> None:
    signs, figures = life_signs(FILM), disc_film.figures
    assert set(signs) == {"sharpness", "contrast", "grain", "colour", "light", "motion", "stillness", "odd"}
    low, high = signs["sharpness"]
    assert low == pytest.approx(figures.sharpness * figures.sharpness_range[0] / 2, rel=1e-3)
    assert high == pytest.approx(figures.sharpness * figures.sharpness_range[1] * 2, rel=1e-3)
    assert signs["motion"] == pytest.approx(figures.motion / 10, rel=1e-3)
    means = FILM.mean((1, 2)) / 255
    for (least, most), channel in zip(signs["colour"], means.T, strict=True):
        assert least == pytest.approx(channel.min() - 0.1, abs=1e-3)
        assert most == pytest.approx(channel.max() + 0.1, abs=1e-3)
    deviation = [frame.mean(2).std() / 255 for frame in FILM]
    assert 1.1 * max(deviation) < signs["contrast"] < 2 * max(deviation)
    assert signs["odd"] == []


def test_a_still_that_the_film_holds_is_odd_once_with_its_length() -> None:
    frames = np.concatenate([FILM, np.repeat(FILM[30:31], 96, 0)])
    ((stillness, sharp, thumbnail),) = life_signs(frames, (*SHOTS, Shot(240, 336)))["odd"]
    # Of 48 steps, the first differs from what was before.
    assert stillness == pytest.approx(47 / RATE, abs=1e-3)
    assert sharp == pytest.approx(sharpness(FILM[30]), rel=1e-3)
    assert len(base64.b64decode(thumbnail)) == 8 * 8 * 3


def test_black_that_the_story_leaves_out_is_odd_too() -> None:
    frames = np.concatenate([FILM, np.zeros((48, *FILM.shape[1:]), np.uint8)])
    ((stillness, sharp, thumbnail),) = life_signs(frames)["odd"]
    assert (stillness, sharp) == (pytest.approx(23 / RATE, abs=1e-3), 0)
    assert not any(base64.b64decode(thumbnail))


def test_a_fade_from_black_is_odd_in_its_darkest_pictures_alone() -> None:
    fade = np.linspace(0, 1, 60)[:, None, None, None]
    frames = np.concatenate([(FILM[:60] * fade).astype(np.uint8), FILM[60:]])
    assert len(life_signs(frames)["odd"]) <= 2


def test_there_are_never_more_odd_pictures_than_a_bundle_should_carry() -> None:
    cards = np.random.default_rng(0).integers(0, 2, (MOST_ODD + 50, 6, 8, 1), np.uint8) * np.uint8(255)
    frames = np.concatenate([FILM, cards.repeat(8, 1).repeat(8, 2).repeat(3, 3)])
    assert 0 < len(life_signs(frames)["odd"]) <= MOST_ODD
