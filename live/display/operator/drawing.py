"""Drawing of the operator window: pictures and presets on the left, readings in the middle, parameters on the right."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import pygame

from live.display.operator.view import Meter, OperatorView
from live.display.panels.help_panel import TITLE, draw_help
from live.display.panels.lettering import Colour, Lettering
from live.display.panels.panel import LABEL, LINE, VALUE, wrapped
from live.frame import Pixels
from live.geometry import placed
from live.reading.text import printable

BACKGROUND: Colour = (18, 19, 23)
BOX: Colour = (44, 47, 55)
BAR: Colour = (98, 150, 206)
TROUBLE: Colour = (232, 92, 74)
# Height of the letters, as a share of the window's.
LETTERS = 1 / 38
SMALLEST_LETTERS = 8
# Right edges of the three columns, as shares of the width.
EDGES = (0.36, 0.68, 1.0)


@dataclass(frozen=True)
class _Column:
    """Part of the window, filled from the top."""

    surface: pygame.Surface
    lettering: Lettering
    letters: int
    left: int
    width: int

    @property
    def line(self) -> int:
        """Distance from one line to the next."""
        return round(self.letters * LINE)

    def text(self, text: str, left: int, top: int, colour: Colour) -> None:
        """Draw a text at a place of the window."""
        self.surface.blit(self.lettering.drawn(printable(text), self.letters, colour), (left, top))

    def cut(self, text: str, width: int) -> str:
        """Return a text without the end for which there is no room."""
        return wrapped(printable(text), lambda piece: self.lettering.width(piece, self.letters), width)[0]


def draw(surface: pygame.Surface, view: OperatorView, lettering: Lettering) -> None:
    """Draw a view on a whole window."""
    width, height = surface.get_size()
    letters = max(SMALLEST_LETTERS, round(height * LETTERS))
    surface.fill(BACKGROUND)
    edges = [0, *(round(edge * (width - letters)) for edge in EDGES)]
    columns = [
        _Column(surface, lettering, letters, left + letters, right - left - letters) for left, right in pairwise(edges)
    ]
    bottom = _draw_notices(columns[0], view.notices)
    _draw_pictures(columns[0], view, _draw_presets(columns[0], view, bottom))
    top = _draw_rows(columns[1], view.hud, letters)
    _draw_meters(columns[1], view.machine, top + columns[1].line)
    _draw_meters(columns[2], view.parameters, letters)
    if view.help:
        room = (width - 2 * letters, height - 2 * letters)
        panel = draw_help(view.help, lettering, round(height / 28), room)
        place = panel.get_rect(center=surface.get_rect().center)
        # Nothing shines through: it is all text.
        surface.fill(BACKGROUND, place)
        surface.blit(panel, place)


def _draw_notices(column: _Column, notices: Sequence[str]) -> int:
    """Draw the notices over the whole width of the bottom, where there is always room for two. Return its top."""
    width, height = column.surface.get_size()
    top = height - column.letters - 2 * column.line
    for number, notice in enumerate(notices):
        text = column.cut(notice, width - 2 * column.letters)
        column.text(text, column.left, top + number * column.line, TITLE)
    return top


def _draw_presets(column: _Column, view: OperatorView, bottom: int) -> int:
    """Draw a row of boxes above `bottom`: filled for the presets that are stored. Return the row's top."""
    size = column.width // 9
    top = bottom - column.letters - round(1.5 * column.letters)
    for number in range(1, 10):
        box = pygame.Rect(
            column.left + (number - 1) * size, top, size - column.letters // 3, round(1.5 * column.letters)
        )
        stored, recalled = number in view.stored_presets, number == view.recalled_preset
        colour = TITLE if recalled else BAR
        pygame.draw.rect(column.surface, colour if stored else BOX, box, width=0 if stored else 1, border_radius=4)
        digit = column.lettering.drawn(str(number), column.letters, BACKGROUND if stored else LABEL)
        column.surface.blit(digit, digit.get_rect(center=box.center))
    return top


def _draw_pictures(column: _Column, view: OperatorView, bottom: int) -> None:
    """Draw what the audience sees, and below it what the camera sees, each under its caption."""
    captions = ["the audience sees", view.camera_status or "no camera"]
    pictures = [view.picture, view.camera]
    # Without a camera its caption alone remains.
    height = bottom - 2 * column.letters - 2 * column.line
    height = height // 2 if view.camera_status else height
    top = column.letters
    for caption, picture in zip(captions, pictures, strict=True):
        column.text(column.cut(caption, column.width), column.left, top, LABEL)
        top += column.line
        if picture is not None:
            top += _draw_picture(column, picture, top, height) + column.letters // 2
        elif view.camera_status:
            pygame.draw.rect(column.surface, BOX, (column.left, top, column.width, height), width=1)


def _draw_picture(column: _Column, pixels: Pixels, top: int, height: int) -> int:
    """Draw a picture into the column, in a place of this height at most. Return the height of the picture."""
    size = (pixels.shape[1], pixels.shape[0])
    _, _, width, height = placed(size, (column.width, height), "letterbox")
    picture = pygame.image.frombuffer(pixels.tobytes(), size, "RGB")
    column.surface.blit(pygame.transform.smoothscale(picture, (width, height)), (column.left, top))
    return height


def _draw_rows(column: _Column, rows: Sequence[tuple[str, str]], top: int) -> int:
    """Draw labels and values from `top` on. Return where they end."""

    def width_of(text: str) -> int:
        return column.lettering.width(text, column.letters)

    labels = max((width_of(printable(label)) for label, _ in rows), default=0)
    values = column.left + labels + column.letters
    room = max(column.width - labels - column.letters, 4 * column.letters)
    for label, value in rows:
        column.text(label, column.left, top, LABEL)
        for line in wrapped(printable(value), width_of, room):
            column.text(line, values, top, VALUE)
            top += column.line
    return top


def _draw_meters(column: _Column, meters: Sequence[Meter], top: int) -> None:
    """Draw meters from `top` on: label, bar and value of each."""
    labels = max((column.lettering.width(meter.label, column.letters) for meter in meters), default=0)
    texts = max((column.lettering.width(meter.text, column.letters) for meter in meters), default=0)
    bar_left = column.left + labels + column.letters
    # The bars keep their place while values change.
    texts = max(texts, 5 * column.letters)
    bar_width = max(column.width - labels - texts - 2 * column.letters, column.letters)
    thick = max(3, column.letters // 2)
    for meter in meters:
        column.text(meter.label, column.left, top, LABEL)
        middle = top + column.lettering.height(column.letters) // 2
        pygame.draw.rect(column.surface, BOX, (bar_left, middle - thick // 2, bar_width, thick))
        low, high = sorted(min(max(share, 0.0), 1.0) for share in (meter.share, meter.rest))
        left, right = (bar_left + round(share * (bar_width - 2)) for share in (low, high))
        colour = TROUBLE if meter.trouble else BAR
        pygame.draw.rect(column.surface, colour, (left, middle - thick // 2, right - left + 2, thick))
        column.text(meter.text, bar_left + bar_width + column.letters, top, TROUBLE if meter.trouble else VALUE)
        top += column.line
