"""Sub-campaign of files: bundles, settings, presets and checkpoints that were changed anywhere.

Each is refused in one line, or harmless: then the show, or the training's reader, takes it to its end.
"""

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.campaign.report import table
from tests.campaign.spoiled_files import KINDS
from tests.hostile import MIB, SECONDS

ROOT = Path(__file__).parents[2]
# A file that takes longer hangs.
HANGING_SECONDS = 60.0
HEAD = ("file", "changed copies", "refused in one line", "harmless", "neither", "longest, CPU", "memory, at most")


@dataclass(frozen=True)
class Answer:
    """Result of reading one file."""

    seed: int
    outcome: str
    """"refused" or "harmless"; anything else says what went wrong."""
    seconds: float
    """CPU time."""
    mib: float
    """Peak of the memory of the process that read it and those before it."""


def file_table(times: int, folder: Path, kinds: Collection[str] = KINDS.keys()) -> tuple[str, list[str]]:
    """Change files, have them read, and report progress on stderr.

    Args:
        times: Number of files, divided among the kinds.
        folder: Empty folder for them.
        kinds: Names of the kinds; all unless told otherwise.

    Returns:
        The table, and a line for everything that was not as expected.
    """
    rows, troubles = [], []
    for kind in kinds:
        answers = _answers(kind, -(-times // len(kinds)), folder / kind)
        counts = Counter(answer.outcome for answer in answers)
        refused, harmless = counts.pop("refused", 0), counts.pop("harmless", 0)
        longest = max(answer.seconds for answer in answers)
        rows.append(
            (
                kind,
                len(answers),
                refused,
                harmless,
                counts.total(),
                f"{longest:.2f} s",
                f"{max(answer.mib for answer in answers):.0f} MiB",
            )
        )
        found = [answer for answer in answers if answer.outcome not in ("refused", "harmless")]
        troubles += [f"{kind}, seed {answer.seed}: {answer.outcome}" for answer in found]
        if longest > SECONDS:
            troubles.append(f"{kind}: {longest:.1f} s")
        print(f"{kind}: {refused} refused, {harmless} harmless, {counts.total()} neither", file=sys.stderr, flush=True)
    summary = "\n".join(f"- {line}" for line in troubles) or f"None took more than {SECONDS:g} s or {MIB} MiB more."
    return f"{table(HEAD, rows)}\n\n{summary}", troubles


def _answers(kind: str, count: int, folder: Path) -> Sequence[Answer]:
    """Have so many files of a kind read, in as few processes as they leave alive."""
    answers: list[Answer] = []
    while len(answers) < count:
        command = [
            sys.executable,
            "-m",
            "tests.campaign.spoiled_files",
            kind,
            str(len(answers)),
            str(count),
            str(folder),
        ]
        try:
            limit = HANGING_SECONDS + SECONDS * (count - len(answers))
            done = subprocess.run(command, cwd=ROOT, capture_output=True, timeout=limit, check=False)
            printed, end = done.stdout, f"the process ended with {done.returncode}"
        except subprocess.TimeoutExpired as error:
            printed, end = error.stdout or b"", "it hangs"
        answers += [Answer(**json.loads(line)) for line in printed.splitlines()]
        if len(answers) < count:
            answers.append(Answer(len(answers), end, 0.0, 0.0))
    return answers
