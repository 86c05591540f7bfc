"""Displays by their numbers and names, and the list of them."""

import os
from pathlib import Path

import pytest

from live.display.screens.displays import Display, display_lines, find_display
from live.errors import DisplayError
from tests.live.command import run
from tests.live.x_server import XServer

LAPTOP, BEAMER = Display(0, "eDP-1", (1920, 1080), 60), Display(1, "HDMI-1", (1280, 800), 0)


def test_a_display_is_found_by_its_number_and_by_its_name() -> None:
    assert [find_display(wanted, [LAPTOP, BEAMER]) for wanted in ("0", "1", "eDP-1", "HDMI-1")] == [0, 1, 0, 1]
    # A number goes before a name.
    assert find_display("1", [Display(0, "1", (640, 480), 60), BEAMER]) == 1


def test_a_missing_display_may_come_and_one_of_two_names_never_becomes_clear() -> None:
    for wanted in ("2", "HDMI-2", ""):
        with pytest.raises(DisplayError, match=f"there is no display {wanted}; --list-displays") as missing:
            find_display(wanted, [LAPTOP, BEAMER])
        assert missing.value.may_pass
    twins = [Display(number, "EPSON PJ", (1280, 800), 60) for number in range(2)]
    with pytest.raises(DisplayError, match="2 displays are named EPSON PJ; give --display a number: 0 or 1") as twice:
        find_display("EPSON PJ", twins)
    assert not twice.value.may_pass


def test_each_display_is_a_line() -> None:
    assert list(display_lines([LAPTOP, BEAMER])) == ["0  eDP-1  1920×1080  60 Hz", "1  HDMI-1  1280×800"]


def test_the_displays_of_an_x_server_are_listed(x_screen: dict[str, str]) -> None:
    done = run("--list-displays", env=x_screen)
    assert (done.returncode, done.stdout, done.stderr) == (0, "0  screen  1000×600\n", "")


def test_a_display_without_colours_enough_is_one_line(bundle_folder: Path) -> None:
    server = XServer(depth=8)
    server.start()
    try:
        done = run("--model", bundle_folder, "--seconds", "1", env=server.environment)
    finally:
        server.stop()
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert done.stderr.startswith("ninety-seconds-after: error: cannot open a window (")


def test_without_a_display_the_list_is_an_error() -> None:
    hidden = ("DISPLAY", "WAYLAND_DISPLAY", "SDL_VIDEODRIVER")
    done = run("--list-displays", env={name: value for name, value in os.environ.items() if name not in hidden})
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("ninety-seconds-after: error: there is no display")
