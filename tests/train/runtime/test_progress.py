"""Display of a training in a terminal: it fits the terminal."""

import io
from dataclasses import replace

import pytest
from rich.console import Console

from train.runtime.progress import Standing, clock, duration, picture

STANDING = Standing(
    step=123456,
    share=0.999,
    left=26000.0,
    verdict="6 of 18 bars; pictures still unlike the film; things still coming apart; falling",
    sample="rollout",
    due=3700.0,
)


def lines(standing: Standing, width: int) -> list[str]:
    printed = io.StringIO()
    # As the studio's console: it does not wrap by itself.
    Console(file=printed, width=width, soft_wrap=True, force_terminal=True, color_system=None).print(picture(standing))
    return printed.getvalue().splitlines()


def test_it_fits_eighty_columns() -> None:
    step, verdict, rollout = lines(STANDING, 80)
    assert step.startswith("step 123456 ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━")
    assert step.endswith("100 %  7 h 13 min left")
    assert len(step) == 80
    assert verdict.rstrip() == STANDING.verdict
    assert rollout.rstrip() == "next rollout in 1:01:40"


def test_a_rollout_has_a_bar_of_its_own() -> None:
    row = lines(replace(STANDING, sample_share=0.5, sample_left=12.0), 80)[2]
    assert row.startswith("rollout ━━━━━━")
    assert row.endswith("50 %  12 s left")
    assert len(row) == 80


@pytest.mark.parametrize("width", [36, 60])
def test_nothing_is_cut_in_a_narrow_terminal(width: int) -> None:
    shown = lines(STANDING, width)
    assert all(len(line) <= width for line in shown)
    text = " ".join(" ".join(shown).split())
    assert STANDING.verdict in text
    assert "step 123456 " in text
    assert "100 % 7 h 13 min left" in text
    assert "…" not in text


def test_times_are_written_as_people_do() -> None:
    assert [clock(seconds) for seconds in (-1, 9, 200, 3800)] == ["0:00", "0:09", "3:20", "1:03:20"]
    assert [duration(seconds) for seconds in (None, 12, 60, 3600)] == ["", "12 s left", "1 min left", "1 h 0 min left"]
