"""The command: it measures everything that it names. No test looks at how large the figures are."""

import json
from pathlib import Path
from typing import Any

import pytest

from live.benchmark.__main__ import main


def measured(tmp_path: Path, *arguments: str) -> dict[str, dict[str, Any]]:
    """Return every part of a run of the benchmark by its title's first words, as the JSON has it."""
    out = tmp_path / "figures.json"
    assert main([*arguments, "--out", str(out)]) == 0
    written = json.loads(out.read_text())
    assert set(written["machine"]) >= {
        "cpu",
        "cores",
        "flags",
        "threads",
        "providers",
        "onnxruntime",
        "numpy",
        "pygame",
    }
    return {part["title"].partition(":")[0]: part for part in written["parts"]}


@pytest.mark.slow
def test_everything_is_measured(
    tmp_path: Path,
    bundle_folder: Path,
    x_screen: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name, value in x_screen.items():
        monkeypatch.setenv(name, value)
    parts = measured(tmp_path, "--model", str(bundle_folder), "--seconds", "0.5", "--memory-frames", "500")
    assert [*parts] == [
        "session beside the U-Net",
        "arithmetic",
        "state bound or through numpy",
        "providers and precisions",
        "effects",
        "whole show",
        "start-up",
        "memory over 500 frames",
    ]
    bars = [each["what"] for part in parts.values() for each in part["figures"] if each["bar"] is not None]
    assert len(bars) >= 8
    assert parts["providers and precisions"]["times"].keys() == {"CPU"}
    assert parts["whole show"]["left_out"] == {"virtual camera": "none is named; give --virtual-camera DEVICE"}
    figures = {each["what"]: each["value"] for each in parts["whole show"]["figures"]}
    assert figures["frames a second, as fast as it can"] > 0
    assert figures["frame interval at 30 frames a second, p50"] > 25
    assert "whole show: window, HUD, recording" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--sceonds", "3"], "sceonds"),
        (["--seconds", "0"], "--seconds is 0"),
        (["--out", "gone/figures.json"], "--out gone/figures.json"),
        (["--model", "gone"], "there is no model folder gone"),
        (["--memory-frames", "5"], "memory-frames"),
    ],
)
def test_a_wrong_option_is_one_line(arguments: list[str], reason: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert reason in line
