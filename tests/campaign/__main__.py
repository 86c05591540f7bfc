"""Campaign of faults: how a show lives through them, as tables in Markdown."""

import signal
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter
from cyclopts.validators import Number

from tests.campaign.endurance import accelerated_table, real_time_table
from tests.campaign.faults.table import FAULTS
from tests.campaign.hostile_files import file_table
from tests.campaign.kills import kill_table
from tests.campaign.report import machine_line
from tests.campaign.results import Results
from tests.campaign.show_faults import fault_tables

Shows = Annotated[int, Parameter(validator=Number(gte=1))]

app = App(help="Injects faults into shows, and writes tables of what came of them. Without a command: `faults`.")


@app.command
@app.default
def faults(
    *,
    times: int = 25,
    only: str = "",
    results: Path | None = None,
    at_once: Shows = 1,
    list_kinds: Annotated[bool, Parameter(negative="")] = False,
) -> int:
    """Inject each kind of fault into a supervised show.

    Args:
        times: Number of shows for each kind.
        only: Part of the names of the kinds to inject; empty for all.
        results: File that keeps each outcome. Those that it holds already count: a campaign that was ended goes on.
        at_once: Number of shows at the same time.
        list_kinds: Print the names of the kinds and end.

    Returns:
        The exit code: 1 if something was not as expected.
    """
    kinds = [fault for fault in FAULTS if only in fault.name]
    if list_kinds:
        print("\n".join(fault.name for fault in kinds))
        return 0
    with tempfile.TemporaryDirectory() as folder:
        return _print(*fault_tables(kinds, times, Path(folder), Results(results), shows=at_once), shows=at_once)


@app.command
def kills(*, times: int = 500, results: Path | None = None, at_once: Shows = 1) -> int:
    """Kill shows while they record, and play what they leave.

    Args:
        times: Number of shows.
        results: File that keeps each outcome. Those that it holds already count: a campaign that was ended goes on.
        at_once: Number of shows at the same time.

    Returns:
        The exit code: 1 if a recording could not be played or lacked more than a second.
    """
    with tempfile.TemporaryDirectory() as folder:
        return _print(*kill_table(times, Path(folder), Results(results), shows=at_once), shows=at_once)


@app.command
def files(*, times: int = 1000) -> int:
    """Have bundles, settings, presets and checkpoints read that were changed anywhere.

    Args:
        times: Number of files. The same number gives the same files.

    Returns:
        The exit code: 1 if one was neither refused in one line nor harmless, or took too long.
    """
    with tempfile.TemporaryDirectory() as folder:
        return _print(*file_table(times, Path(folder)))


@app.command
def endurance(*, frames: int = 5_000_000, minutes: float = 60.0) -> None:
    """Watch memory, descriptors and threads of shows.

    Args:
        frames: Frames of a show without a window, as fast as it can.
        minutes: Duration of a supervised show with everything.
    """
    with tempfile.TemporaryDirectory() as folder:
        # Each as soon as there is one: both take long.
        print(f"{machine_line()}\n\n{accelerated_table(frames, Path(folder, 'fast'))}", flush=True)
        print(f"\n{real_time_table(minutes, Path(folder, 'real time'))}")


def _print(text: str, troubles: Sequence[str], *, shows: int = 1) -> int:
    """Print tables under a line about the machine and the shows at the same time, and return the exit code."""
    print(f"{machine_line()}{f'; {shows} shows at the same time' if shows > 1 else ''}\n\n{text}")
    return int(bool(troubles))


if __name__ == "__main__":
    # A campaign that is ended ends its shows, too: they would take the screens of the next one.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, _: sys.exit(128 + number))
    sys.exit(app())
