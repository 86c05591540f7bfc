"""Reports of what was measured: one table for a person, one JSON file for a program."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from rich.console import Console
from rich.table import Table

from live.benchmark.interleave import Times
from live.errors import OutputError

# A narrower table would cut off the names of its figures.
NARROWEST = 140


@dataclass(frozen=True)
class Figure:
    """One number, and the target that it should meet, if there is one."""

    what: str
    value: float
    unit: str = ""
    bar: float | None = None
    side: Literal["≥", "≤"] = "≥"

    @property
    def met(self) -> bool | None:
        """True if the target is met; None if there is none."""
        if self.bar is None:
            return None
        return self.value >= self.bar if self.side == "≥" else self.value <= self.bar


@dataclass
class Part:
    """One comparison."""

    title: str
    times: dict[str, Times] = field(default_factory=dict)
    figures: list[Figure] = field(default_factory=list)
    left_out: dict[str, str] = field(default_factory=dict)
    """Figures that could not be measured here, with the reasons."""


def print_report(parts: Sequence[Part], machine: Mapping[str, str], own_rate: float, console: Console) -> None:
    """Print the machine and the table."""
    for name, text in machine.items():
        console.print(f"{name:>12}  {text}", markup=False, highlight=False)
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("")
    for head in ("p50 ms", "p95 ms", "p99 ms", "calls", f"> 1/{own_rate:.4g} s", "> 1/30 s", "figure", "bar", "met"):
        table.add_column(head, justify="right", no_wrap=True)
    for part in parts:
        table.add_section()
        table.add_row(part.title, style="bold")
        for name, times in part.times.items():
            spans = (f"{each:.2f}" for each in (times.p50_ms, times.p95_ms, times.p99_ms))
            counts = map(str, (times.count, times.missed_at_own_rate, times.missed_at_30))
            table.add_row(f"  {name}", *spans, *counts)
        for figure in part.figures:
            value = f"{figure.value:.4g}{figure.unit}"
            bar = "" if figure.bar is None else f"{figure.side} {figure.bar:g}{figure.unit}"
            met = {True: "yes", False: "no", None: ""}[figure.met]
            table.add_row(f"  {figure.what}", "", "", "", "", "", "", value, bar, met)
    console.width = max(console.width, NARROWEST)
    console.print(table)
    for part in parts:
        for name, why in part.left_out.items():
            console.print(f"not measured: {name} ({why})", markup=False, highlight=False)


def write_report(path: Path, parts: Sequence[Part], facts: Mapping[str, Any]) -> None:
    """Write `facts` and all parts to the JSON file `path`. Raises `OutputError` if that is impossible."""
    report = {
        **facts,
        "parts": [
            {**asdict(part), "figures": [{**asdict(each), "met": each.met} for each in part.figures]} for part in parts
        ],
    }
    try:
        path.write_text(json.dumps(report, indent=2, ensure_ascii=False) + "\n", encoding="utf-8", errors="replace")
    except OSError as error:
        raise OutputError(f"cannot write the figures {path} ({error.strerror})") from error
