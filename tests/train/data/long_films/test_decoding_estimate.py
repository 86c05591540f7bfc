"""The line that says how long decoding takes."""

from collections.abc import Iterator

import pytest

from train.data.long_films.decoding_estimate import DecodingEstimate


def lines_of(shares: list[float], seconds_each: float) -> tuple[list[str], list[float]]:
    def clock() -> Iterator[float]:
        yield from (100 + seconds_each * i for i in range(len(shares)))

    lines, forwarded, times = list[str](), list[float](), clock()
    estimate = DecodingEstimate(forwarded.append, lines.append, lambda: next(times))
    for share in shares:
        estimate.on_progress(share)
    return lines, forwarded


def test_it_is_said_once_after_the_first_seconds() -> None:
    shares = [i / 1000 for i in range(1001)]
    lines, forwarded = lines_of(shares, 2.0)
    assert lines == ["decoding: 33 min left"]
    assert forwarded == shares


@pytest.mark.parametrize(("shares", "seconds"), [([i / 100 for i in range(100)], 0.1), ([0.0] * 100, 1.0)])
def test_little_or_unknown_time_is_not_mentioned(shares: list[float], seconds: float) -> None:
    assert lines_of(shares, seconds)[0] == []


def test_what_the_cache_held_does_not_count() -> None:
    assert lines_of([0.5 + i / 1000 for i in range(400)], 1.0)[0] == ["decoding: 8 min left"]
