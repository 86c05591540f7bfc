"""The command `--doctor` on this machine, and its output."""

import json
import os
from pathlib import Path

import pytest

from live.doctor.checks import CHECKS, Check
from live.doctor.command import WIDTH, as_text, diagnose
from live.doctor.finding import Finding, failed, not_applicable, ok, warning
from tests.live.command import run
from tests.live.doctor.machines import FakeMachine

STATES = {"ok": "ok", "warning": "warning", "failed": "failed", "n/a": "not applicable"}


def as_read(text: str) -> list[tuple[str, str]]:
    """Return (state, name) of each finding in the text."""
    return [
        (STATES[line.split()[0]], check.name)
        for line in text.splitlines()
        for check in CHECKS
        if line.split()[:1] and line.split()[0] in STATES and line[9:].startswith(check.name + "  ")
    ]


def test_the_real_command_on_a_real_screen(
    x_screen: dict[str, str], bundle_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    show = ("--model", bundle_folder, "--provider", "cpu", "--precision", "fp32")
    text = run("--doctor", *show, env=x_screen)
    assert (text.returncode, text.stderr) == (0, "")
    assert [name for _, name in as_read(text.stdout)] == [check.name for check in CHECKS]
    assert "x11, display 0 screen 1000×600" in text.stdout
    assert text.stdout.splitlines()[-1].startswith("The show can run as asked")
    # A long path is not broken in two.
    assert all(len(line) <= WIDTH or len(line.split()) <= 2 for line in text.stdout.splitlines())

    asked = ("--display", "7", "--record", tmp_path / "none" / "a.mkv")
    found = run("--doctor", "--json", *show, *asked, env=x_screen)
    assert (found.returncode, found.stderr) == (1, "")
    said = json.loads(found.stdout)
    assert said["can_run"] is False
    assert [check["name"] for check in said["checks"]] == [check.name for check in CHECKS]
    states = {check["name"]: check["state"] for check in said["checks"]}
    assert states["display"] == states["recordings"] == "failed"
    assert states["model"] == "ok"
    assert all(bool(each["remedy"]) == (each["state"] in ("warning", "failed")) for each in said["checks"])
    assert list(tmp_path.iterdir()) == [], "nothing is left"


def test_without_a_display_only_a_show_with_a_window_fails(bundle_folder: Path) -> None:
    hidden = ("DISPLAY", "WAYLAND_DISPLAY", "SDL_VIDEODRIVER", "XDG_RUNTIME_DIR")
    environment = {name: value for name, value in os.environ.items() if name not in hidden}
    show = ("--doctor", "--model", bundle_folder, "--provider", "cpu")
    assert run(*show, env=environment).returncode == 1
    assert run(*show, "--headless", env=environment).returncode == 0


@pytest.mark.parametrize(
    ("findings", "code", "last"),
    [
        ([ok("fine"), not_applicable("none")], 0, "The show can run as asked; no warnings."),
        ([warning("slow", "wait")], 0, "The show can run as asked; 1 warning."),
        (
            [warning("slow", "wait"), failed("gone", "buy")],
            1,
            "The show cannot run as asked: 1 failed, 1 with a warning.",
        ),
    ],
)
def test_only_a_failure_is_exit_code_1(
    machine: FakeMachine, capsys: pytest.CaptureFixture[str], findings: list[Finding], code: int, last: str
) -> None:
    case = machine.case("--doctor")
    left = iter(findings)
    checks = [Check(f"check {number}", lambda _: next(left)) for number in range(len(findings))]
    assert diagnose(case.settings, checks=checks, machine=case.machine) == code
    assert capsys.readouterr().out.splitlines()[-1] == last


def test_text_is_wrapped_and_a_command_begins_its_own_line() -> None:
    finding = warning("much to say " * 12, "sudo " + "a-long-option " * 10)
    lines = as_text("its name", finding, 12).splitlines()
    assert max(map(len, lines)) <= WIDTH
    assert lines[0].startswith("warning  its name    much to say")
    assert lines[1].startswith(" " * 21)
    assert not lines[1].startswith(" " * 22)
    assert sum(line.startswith("  → sudo a-long-option") for line in lines) == 1
