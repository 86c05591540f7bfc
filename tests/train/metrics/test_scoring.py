"""The score and the bars."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from tests.train.metrics.disc_film import FILM, RATE, checks, continuation, measure, stripes
from train.metrics.fidelity import FilmFidelity
from train.metrics.film_statistics import FilmStatistics
from train.metrics.one_step import OneStep
from train.metrics.rollout_metrics import Figures
from train.metrics.scoring import Bar, Check, bars, score

EXACT = OneStep(0.01, 0.3, 0.4, 0.01, 0.3, 0.4, wholeness=0.9)


def old(figures: Figures) -> list[Check]:
    """Compare with the bars of these figures alone."""
    return [Check.of(bar, figures) for bar in bars(figures)]


def test_the_score_orders_sound_and_collapsed_rollouts(disc_film: FilmStatistics, disc_fidelity: FilmFidelity) -> None:
    blurred = [cv2.GaussianBlur(frame, (0, 0), 1.5) for frame in continuation(20)]
    scores = [
        score([checks(disc_film, disc_fidelity, frames)])
        for frames in (continuation(20), blurred, stripes(20, 3), [FILM[-1]] * 20 * RATE)
    ]  # fmt: skip
    assert 1 >= scores[0] > scores[1] > max(scores[2:])
    assert min(scores) >= 0


def test_the_score_rises_all_the_way_to_a_bar_and_with_likeness_beyond(disc_film: FilmStatistics) -> None:
    figures = measure(disc_film, continuation(20))
    by_freeze = [score([old(replace(figures, freeze=freeze))]) for freeze in (20, 10, 5, 3.1, 3, 0)]
    assert by_freeze[:5] == sorted(set(by_freeze[:5]))
    assert by_freeze[3] == pytest.approx(by_freeze[4], abs=0.01)
    assert by_freeze[4] == by_freeze[5]
    by_likeness = [score([old(replace(figures, likeness=likeness))]) for likeness in (2, 0.7, 0.36, 0.35, 0.2, 0.1)]
    assert by_likeness == sorted(set(by_likeness))
    assert score([old(figures), old(replace(figures, freeze=20))]) == pytest.approx(
        (score([old(figures)]) + by_freeze[0]) / 2
    )


def test_some_bars_depend_on_the_film(disc_film: FilmStatistics) -> None:
    figures = measure(disc_film, continuation(20))
    slow = replace(figures, film=replace(figures.film, freeze=7.0, loops=0.3, static=True))
    found = {bar.figure: bar for bar in bars(slow)}
    assert found["freeze"].high == 7
    assert found["loops"].high == 0.5
    assert found["variety"].low == 0.5
    assert found["freeze"].text == "≤ 7"
    assert Bar("x", "x", 0.8, 1.25).text == "0.8–1.25"


def test_every_bar_that_was_measured_is_checked(
    disc_film: FilmStatistics, disc_fidelity: FilmFidelity, disc_steadiness: FilmFidelity
) -> None:
    figures, frames = measure(disc_film, continuation(20)), continuation(20)
    checked = checks(disc_film, disc_fidelity, frames, EXACT)
    assert len(checked) == 18
    assert [check.bar for check in checked][:12] == list(bars(figures))
    further = [check.bar.label for check in checked][12:]
    assert further == [
        "wholeness of what moves",
        "flicker, levels",
        "grain, levels",
        "jumps a minute",
        "one step: error over that of copying",
        "one step: wholeness",
    ]
    without = checks(disc_film, disc_steadiness, frames, replace(EXACT, wholeness=None))
    assert len(without) == 16
    assert not [check for check in without if check.bar.figure == "wholeness"]
    assert len(checks(disc_film, disc_fidelity, frames)) == 16  # a null model has no single steps
    motion = next(check for check in checked if check.bar.figure == "motion")
    assert motion.to_json() == {
        "figure": "motion",
        "label": "motion over the film's",
        "bar": "0.5–2",
        "value": round(figures.motion, 5),
        "met": True,
    }


def test_noise_gets_no_credit_for_being_far_from_the_film(disc_film: FilmStatistics) -> None:
    def nearest(frames: list[np.ndarray]) -> Check:
        return next(check for check in old(measure(disc_film, frames)) if check.bar.figure == "nearest")

    rng = np.random.default_rng(0)
    noise = nearest([rng.integers(0, 256, (48, 64, 3), np.uint8) for _ in range(8 * RATE)])
    assert noise.value > noise.bar.low
    assert not noise.met
    assert noise.nearness < 0.6
    sound = nearest(continuation(20))
    assert sound.met
    assert sound.nearness == 1
    assert sound.bar.text == "≥ 0.5, likeness ≤ 0.7"


def test_what_is_not_a_number_is_far_from_its_bar() -> None:
    assert Bar("x", "x", 0.8, 1.25).nearness(float("nan")) == 0


def test_flicker_grain_jumps_broken_things_and_inexact_steps_cost_score(
    disc_film: FilmStatistics, disc_fidelity: FilmFidelity
) -> None:
    sound = continuation(20)
    flickering = [np.roll(frame, i % 2 * 2, 0) for i, frame in enumerate(sound)]
    checkerboard = np.indices((48, 64)).sum(0)[..., None] % 2 * 8
    woven = [np.clip(frame + checkerboard, 0, 255).astype(np.uint8) for frame in sound]
    jumping = [frame if i // 6 % 2 else frame // 4 for i, frame in enumerate(sound)]

    def alone(frames: list[np.ndarray], figure: str, one_step: OneStep = EXACT) -> tuple[float, float]:
        """Return the score, and the score of the sound rollout with nothing but this check of the other."""
        found = checks(disc_film, disc_fidelity, frames, one_step)
        other = {check.bar.label: check for check in found if check.bar.figure == figure}
        replaced = [other.get(check.bar.label, check) for check in checks(disc_film, disc_fidelity, sound, EXACT)]
        return score([found]), score([replaced])

    best, _ = alone(sound, "flicker")
    assert max(alone(flickering, "flicker")) < best
    assert max(alone(woven, "grain")) < best
    assert max(alone(jumping, "jumps")) < best
    assert max(alone(sound, "over_copying", replace(EXACT, over_copying=1.5))) < best
    assert max(alone(sound, "wholeness", replace(EXACT, wholeness=0.02))) < best
    noise = np.random.default_rng(0)
    broken = [noise.integers(0, 256, frame.shape, np.uint8) for frame in sound]
    assert max(alone(broken, "wholeness")) < best
