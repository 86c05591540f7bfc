"""Displays of this machine: the connection to them, their names, sizes and rates."""

import ctypes
import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

import pygame

from live.display.sdl_present import sdl_library
from live.errors import DisplayError

# SDL falls back to these silently, and nothing that is drawn on them is ever visible.
DRIVERS_WITHOUT_DISPLAY = ("dummy", "offscreen", "evdev")


@dataclass(frozen=True)
class Display:
    """A display."""

    number: int
    """Present number, counted from 0. When displays are plugged in or out, it may be another one's."""
    name: str
    """Name of the screen, or of its socket on X11; empty if this build of pygame hides its SDL."""
    size: tuple[int, int]
    """(width, height)."""
    rate: int
    """Pictures a second; 0 if unknown."""


class _Mode(ctypes.Structure):
    """SDL_DisplayMode."""

    _fields_ = (
        ("format", ctypes.c_uint32),
        ("width", ctypes.c_int),
        ("height", ctypes.c_int),
        ("rate", ctypes.c_int),
        ("driver_data", ctypes.c_void_p),
    )


def open_display(wanted: str) -> int:
    """Connect to the displays of this machine, and return the number of the one that is wanted.

    Args:
        wanted: Number or name of a display.

    Raises:
        DisplayError: There is none, or not this one. It may come.
    """
    connect()
    try:
        return find_display(wanted, list_displays())
    except DisplayError:
        pygame.quit()
        raise


def connect() -> None:
    """Connect to the displays of this machine.

    Raises:
        DisplayError: There is none. One may come.
    """
    # Without this variable libwayland prints a line of its own, where there is no Wayland. Nothing is written there.
    os.environ.setdefault("XDG_RUNTIME_DIR", "/tmp")
    try:
        pygame.display.init()
    except pygame.error as error:
        raise DisplayError(
            f"there is no display ({error}); --no-window and --headless need none", may_pass=True
        ) from error
    driver = pygame.display.get_driver()
    if driver in DRIVERS_WITHOUT_DISPLAY and driver not in os.environ.get("SDL_VIDEODRIVER", "").split(","):
        pygame.quit()
        raise DisplayError(
            "there is no display; set DISPLAY if there should be one, or use --no-window or --headless", may_pass=True
        )


def list_displays() -> list[Display]:
    """Return the displays of this machine by their numbers. They must be connected."""
    displays = []
    for number, size in enumerate(pygame.display.get_desktop_sizes()):
        name, rate = _name_and_rate(number)
        displays.append(Display(number, name, size, rate))
    return displays


def find_display(wanted: str, displays: Sequence[Display]) -> int:
    """Return the number of the display that is wanted.

    Args:
        wanted: Number or name.
        displays: Displays of the machine.

    Raises:
        DisplayError: There is no such display, which may come, or more than one.
    """
    # A number goes before a name.
    found = [display.number for display in displays if str(display.number) == wanted]
    found = found or [display.number for display in displays if display.name == wanted]
    if len(found) > 1:
        numbers = " or ".join(map(str, found))
        raise DisplayError(f"{len(found)} displays are named {wanted}; give --display a number: {numbers}")
    if not found:
        raise DisplayError(f"there is no display {wanted}; --list-displays lists the displays", may_pass=True)
    return found[0]


def display_lines(displays: Sequence[Display]) -> Iterator[str]:
    """Yield a line for each display: number, name, size and rate. `--display` accepts number and name."""
    for display in displays:
        rate = f"  {display.rate} Hz" if display.rate else ""
        yield f"{display.number}  {display.name}  {display.size[0]}×{display.size[1]}{rate}"


def _name_and_rate(number: int) -> tuple[str, int]:
    """Return the name and the rate of a display, which pygame does not tell."""
    with suppress(OSError, AttributeError):
        sdl, mode = sdl_library(), _Mode()
        sdl.SDL_GetDisplayName.argtypes, sdl.SDL_GetDisplayName.restype = [ctypes.c_int], ctypes.c_char_p
        sdl.SDL_GetCurrentDisplayMode.argtypes = [ctypes.c_int, ctypes.POINTER(_Mode)]
        known = sdl.SDL_GetCurrentDisplayMode(number, ctypes.byref(mode)) == 0
        return (sdl.SDL_GetDisplayName(number) or b"").decode(errors="replace"), mode.rate if known else 0
    return "", 0
