"""Sub-campaign of faults in a supervised show."""

import sys
from collections.abc import Sequence
from pathlib import Path

from tests.campaign.report import seconds, table
from tests.campaign.runner import Fault, Outcome, attempt
from tests.campaign.stage import write_campaign_bundle

HEAD = ("kind", "times", "process lived", "longest gap", "desktop seen", "said", "recovered without a hand", "lost")
ENDING_HEAD = ("kind", "times", "ended as it should", "longest time to the end", "lost")


def fault_tables(faults: Sequence[Fault], times: int, folder: Path) -> tuple[str, list[str]]:
    """Inject faults, and report progress on stderr.

    Args:
        faults: Kinds of faults.
        times: Number of shows for each.
        folder: Empty folder for their files.

    Returns:
        The tables, and a line for everything that was not as expected.
    """
    bundle = write_campaign_bundle(folder / "model")
    rows: list[Sequence[object]] = []
    ending_rows: list[Sequence[object]] = []
    troubles: list[str] = []
    for fault in faults:
        outcomes = []
        for number in range(times):
            outcomes.append(attempt(fault, folder / "stage", bundle))
            found = [f"{fault.name} ({number + 1}): {trouble}" for trouble in outcomes[-1].troubles]
            print(*(found or [f"{fault.name} ({number + 1}): as expected"]), sep="\n", file=sys.stderr, flush=True)
            troubles += found
        (rows if fault.ends is None else ending_rows).append(_row(fault, outcomes))
    tables = [table(head, lines) for head, lines in ((HEAD, rows), (ENDING_HEAD, ending_rows)) if lines]
    summary = "\n".join(f"- {line}" for line in troubles) or "All was as expected."
    return "\n\n".join([*tables, summary]), troubles


def _row(fault: Fault, outcomes: Sequence[Outcome]) -> Sequence[object]:
    def count(true: Sequence[bool]) -> str:
        return "all" if all(true) else "none" if not any(true) else f"{sum(true)} of {len(true)}"

    recovered = count([each.recovered for each in outcomes])
    gap, lost = max(each.gap for each in outcomes), max(each.lost for each in outcomes)
    if fault.ends is not None:
        return fault.name, len(outcomes), recovered, seconds(gap), seconds(lost)
    said = count([each.said for each in outcomes]) if fault.said else "—"
    dark = seconds(max(each.dark for each in outcomes))
    lived = count([each.lived for each in outcomes])
    return fault.name, len(outcomes), lived, seconds(gap), dark, said, recovered, seconds(lost)
