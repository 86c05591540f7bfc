"""Errors of single steps: a perfect predictor, one that copies, one that draws a line, one in between."""

import numpy as np
import pytest

from tests.train.metrics.disc_film import FILM, SHOTS, STRIDE
from train.data.shots import Shot
from train.metrics.one_step import OneStep, measure_one_step, target_frames

TARGETS = target_frames(SHOTS, STRIDE, 2)


def copying(target: int) -> np.ndarray:
    return np.asarray(FILM[target - STRIDE])


def linear(target: int) -> np.ndarray:
    line = 2 * FILM[target - STRIDE].astype(np.int16) - FILM[target - 2 * STRIDE]
    return np.asarray(line.clip(0, 255).astype(np.uint8))


def half_way(target: int) -> np.ndarray:
    between = (FILM[target].astype(np.float32) + FILM[target - STRIDE]) / 2
    return np.asarray(between.astype(np.uint8))


def errors(figures: OneStep) -> tuple[float, float]:
    return figures.over_copying, figures.picture_over_copying


def test_a_perfect_step_has_no_error() -> None:
    figures = measure_one_step(lambda target: FILM[target], FILM, TARGETS, STRIDE)
    assert figures == OneStep(0, 0, 0, 0, 0, 0)


def test_a_step_that_copies_has_the_error_of_copying() -> None:
    figures = measure_one_step(copying, FILM, TARGETS, STRIDE)
    assert errors(figures) == (1, 1)
    expected = np.median([np.abs(FILM[i].astype(float) - FILM[i - STRIDE]).mean() for i in TARGETS]) / 127.5
    assert figures.picture_error == pytest.approx(expected)
    assert min(figures.over_better, figures.picture_over_better) >= 1


def test_half_of_the_way_is_half_of_the_error() -> None:
    assert errors(measure_one_step(half_way, FILM, TARGETS, STRIDE)) == pytest.approx((0.5, 0.5), abs=0.05)


def test_the_better_of_copy_and_line_is_the_unit() -> None:
    # Light that grows evenly is on the line.
    ramp = np.stack([np.full((36, 64, 3), 4 * i, np.uint8) for i in range(40)])
    targets = target_frames((Shot(0, 40),), 1, 2)
    copied = measure_one_step(lambda target: ramp[target - 1], ramp, targets, 1)
    assert copied.over_copying == 1
    assert copied.over_better > 10
    drawn = measure_one_step(linear, FILM, TARGETS, STRIDE)
    assert drawn.picture_over_better >= 1


def test_a_film_that_stands_still_has_a_unit_all_the_same() -> None:
    still = np.repeat(FILM[:1], 20, 0)
    figures = measure_one_step(lambda target: still[target] + np.uint8(1), still, [6, 8, 10], 2)
    assert figures.over_copying == pytest.approx(10)


def test_targets_have_their_context_in_the_same_shot() -> None:
    for context_frames in (1, 2, 4):
        targets = target_frames(SHOTS, STRIDE, context_frames, most=30)
        assert len(set(targets)) == 30
        for target in targets:
            shot = next(shot for shot in SHOTS if shot.start <= target < shot.stop)
            assert target - STRIDE * max(2, context_frames) >= shot.start
        assert {shot for shot in SHOTS for target in targets if shot.start <= target < shot.stop} == set(SHOTS)
    assert target_frames((Shot(0, 4),), 2, 2) == []
