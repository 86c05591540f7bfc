"""Figures of fidelity together, and their bars."""

import numpy as np
import pytest

from tests.train.metrics.disc_film import FILM, RATE, SHOTS, STORY, STRIDE
from train.data.shots import Shot
from train.metrics.fidelity import FidelityMeter, FilmFidelity
from train.metrics.perceptual import Features
from train.metrics.scoring import fidelity_bars


def measured(frames: np.ndarray, shots: tuple[Shot, ...], features: Features | None) -> FilmFidelity:
    return FilmFidelity(frames, shots, stride=STRIDE, rate=RATE, context_frames=2, features=features)


def test_a_replay_has_the_figures_of_its_film() -> None:
    film = measured(FILM, SHOTS, None)
    meter = FidelityMeter(film)
    for i in STORY:
        meter.add(FILM[i])
    figures = meter.figures()
    own = film.steadiness
    assert (figures.flicker, figures.jumps) == pytest.approx((own.flicker, own.jumps))
    assert figures.grain == pytest.approx(own.grain, rel=0.1)  # its seconds end at other frames
    assert figures.shot_shares == pytest.approx([len(shot) / 240 for shot in SHOTS])
    assert figures.longest_stay == pytest.approx(132 / 24)
    bars = {bar.figure: bar for bar in fidelity_bars(film.steadiness)}
    assert bars["flicker"].high == own.flicker + 0.5
    assert bars["grain"].high == own.grain + 0.5
    assert bars["jumps"].high == 1.5 * own.jumps
    assert not bars["longest_stay"].limited
    assert figures.to_json()["film"] == {
        "flicker": pytest.approx(own.flicker, abs=1e-4),
        "grain": pytest.approx(own.grain, rel=1e-4),
        "jumps": pytest.approx(own.jumps, rel=1e-4),
    }


def test_wholeness_is_left_out_with_the_reason() -> None:
    film = measured(FILM, SHOTS, None)
    assert "perceptual" in film.without_wholeness
    meter = FidelityMeter(film)
    meter.add(FILM[0])
    assert meter.figures().wholeness is None
    assert meter.figures().to_json()["wholeness"] is None
    still = measured(np.repeat(FILM[:1], 60, 0), (Shot(0, 60),), lambda crops: np.zeros((len(crops), 4), np.float32))
    assert "hardly moves" in still.without_wholeness
