"""Panels on top of the picture: tables of labels and values."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pygame

from live.display.panels.lettering import Lettering
from live.reading.text import printable

Rows = Sequence[tuple[str, str]]
"""Content of a panel: rows of label and value."""

# Heights of letters in pixels; between these, they are in proportion to the window.
SMALLEST_LETTERS, LARGEST_LETTERS = 14, 44
# In a window that is too small for the smallest ones they shrink further, down to this.
LEAST_LETTERS = 3
# Longest line of a value, in heights of letters: about sixty characters.
LONGEST_LINE = 28
# Distance from one line to the next, in heights of letters.
LINE = 1.35

PANEL = (12, 13, 16, 208)
LABEL = (160, 166, 178)
VALUE = (246, 246, 242)


def draw_panel(rows: Rows, lettering: Lettering, letters: int, room: tuple[int, int]) -> pygame.Surface:
    """Return a dark, translucent panel with alpha channel. Values that are too long for a line are wrapped.

    Args:
        rows: Content.
        lettering: The font.
        letters: Height of the letters in pixels; smaller if the room is too small.
        room: (width, height) that the panel must not exceed.
    """
    layout = _layout(rows, lettering, min(max(letters, SMALLEST_LETTERS), LARGEST_LETTERS), room[0])
    while (layout.size[0] > room[0] or layout.size[1] > room[1]) and layout.letters > LEAST_LETTERS:
        layout = _layout(rows, lettering, layout.letters - 1, room[0])
    return _drawn(layout, lettering)


def wrapped(text: str, width_of: Callable[[str], int], width: int) -> list[str]:
    """Return the lines of a text. They break between words; a word that is wider than a line is divided.

    Args:
        text: The text.
        width_of: Returns the width of a piece of text.
        width: Width that a line must not exceed.
    """
    lines, line = [], ""
    for word in text.split(" "):
        longer = f"{line} {word}" if line else word
        if width_of(longer) <= width:
            line = longer
            continue
        if line:
            lines.append(line)
        line = word
        while width_of(line) > width and len(line) > 1:
            count = next((n for n in range(len(line) - 1, 1, -1) if width_of(line[:n]) <= width), 1)
            lines.append(line[:count])
            line = line[count:]
    return [*lines, line]


@dataclass(frozen=True)
class _Layout:
    """Panel that is ready to be drawn. Lengths are in pixels."""

    letters: int
    """Height of the letters."""
    line: int
    """Distance from one line to the next."""
    rows: list[tuple[str, list[str]]]
    """Labels, and the lines of their values."""
    values_left: int
    """Left edge of the values."""
    size: tuple[int, int]
    """(width, height) of the panel."""


def _layout(rows: Rows, lettering: Lettering, letters: int, room: int) -> _Layout:
    """Lay out a panel that is at most `room` pixels wide, or wider where the labels leave no room for values."""

    def width_of(text: str) -> int:
        return lettering.width(text, letters)

    # The letters' height is also the padding, and the gap between labels and values.
    labels = max(width_of(printable(label)) for label, _ in rows)
    values_left = labels + 2 * letters if labels else letters
    longest = min(max(room - values_left - letters, 4 * letters), LONGEST_LINE * letters)
    wrapped_rows = [(printable(label), wrapped(printable(value), width_of, longest)) for label, value in rows]
    lines = [line for _, value in wrapped_rows for line in value]
    narrowest = values_left + max(map(width_of, lines)) + letters
    # The width grows in large steps, so that the panel does not twitch with every digit.
    step = 3 * letters
    width = 2 * letters + -(-(narrowest - 2 * letters) // step) * step
    line = round(letters * LINE)
    size = (max(narrowest, min(width, room)), 2 * letters + len(lines) * line)
    return _Layout(letters, line, wrapped_rows, values_left, size)


def _drawn(layout: _Layout, lettering: Lettering) -> pygame.Surface:
    surface = background(layout.size, layout.letters)
    top = layout.letters + (layout.line - lettering.height(layout.letters)) // 2
    for label, value in layout.rows:
        surface.blit(lettering.drawn(label, layout.letters, LABEL), (layout.letters, top))
        for line in value:
            surface.blit(lettering.drawn(line, layout.letters, VALUE), (layout.values_left, top))
            top += layout.line
    return surface


def background(size: tuple[int, int], letters: int) -> pygame.Surface:
    """Return a panel of (width, height) without a content, for letters of this height."""
    surface = pygame.Surface(size, pygame.SRCALPHA)
    pygame.draw.rect(surface, PANEL, surface.get_rect(), border_radius=letters // 2)
    return surface
