"""Waves: their values, their phase, and randomness that can be repeated."""

import pytest

from live.modulation.oscillator import SHAPES, Oscillator, Shape
from live.modulation.source import Moment


def values(shape: Shape, *, period: float = 8.0, phase: float = 0.0, count: int = 8) -> list[float]:
    """Return the values of `count` successive seconds."""
    wave = Oscillator(shape, period, phase)
    return [wave.at(Moment(float(second))) for second in range(count)]


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        ("sine", [0, 0.5**0.5, 1, 0.5**0.5, 0, -(0.5**0.5), -1, -(0.5**0.5)]),
        ("triangle", [0, 0.5, 1, 0.5, 0, -0.5, -1, -0.5]),
        ("square", [1, 1, 1, 1, -1, -1, -1, -1]),
        ("saw", [-1, -0.75, -0.5, -0.25, 0, 0.25, 0.5, 0.75]),
    ],
)
def test_a_period_of_each_shape(shape: Shape, expected: list[float]) -> None:
    assert values(shape) == pytest.approx(expected)
    assert values(shape, count=16)[8:] == pytest.approx(expected)
    assert values(shape, phase=0.25) == pytest.approx(expected[2:] + expected[:2])


def test_a_period_may_be_in_beats() -> None:
    wave = Oscillator("saw", 4.0, in_beats=True)
    assert [wave.at(Moment(seconds=9.0, beats=beats)) for beats in (0.0, 1.0, 6.0)] == [-1, -0.5, 0]


def test_random_holds_a_value_for_each_period_and_can_be_repeated() -> None:
    seen = values("random", period=4, count=400)
    assert seen == values("random", period=4, count=400)
    assert all(len(set(seen[start : start + 4])) == 1 for start in range(0, 400, 4))
    assert len(set(seen)) == 100
    assert -1 <= min(seen) < -0.9
    assert 0.9 < max(seen) <= 1
    assert seen != values("random", period=4, phase=0.001, count=400)


def test_no_wave_leaves_its_range() -> None:
    for shape in SHAPES:
        wave = Oscillator(shape, 0.7, 0.3)
        assert all(-1 <= wave.at(Moment(number / 37)) <= 1 for number in range(2000))
