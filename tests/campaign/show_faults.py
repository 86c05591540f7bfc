"""Sub-campaign of faults in a supervised show."""

import sys
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path

from tests.campaign.at_once import at_once
from tests.campaign.report import seconds, table
from tests.campaign.results import Results
from tests.campaign.runner import (
    ENDING_SECONDS,
    LIVING_GAP,
    NOT_DARK,
    NOT_LOST,
    RESTARTED_GAP,
    Bar,
    Fault,
    Outcome,
    attempt,
)
from tests.campaign.stage import write_campaign_bundle

HEAD = ("kind", "times", "process lived", "longest gap", "desktop seen", "said", "recovered without a hand", "lost")
ENDING_HEAD = ("kind", "times", "ended as it should", "longest time to the end", "lost")
BARS = (
    f"Bars: a gap of {seconds(LIVING_GAP.seconds)} where the process lives, and of {seconds(RESTARTED_GAP.seconds)} "
    f"where it is replaced; {seconds(NOT_DARK.seconds)} of the desktop; {seconds(NOT_LOST.seconds)} lost, which is the "
    f"error of the count; an end within {seconds(ENDING_SECONDS)}. What is beyond its bar is **bold**."
)


def fault_tables(
    faults: Sequence[Fault], times: int, folder: Path, results: Results | None = None, *, shows: int = 1
) -> tuple[str, list[str]]:
    """Inject faults, and report progress on stderr.

    Args:
        faults: Kinds of faults.
        times: Number of shows for each.
        folder: Empty folder for their files.
        results: Outcomes so far, which are not made again; None for none.
        shows: Number of shows at the same time.

    Returns:
        The tables, and a line for everything that was not as expected.
    """
    results = results or Results(None)
    bundle = write_campaign_bundle(folder / "model")
    made = Counter({fault.name: len(results.of(fault.name)) for fault in faults})
    # One of each kind after the other, so that a campaign that is ended has as many of each.
    left = [fault for number in range(times) for fault in faults if made[fault.name] <= number]
    for fault, outcome in at_once(partial(attempt, bundle=bundle), left, shows, folder):
        results.add(fault.name, asdict(outcome))
        made[fault.name] += 1
        name = f"{fault.name} ({made[fault.name]})"
        print(f"{name}: {'; '.join(outcome.troubles) or 'as expected'}", file=sys.stderr, flush=True)
    troubles: list[str] = []
    rows: dict[bool, list[Sequence[object]]] = defaultdict(list)
    for fault in faults:
        outcomes = [Outcome(**each) for each in results.of(fault.name)[:times]]
        rows[fault.ends is None].append(_row(fault, outcomes))
        for number, outcome in enumerate(outcomes, 1):
            troubles += [f"{fault.name} ({number}): {trouble}" for trouble in outcome.troubles]
    tables = [table(head, lines) for head, lines in ((HEAD, rows[True]), (ENDING_HEAD, rows[False])) if lines]
    others = [f"- {fault.name}: {each}" for fault in faults for each in _other_bars(fault)]
    bars = "\n".join([BARS, *(["", "Other bars, by design:", "", *others] if others else [])])
    summary = "\n".join(f"- {line}" for line in troubles) or "All was as expected."
    return "\n\n".join([*tables, bars, summary]), troubles


def _other_bars(fault: Fault) -> list[str]:
    """Return a line for each bar of a kind that is not the usual one."""
    bars = (("gap", fault.gap_bar), ("desktop seen", fault.dark), ("lost", fault.lost))
    return [f"{name} {seconds(bar.seconds)}, because {bar.why}" for name, bar in bars if bar.why]


def _row(fault: Fault, outcomes: Sequence[Outcome]) -> Sequence[object]:
    def count(true: Sequence[bool]) -> str:
        return "all" if all(true) else "none" if not any(true) else f"{sum(true)} of {len(true)}"

    recovered = count([each.recovered for each in outcomes])
    gap = _judged(max(each.gap for each in outcomes), fault.gap_bar)
    lost = _judged(max(each.lost for each in outcomes), fault.lost)
    if fault.ends is not None:
        return fault.name, len(outcomes), recovered, gap, lost
    said = count([each.said for each in outcomes]) if fault.said else "—"
    dark = _judged(max(each.dark for each in outcomes), fault.dark)
    lived = count([each.lived for each in outcomes])
    return fault.name, len(outcomes), lived, gap, dark, said, recovered, lost


def _judged(value: float, bar: Bar) -> str:
    """Return a time in words, bold if it is beyond its bar."""
    return seconds(value) if value <= bar.seconds else f"**{seconds(value)}**"
