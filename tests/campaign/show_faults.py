"""Sub-campaign of faults in a supervised show."""

import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

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
    faults: Sequence[Fault], times: int, folder: Path, results: Results | None = None
) -> tuple[str, list[str]]:
    """Inject faults, and report progress on stderr.

    Args:
        faults: Kinds of faults.
        times: Number of shows for each.
        folder: Empty folder for their files.
        results: Outcomes so far, which are not made again; None for none.

    Returns:
        The tables, and a line for everything that was not as expected.
    """
    results = results or Results(None)
    bundle = write_campaign_bundle(folder / "model")
    rows: list[Sequence[object]] = []
    ending_rows: list[Sequence[object]] = []
    troubles: list[str] = []
    for fault in faults:
        outcomes = [Outcome(**each) for each in results.of(fault.name)[:times]]
        for number in range(times):
            if number == len(outcomes):
                outcomes.append(attempt(fault, folder / "stage", bundle))
                results.add(fault.name, asdict(outcomes[-1]))
            found = [f"{fault.name} ({number + 1}): {trouble}" for trouble in outcomes[number].troubles]
            print(*(found or [f"{fault.name} ({number + 1}): as expected"]), sep="\n", file=sys.stderr, flush=True)
            troubles += found
        (rows if fault.ends is None else ending_rows).append(_row(fault, outcomes))
    tables = [table(head, lines) for head, lines in ((HEAD, rows), (ENDING_HEAD, ending_rows)) if lines]
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
