"""Times that are taken in turns."""

from collections.abc import Callable

import numpy as np

from live.benchmark.interleave import TURN, Times, interleaved


def test_cases_take_turns_and_the_first_call_of_a_turn_is_not_counted() -> None:
    called: list[str] = []

    def case(name: str) -> Callable[[], None]:
        return lambda: called.append(name)

    clock = iter(range(10_000))
    taken = interleaved({name: case(name) for name in "ab"}, seconds=1.0, now=lambda: float(next(clock)))
    assert "".join(called) == "aabb" + ("a" * TURN + "b" * TURN) * 2
    assert {name: len(each) for name, each in taken.items()} == {"a": 2 * (TURN - 1), "b": 2 * (TURN - 1)}
    assert set(taken["a"]) == {1.0}


def test_percentiles_and_missed_frames() -> None:
    times = Times.of(np.array([0.01] * 97 + [0.05, 0.05, 0.2]), own_rate=12)
    assert (times.count, times.p50_ms, times.missed_at_own_rate, times.missed_at_30) == (100, 10.0, 1, 3)
    assert 10 <= times.p95_ms < times.p99_ms < 200
