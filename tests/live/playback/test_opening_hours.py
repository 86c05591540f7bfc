"""Opening hours of a show, with a clock of the test."""

from datetime import datetime, time

import pytest

from live.playback.opening_hours import OpeningHours, read_hours


def is_open(hours: str, at: str) -> bool:
    return OpeningHours(*read_hours(hours), now=lambda: datetime.fromisoformat(f"2026-11-29T{at}")).is_open


@pytest.mark.parametrize(
    ("hours", "inside", "outside"),
    [
        ("10:00-18:00", ["10:00:00", "12:00:00", "17:59:59"], ["09:59:59", "18:00:00", "00:00:00", "23:59:59"]),
        ("20:00-02:30", ["20:00:00", "23:59:59", "00:00:00", "02:29:59"], ["02:30:00", "12:00:00", "19:59:59"]),
        ("9:05-24:00", ["09:05:00", "23:59:59"], ["00:00:00", "09:04:59"]),
        ("00:00-08:00", ["00:00:00", "07:59:59"], ["08:00:00", "23:59:59"]),
    ],
)
def test_hours_begin_and_end_on_the_minute_also_over_midnight(
    hours: str, inside: list[str], outside: list[str]
) -> None:
    assert [is_open(hours, at) for at in inside] == [True] * len(inside)
    assert [is_open(hours, at) for at in outside] == [False] * len(outside)


def test_hours_are_written_as_they_are_read() -> None:
    assert str(OpeningHours(time(9, 5), time(18))) == "09:05-18:00"
    assert read_hours("09:05-18:00") == (time(9, 5), time(18))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("10-18", "10-18 is not a time such as 10:00-18:00"),
        ("10:00", "10:00 is not"),
        ("10:00-18:00 ", "is not"),
        ("10:00-25:00", "25:00 is no time of day"),
        ("10:60-18:00", "10:60 is no time of day"),
        ("10:00-10:00", "begins and ends at the same time"),
        ("00:00-24:00", "leave it out to play day and night"),
    ],
)
def test_other_hours_are_refused(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        read_hours(text)
