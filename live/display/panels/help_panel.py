"""The help: sections of keys and their meanings, side by side where that makes the letters larger."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pygame

from live.display.panels.lettering import Lettering
from live.display.panels.panel import (
    LARGEST_LETTERS,
    LEAST_LETTERS,
    LINE,
    SMALLEST_LETTERS,
    VALUE,
    Rows,
    background,
)
from live.reading.text import printable

Sections = Sequence[tuple[str, Rows]]
"""Content of the help: titles, and rows of keys and meaning under each."""

TITLE = (255, 190, 92)
# Lighter than labels: it stands over the picture.
MEANING = (206, 209, 216)


@dataclass(frozen=True)
class _Column:
    sections: Sections
    keys: int
    """Width of the keys in pixels."""
    meanings: int
    """Width of the meanings in pixels."""

    @property
    def lines(self) -> int:
        """Number of lines, with one between two sections."""
        return sum(len(rows) + 2 for _, rows in self.sections) - 1


@dataclass(frozen=True)
class _Layout:
    letters: int
    columns: Sequence[_Column]
    size: tuple[int, int]


def draw_help(sections: Sections, lettering: Lettering, letters: int, room: tuple[int, int]) -> pygame.Surface:
    """Return a dark, translucent panel with alpha channel, in one or two columns.

    Args:
        sections: Content, at least one section.
        lettering: The font.
        letters: Height of the letters in pixels; smaller if the room is too small.
        room: (width, height) that the panel must not exceed.
    """
    largest = min(max(letters, SMALLEST_LETTERS), LARGEST_LETTERS)
    fitted = [_fitted(columns, lettering, largest, room) for columns in _arrangements(sections)]
    return _drawn(max(fitted, key=lambda layout: layout.letters), lettering)


def _arrangements(sections: Sections) -> Iterator[Sequence[Sections]]:
    """Yield the sections in two columns of the most even heights, then in one column."""
    if len(sections) > 1:
        halves = [(sections[:count], sections[count:]) for count in range(1, len(sections))]
        yield min(halves, key=lambda columns: max(sum(len(rows) + 2 for _, rows in column) for column in columns))
    yield [sections]


def _fitted(columns: Sequence[Sections], lettering: Lettering, letters: int, room: tuple[int, int]) -> _Layout:
    """Return the columns in the largest letters, `letters` at most, for which there is room."""
    while True:
        layout = _layout(columns, lettering, letters)
        if (layout.size[0] <= room[0] and layout.size[1] <= room[1]) or letters <= LEAST_LETTERS:
            return layout
        letters -= 1


def _layout(columns: Sequence[Sections], lettering: Lettering, letters: int) -> _Layout:
    laid_out = [
        _Column(
            sections,
            keys=max(lettering.width(printable(keys), letters) for _, rows in sections for keys, _ in rows),
            meanings=max(lettering.width(printable(text), letters) for _, rows in sections for _, text in rows),
        )
        for sections in columns
    ]
    # The letters' height is the gap between keys and meanings; padding and gaps between columns are twice as wide.
    width = sum(column.keys + letters + column.meanings for column in laid_out) + 2 * letters * (len(laid_out) + 1)
    lines = max(column.lines for column in laid_out)
    return _Layout(letters, laid_out, (width, round(lines * letters * LINE) + 2 * letters))


def _drawn(layout: _Layout, lettering: Lettering) -> pygame.Surface:
    letters = layout.letters
    surface = background(layout.size, letters)
    left = 2 * letters
    for column in layout.columns:
        line = 0
        for title, rows in column.sections:
            for keys, meaning in [("", ""), *rows]:
                top = letters + round(line * letters * LINE)
                if not keys:
                    surface.blit(lettering.drawn(title, letters, TITLE), (left, top))
                else:
                    surface.blit(lettering.drawn(printable(keys), letters, VALUE), (left, top))
                    place = (left + column.keys + letters, top)
                    surface.blit(lettering.drawn(printable(meaning), letters, MEANING), place)
                line += 1
            line += 1
        left += column.keys + letters + column.meanings + 2 * letters
    return surface
