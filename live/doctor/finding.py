"""Findings of checks: a state, one fact, and one remedy where something is to be done."""

from dataclasses import dataclass
from typing import Literal

from live.errors import ShowError

State = Literal["ok", "warning", "failed", "not applicable"]


@dataclass(frozen=True)
class Finding:
    """Result of one check."""

    state: State
    """failed: without this, the show as asked cannot run; warning: it can."""
    fact: str
    remedy: str = ""
    """Something to type or to do; empty unless the state is "warning" or "failed"."""


def ok(fact: str) -> Finding:
    """Return the finding that all is well."""
    return Finding("ok", fact)


def warning(fact: str, remedy: str) -> Finding:
    """Return the finding of something that the show can do without."""
    return Finding("warning", fact, remedy)


def failed(fact: str, remedy: str) -> Finding:
    """Return the finding of something without which the show as asked cannot run."""
    return Finding("failed", fact, remedy)


def not_applicable(fact: str) -> Finding:
    """Return the finding that there is nothing to check here, and why."""
    return Finding("not applicable", fact)


def failed_with(error: ShowError) -> Finding:
    """Return the finding of an error that would end the show."""
    return failed(*_parts(error))


def warning_of(error: ShowError) -> Finding:
    """Return the finding of an error that the show can do without."""
    return warning(*_parts(error))


def _parts(error: ShowError) -> tuple[str, str]:
    """Return fact and remedy of an error, whose message says what is wrong; what to do."""
    fact, _, remedy = str(error).partition("; ")
    return fact, remedy or "see --help"
