"""Verdict on a validation in words: bars met, what is furthest from its bar, and the direction."""

from __future__ import annotations

from train.metrics.scoring import Check
from train.training.validation import ValidationResult

STEADY = 0.01  # change of the score that is no direction yet
NAMED = 2  # misses that are named
WIDTH = 78  # characters of a verdict, if it names more than one miss


def verdict(result: ValidationResult, before: ValidationResult | None = None) -> str:
    """Return such as "6 of 18 bars; lines still soft; motion now weak; rising".

    Args:
        result: of the validation.
        before: of the validation before it; None if there was none in this session.
    """
    named: list[str] = []
    for miss in _misses(result.checks, before):
        sentence = "; ".join(_parts(result, [*named, miss], before))
        if len(named) == NAMED or (named and len(sentence) > WIDTH):
            break
        named.append(miss)
    return "; ".join(_parts(result, named, before))


def _parts(result: ValidationResult, named: list[str], before: ValidationResult | None) -> list[str]:
    checks = result.checks
    bars = f"{sum(check.met for check in checks)} of {len(checks)} bars" if checks else f"score {result.score:.2f}"
    return [bars, *named, *([_direction(result.score - before.score)] if before else [])]


def _direction(change: float) -> str:
    if abs(change) < STEADY:
        return "steady"
    return "rising" if change > 0 else "falling"


def _misses(checks: tuple[Check, ...], before: ValidationResult | None) -> list[str]:
    """Name what misses its bar, the furthest first; of several misses of one subject, the furthest."""
    known = {_words(check) for check in before.checks} if before else set()
    found: dict[str, str] = {}
    for check in sorted(checks, key=lambda check: check.nearness):
        subject, fault = _words(check)
        since = "" if before is None else "still " if (subject, fault) in known else "now "
        if fault:
            found.setdefault(subject, f"{subject} {since}{fault}")
    return list(found.values())


def _words(check: Check) -> tuple[str, str]:
    """Return the subject of a bar and its fault; no fault if the value is in range.

    Where only another bar that this one is given is missed, that one has the words.
    """
    bar, value = check.bar, check.value
    words, low = bar.words, value < bar.low
    if bar.met(value):
        return bar.label, ""
    if words is None:
        return bar.label, "too low" if low else "too high"
    return words.subject, words.low if low else words.high
