"""The table and the file of a report."""

import json
from pathlib import Path

import pytest
from rich.console import Console

from live.benchmark.interleave import Times
from live.benchmark.report import Figure, Part, print_report, write_report
from live.errors import OutputError

PARTS = [
    Part(
        "speed", {"step": Times(9, 1.0, 2.0, 3.0, 0, 4)}, [Figure("a", 6.0, bar=5.0), Figure("b", 6.0, "s", 5.0, "≤")]
    ),
    Part("more", figures=[Figure("c", 1.5)], left_out={"cuda": "no driver"}),
]


def test_the_table_says_which_bars_are_met(capsys: pytest.CaptureFixture[str]) -> None:
    print_report(PARTS, {"cpu": "a [fast] one"}, 12.0, Console(width=120))
    printed = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert printed[0] == "cpu a [fast] one"
    assert "step 1.00 2.00 3.00 9 0 4" in printed
    assert "a 6 ≥ 5 yes" in printed
    assert "b 6s ≤ 5s no" in printed
    assert "not measured: cuda (no driver)" in printed


def test_the_file_holds_everything(tmp_path: Path) -> None:
    write_report(tmp_path / "f.json", PARTS, {"model": "hats"})
    written = json.loads((tmp_path / "f.json").read_text())
    assert written["model"] == "hats"
    assert written["parts"][0]["times"]["step"]["p99_ms"] == 3.0
    assert [each["met"] for part in written["parts"] for each in part["figures"]] == [True, False, None]
    assert written["parts"][1]["left_out"] == {"cuda": "no driver"}
    with pytest.raises(OutputError, match="cannot write the figures"):
        write_report(tmp_path / "gone" / "f.json", PARTS, {})
