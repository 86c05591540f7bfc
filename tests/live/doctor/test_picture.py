"""Session, display, renderer, screen blanking, look-up table."""

from pathlib import Path

import pytest

from live.display.screens.display_facts import DisplayFacts
from live.doctor.checks import Check, run_check
from live.doctor.picture import check_blanking, check_display, check_lut, check_renderer, check_session
from live.errors import DisplayError
from tests.live.doctor.machines import FakeMachine

XSET = """\
Screen Saver:
  prefer blanking:  yes    allow exposures:  yes
  timeout:  {timeout}    cycle:  600
DPMS (Display Power Management Signaling):
  Standby: {standby}    Suspend: {standby}    Off: {off}
  DPMS is {dpms}
"""


@pytest.mark.parametrize(
    ("environment", "state", "said"),
    [
        ({"DISPLAY": ":0"}, "ok", "X11 (DISPLAY=:0)"),
        ({"DISPLAY": ":0", "WAYLAND_DISPLAY": "wayland-0"}, "ok", "Wayland"),
        ({"SDL_VIDEODRIVER": "kmsdrm"}, "ok", "kmsdrm"),
        ({"SSH_CONNECTION": "10.0.0.2 1 10.0.0.1 22"}, "warning", "remote shell"),
        ({}, "warning", "console"),
    ],
)
def test_the_session_is_named(machine: FakeMachine, environment: dict[str, str], state: str, said: str) -> None:
    machine.environment |= environment
    finding = check_session(machine.case())
    assert finding.state == state
    assert said in finding.fact


def test_a_show_without_a_window_needs_no_screen(machine: FakeMachine) -> None:
    for check in (check_session, check_display, check_renderer, check_blanking):
        assert check(machine.case("--headless")).state == "not applicable"
        assert check(machine.case("--no-window")).state == "not applicable"


def test_a_display_that_shows_nothing_or_is_missing_is_found(
    machine: FakeMachine, dummy_display: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = machine.case()
    finding = check_display(case)
    assert (finding.state, finding.remedy) == ("warning", "unset SDL_VIDEODRIVER")
    assert case.display is not None
    assert case.display.driver == "dummy"
    assert check_renderer(case).state == "warning", "the processor draws for it"
    with pytest.raises(DisplayError, match="there is no display 7; --list-displays"):
        check_display(machine.case("--display", 7))
    case = machine.case("--display", 7, "--wait")
    waits = run_check(Check("display", check_display, essential=True, seconds=90), case)
    assert waits.state == "warning"


@pytest.mark.parametrize(
    ("facts", "state"),
    [
        (DisplayFacts("x11", 0, ("0 HDMI-1 1920×1080",), "opengl", False, "Mesa Intel(R) UHD Graphics 620"), "ok"),
        (
            DisplayFacts("x11", 0, ("0 HDMI-1 1920×1080",), "opengl", False, "llvmpipe (LLVM 15.0.6, 256 bits)"),
            "warning",
        ),
        (DisplayFacts("x11", 0, ("0 HDMI-1 1920×1080",), "software", True, ""), "warning"),
        (DisplayFacts("windows", 0, ("0 HDMI-1 1920×1080",), "direct3d", False, ""), "ok"),
        (DisplayFacts("x11", 0, ("0 HDMI-1 1920×1080",), "", False, ""), "not applicable"),
        (None, "not applicable"),
    ],
)
def test_what_draws_is_told(machine: FakeMachine, facts: DisplayFacts | None, state: str) -> None:
    case = machine.case()
    case.display = facts
    assert check_renderer(case).state == state


@pytest.mark.parametrize(
    ("figures", "said", "remedy"),
    [
        ({"timeout": 600, "standby": 0, "off": 0, "dpms": "Disabled"}, "after 600 s by the screen saver", "s off"),
        ({"timeout": 0, "standby": 700, "off": 900, "dpms": "Enabled"}, "after 700 s by DPMS", "-dpms"),
        ({"timeout": 60, "standby": 0, "off": 900, "dpms": "Enabled"}, "and after 900 s by DPMS", "s off -dpms"),
        ({"timeout": 0, "standby": 0, "off": 0, "dpms": "Enabled"}, "", ""),
        ({"timeout": 0, "standby": 700, "off": 900, "dpms": "Disabled"}, "", ""),
    ],
)
def test_blanking_of_x_is_read(machine: FakeMachine, figures: dict[str, object], said: str, remedy: str) -> None:
    machine.environment["DISPLAY"] = ":0"
    machine.program("xset", XSET.format(**figures))
    finding = check_blanking(machine.case())
    if said:
        assert (finding.state, finding.remedy) == ("warning", f"xset {remedy}")
        assert said in finding.fact
    else:
        assert finding.state == "ok"


def test_blanking_that_cannot_be_read_is_a_warning(machine: FakeMachine) -> None:
    machine.environment["DISPLAY"] = ":0"
    assert check_blanking(machine.case()).remedy == "sudo apt install x11-xserver-utils"
    machine.program("xset", code=1)
    assert "does not answer" in check_blanking(machine.case()).fact
    machine.environment["WAYLAND_DISPLAY"] = "wayland-0"
    assert check_blanking(machine.case()).state == "warning"


def test_blanking_of_gnome_and_of_the_console_is_read(machine: FakeMachine) -> None:
    machine.write("/sys/module/kernel/parameters/consoleblank", "600\n")
    assert check_blanking(machine.case()).remedy == "sudo setterm --blank 0"
    machine.write("/sys/module/kernel/parameters/consoleblank", "0\n")
    assert check_blanking(machine.case()).state == "ok"
    machine.environment |= {"WAYLAND_DISPLAY": "wayland-0", "XDG_CURRENT_DESKTOP": "ubuntu:GNOME"}
    machine.program("gsettings", "uint32 300")
    assert check_blanking(machine.case()).fact == "the desktop blanks the screen after 300 s"
    machine.program("gsettings", "uint32 0")
    assert check_blanking(machine.case()).state == "ok"
    machine.program("gsettings", "", code=1)
    assert check_blanking(machine.case()).state == "warning"


def test_the_look_up_table_is_read(machine: FakeMachine, tmp_path: Path) -> None:
    assert check_lut(machine.case()).state == "not applicable"
    path = tmp_path / "look.cube"
    path.write_text("LUT_3D_SIZE 2\n" + "0 0 0\n" * 8)
    assert check_lut(machine.case("--lut", path)).fact == f"{path} can be read"
    path.write_text("LUT_3D_SIZE 2\n")
    finding = run_check(Check("look-up table", check_lut), machine.case("--lut", path))
    assert (finding.state, finding.remedy) == ("failed", "give another .cube file")
