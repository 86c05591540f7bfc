"""Display of a running training in a terminal: two bars, the last verdict, and times."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

REFRESHES = 2  # a second


@dataclass(frozen=True)
class Standing:
    """State of a training at a moment.

    Attributes:
        step: number of training steps so far.
        share: of the training that is done, 0…1.
        left: seconds until its end; None: not known yet.
        verdict: on the last validation; empty before the first.
        sample: what a validation makes: rollout.
        due: seconds until the next one.
        sample_share: of the one that is being made, 0…1; None between two.
        sample_left: seconds until that one is made; None: not known yet.
    """

    step: int
    share: float
    left: float | None
    verdict: str
    sample: str
    due: float
    sample_share: float | None = None
    sample_left: float | None = None


def live_display(console: Console, standing: Callable[[], Standing]) -> Live:
    """Return the display, to be started; it asks for the state of the training twice a second, in another thread."""
    return Live(
        console=console, get_renderable=lambda: picture(standing()), refresh_per_second=REFRESHES, transient=True
    )


def picture(standing: Standing) -> RenderableType:
    """Draw three lines, which wrap between words where the terminal is narrower than they are."""
    rows: list[RenderableType] = [_bar(f"step {standing.step}", standing.share, standing.left)]
    rows.append(_text(standing.verdict or f"no {standing.sample} yet"))
    if standing.sample_share is None:
        rows.append(_text(f"next {standing.sample} in {clock(standing.due)}"))
    else:
        rows.append(_bar(standing.sample, standing.sample_share, standing.sample_left))
    return Group(*rows)


def _text(text: str) -> Text:
    return Text(text, no_wrap=False, overflow="fold")  # also on a console that does not wrap


def _bar(label: str, share: float, left: float | None) -> Table:
    row = Table.grid(expand=True, padding=(0, 1))
    row.add_column(no_wrap=True)
    row.add_column(ratio=1)
    row.add_column(no_wrap=True, justify="right")
    row.add_row(label, ProgressBar(1.0, share), f"{100 * share:.0f} %  {duration(left)}".rstrip())
    return row


def clock(seconds: float) -> str:
    """Return such as 3:20, or 1:03:20."""
    minutes, rest = divmod(max(0, round(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def duration(seconds: float | None) -> str:
    """Return such as "40 s left", "24 min left" or "7 h 12 min left"; empty if it is not known."""
    if seconds is None:
        return ""
    if seconds < 60:
        return f"{max(0, round(seconds))} s left"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes} min left" if hours else f"{minutes} min left"
