"""Flicker, grain and jumps of pictures whose figures are known."""

import numpy as np
import pytest

from train.data.shots import Shot
from train.metrics.steadiness import SteadinessMeter, film_steadiness

WINDOW = 12
GREY = np.full((36, 64, 3), 100, np.uint8)


def flickering(levels: int, share: float) -> list[np.ndarray]:
    """Two seconds in which a share of the columns goes up and down by some levels."""
    changed = round(64 * share)
    frames = []
    for i in range(2 * WINDOW):
        frame = GREY.copy()
        frame[:, :changed] += np.uint8(levels * (i % 2))
        frames.append(frame)
    return frames


def measure(frames: list[np.ndarray]) -> tuple[float, float]:
    meter = SteadinessMeter(WINDOW, WINDOW)
    for frame in frames:
        meter.add(frame)
    figures = meter.figures()
    return figures.flicker, figures.jumps


def test_what_stands_still_does_not_flicker() -> None:
    assert measure([GREY] * 24) == (0, 0)


def test_flicker_is_the_deviation_of_the_quiet_part() -> None:
    # Up and down by six levels is a deviation of three.
    assert measure(flickering(6, 1.0))[0] == pytest.approx(3)
    assert measure(flickering(6, 0.8))[0] == pytest.approx(3)
    # Where a half moves, the quiet 30 % still stand.
    assert measure(flickering(6, 0.5))[0] == 0


def test_jumps_are_counted_by_the_minute() -> None:
    below, above = GREY + np.uint8(20), GREY + np.uint8(21)
    assert measure([GREY] * 12 + [below] * 12)[1] == 0
    # Two jumps in three seconds.
    assert measure([GREY] * 12 + [above] * 12 + [GREY] * 12)[1] == pytest.approx(40)


def test_the_cuts_of_a_film_are_jumps_and_do_not_flicker() -> None:
    frames = np.stack([GREY] * 48 + [GREY + np.uint8(60)] * 48)
    figures = film_steadiness(frames, (Shot(0, 48), Shot(48, 96)), 2, 12.0)
    assert figures.flicker == 0
    assert figures.jumps == pytest.approx(60 / 4)
    short = film_steadiness(frames, (Shot(0, 6), Shot(48, 96)), 2, 12.0)
    assert short.flicker == 0
