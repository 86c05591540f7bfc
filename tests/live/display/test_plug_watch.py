"""A display that is unplugged during the show, and plugged in again: what the window is told, and what it does."""

from dataclasses import replace

import pygame
import pytest

from live.display.options import WindowOptions
from live.display.screens.displays import Display
from live.display.screens.plug_watch import LOOKING_SECONDS, PlugWatch
from tests.live.display.windows import OpenWindow

LAPTOP, WALL = (Display(number, name, (1000, 600), 60) for number, name in enumerate(("eDP-1", "HDMI-1")))


class Machine:
    """A machine whose displays and clock a test moves."""

    def __init__(self) -> None:
        self.displays, self.now = [LAPTOP, WALL], 0.0

    def watch(self, number: int) -> PlugWatch:
        return PlugWatch(number, lambda: self.displays, lambda: self.now)


def test_a_display_is_missed_by_its_name_and_found_under_another_number() -> None:
    machine = Machine()
    watch = machine.watch(1)
    machine.displays = [LAPTOP]
    assert (watch.look(), watch.unplugged) == (None, ""), "it is looked at once a second"
    machine.now += LOOKING_SECONDS
    assert (watch.look(), watch.unplugged) == (None, "HDMI-1")
    machine.displays = [Display(0, "HDMI-1", (1000, 600), 60)]
    assert (watch.look(), watch.unplugged) == (None, "HDMI-1")
    machine.now += LOOKING_SECONDS
    assert (watch.look(), watch.unplugged) == (0, "")
    machine.now += LOOKING_SECONDS
    assert (watch.look(), watch.unplugged) == (None, "")


def test_of_two_displays_with_one_name_none_may_be_missing() -> None:
    machine = Machine()
    machine.displays = [LAPTOP, WALL, replace(WALL, number=2)]
    watch = machine.watch(2)
    machine.now += LOOKING_SECONDS
    assert (watch.look(), watch.unplugged) == (None, "")
    machine.displays = [LAPTOP, WALL]
    machine.now += LOOKING_SECONDS
    assert (watch.look(), watch.unplugged) == (None, "HDMI-1")
    machine.displays = [WALL, replace(WALL, number=3)]
    machine.now += LOOKING_SECONDS
    assert (watch.look(), watch.unplugged) == (3, "")


def test_displays_without_names_are_not_watched() -> None:
    machine = Machine()
    machine.displays = [Display(0, "", (1000, 600), 0)]
    watch = machine.watch(0)
    machine.displays, machine.now = [], LOOKING_SECONDS
    assert (watch.look(), watch.unplugged) == (None, "")


def test_a_fullscreen_window_returns_to_its_display(open_window: OpenWindow) -> None:
    window, machine = open_window(WindowOptions(fullscreen=True)), Machine()
    whole = pygame.display.get_desktop_sizes()[0]
    name = machine.displays[0].name
    window.plug = machine.watch(0)
    machine.displays, machine.now = [], LOOKING_SECONDS
    window.poll()
    assert window.unplugged == name
    # The desktop has moved and shrunk it meanwhile.
    window._window.size = (50, 40)
    machine.displays, machine.now = [LAPTOP], 2 * LOOKING_SECONDS
    window.damaged = False
    window.poll()
    assert (window.unplugged, window.fullscreen, window.damaged) == ("", True, True)
    assert window._window.size == whole


def test_a_window_covers_a_second_display(open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    window, sizes = open_window(), [*pygame.display.get_desktop_sizes(), (700, 500)]
    monkeypatch.setattr(pygame.display, "get_desktop_sizes", lambda: sizes)
    window.damaged = False
    window._cover(1)
    assert window.damaged
