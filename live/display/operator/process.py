"""Process of the operator window: it shows the views that come through a connection, and sends back the keys.

It is a process of its own, so that neither a slow display nor a crash in its driver costs the show a frame.
"""

import os
import signal
from collections.abc import Iterator, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection

import pygame

from live.display.keyboard import Keyboard
from live.display.operator.drawing import BACKGROUND, draw
from live.display.operator.view import Event, OperatorView
from live.display.panels.lettering import Lettering
from live.display.renderers import draw_surfaces_directly
from live.display.screens.displays import Display, connect, find_display, list_displays
from live.errors import DisplayError
from live.reading.text import printable

EVENTS_SECONDS = 0.02
# The network needs the cores more.
NICENESS = 5
# Sides of the window, as shares of the display's: less where the audience's window is on the same one.
SHARE, SHARE_BESIDE = 4 / 5, 3 / 5


def run(connection: Connection, title: str, wanted: str | None, audience: str | None) -> None:
    """Show every `OperatorView` that comes through `connection`. This is the process's target.

    Args:
        connection: Delivers the views, and takes an `Event` for everything that happens. The process ends when it is
            closed.
        title: Title of the window.
        wanted: Number or name of the display; None for another one than the audience's, if there is one.
        audience: Number or name of the display of the audience's window; None if it has none.
    """
    # Ctrl-C, and the SIGTERM that a service manager sends to all, are for the show, which closes the connection.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    # The show is over when the connection is closed.
    with suppress(EOFError, ConnectionError):
        try:
            _open(title, wanted, audience)
        except DisplayError as error:
            connection.send(Event("failed", str(error).partition("; ")[0]))
            return
        connection.send(Event("ready"))
        _show(connection)


def choose_display(wanted: str | None, audience: str | None, displays: Sequence[Display]) -> tuple[int, bool]:
    """Return the number of the operator window's display, and whether the audience's window is there, too.

    Args:
        wanted: Number or name of the display; None for another one than the audience's, if there is one.
        audience: Number or name of the display of the audience's window; None if it has none.
        displays: Displays of the machine.

    Raises:
        DisplayError: There is no such display, or more than one.
    """
    if audience is None:
        return (find_display(wanted, displays) if wanted is not None else 0), False
    try:
        of_audience = find_display(audience, displays)
    except DisplayError:
        of_audience = 0  # the show says what it lacks
    others = [display.number for display in displays if display.number != of_audience]
    number = find_display(wanted, displays) if wanted is not None else (others or [of_audience])[0]
    return number, number == of_audience


def _open(title: str, wanted: str | None, audience: str | None) -> None:
    """Open the window.

    Raises:
        DisplayError: There is no display, not the one that is wanted, or no window can be opened on it.
    """
    connect()
    draw_surfaces_directly()
    displays = list_displays()
    number, beside = choose_display(wanted, audience, displays)
    width, height = displays[number].size
    share = SHARE_BESIDE if beside else SHARE
    size = (round(width * share), round(height * share))
    try:
        pygame.display.set_caption(printable(title))
        pygame.display.set_mode(size, pygame.RESIZABLE, display=number).fill(BACKGROUND)
        pygame.display.flip()
    except pygame.error as error:
        raise DisplayError(f"cannot open a window ({error})") from error


def _show(connection: Connection) -> None:
    keyboard, lettering = Keyboard(), Lettering()
    view: OperatorView | None = None
    while True:
        if connection.poll(EVENTS_SECONDS):
            view = connection.recv()
            _draw(view, lettering)
            connection.send(Event("drawn"))
        held = keyboard.held
        for event in pygame.event.get():
            if event.type in (pygame.WINDOWEXPOSED, pygame.WINDOWSIZECHANGED) and view:
                _draw(view, lettering)
            for message in _messages(event, keyboard):
                connection.send(message)
        if keyboard.held != held:
            connection.send(Event("held", keyboard.held or ""))


def _messages(event: pygame.event.Event, keyboard: Keyboard) -> Iterator[Event]:
    """Yield what the show needs to know of an event of the window system."""
    if event.type == pygame.KEYDOWN:
        if key := keyboard.press(event):
            yield Event("key", key)
    elif event.type == pygame.KEYUP:
        keyboard.release(event)
    elif event.type in (pygame.QUIT, pygame.WINDOWCLOSE):
        yield Event("closed")


def _draw(view: OperatorView, lettering: Lettering) -> None:
    draw(pygame.display.get_surface(), view, lettering)
    pygame.display.flip()
