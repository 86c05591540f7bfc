"""Tables in Markdown, and the machine on which they were made."""

import os
from collections.abc import Iterable, Sequence

from live.benchmark.machine import machine


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)


def machine_line() -> str:
    """Return the machine, its system and its load of the last minute, in one line."""
    facts = machine()
    names = ("cpu", "cores", "system")
    versions = ", ".join(f"{name} {facts[name]}" for name in ("python", "onnxruntime", "pygame"))
    return f"{'; '.join(facts[name] for name in names)}; {versions}; load {os.getloadavg()[0]:.1f}"


def seconds(value: float) -> str:
    """Return a time in words: seconds with one digit."""
    return "all" if value == float("inf") else f"{value:.1f} s"
