"""The command `--doctor`: runs all checks and prints their findings, as text or as JSON."""

import json
import textwrap
from collections.abc import Sequence

from live.console import say
from live.doctor.case import Case, Machine
from live.doctor.checks import CHECKS, Check, run_check
from live.doctor.finding import Finding
from live.settings import Settings

WIDTH = 80
SHORT_STATES = {"not applicable": "n/a"}
STATE_COLUMN = 9
INTERRUPTED_EXIT_CODE = 130


def diagnose(settings: Settings, *, checks: Sequence[Check] = CHECKS, machine: Machine | None = None) -> int:
    """Run the checks one after the other and print a line for each.

    Args:
        settings: The show as asked.
        checks: The checks, in their order.
        machine: The machine; None for this one.

    Returns:
        The exit code: 1 if the show cannot run as asked, else 0; 130 after Ctrl-C.
    """
    case = Case(settings, machine or Machine())
    name_column = max(len(check.name) for check in checks) + 2
    findings = []
    try:
        for check in checks:
            findings.append(run_check(check, case))
            if not settings.json:
                say(as_text(check.name, findings[-1], name_column))
    except KeyboardInterrupt:
        return INTERRUPTED_EXIT_CODE
    can_run = all(finding.state != "failed" for finding in findings)
    if settings.json:
        say(as_json(checks, findings, can_run))
    else:
        say(summary(findings))
    return 0 if can_run else 1


def as_text(name: str, finding: Finding, name_column: int) -> str:
    """Return a finding in lines of 80 columns; its remedy begins a line of its own."""
    head = f"{SHORT_STATES.get(finding.state, finding.state):<{STATE_COLUMN}}{name:<{name_column}}"
    text = _wrapped(finding.fact, head, " " * len(head))
    return f"{text}\n{_wrapped(finding.remedy, '  → ', '    ')}" if finding.remedy else text


def _wrapped(text: str, first: str, further: str) -> str:
    # A path or an option that is broken in two cannot be pasted.
    return textwrap.fill(
        text, WIDTH, initial_indent=first, subsequent_indent=further, break_long_words=False, break_on_hyphens=False
    )


def as_json(checks: Sequence[Check], findings: Sequence[Finding], can_run: bool) -> str:
    """Return all findings as JSON."""
    rows = [
        {"name": check.name, "state": finding.state, "fact": finding.fact, "remedy": finding.remedy}
        for check, finding in zip(checks, findings, strict=True)
    ]
    return json.dumps({"can_run": can_run, "checks": rows}, indent=2, ensure_ascii=False)


def summary(findings: Sequence[Finding]) -> str:
    """Return the last line: whether the show can run, and how much is to be done."""
    counts = {state: sum(finding.state == state for finding in findings) for state in ("failed", "warning")}
    if counts["failed"]:
        return f"The show cannot run as asked: {counts['failed']} failed, {counts['warning']} with a warning."
    return f"The show can run as asked; {counts['warning'] or 'no'} warning{'s' * (counts['warning'] != 1)}."
