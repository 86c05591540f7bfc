"""Handwritten alphabet of the few letters that the end card needs."""

from train.sample_film.drawing.canvas import Canvas
from train.sample_film.drawing.motion import Point
from train.sample_film.drawing.palette import Colour
from train.sample_film.drawing.shapes import soft

Stroke = tuple[Point, ...]

# Width and strokes of each letter. The baseline is y = 0; a small letter reaches up to y = -1.
# fmt: off
_LETTERS: dict[str, tuple[float, tuple[Stroke, ...]]] = {
    "a": (0.85, (
        ((0.7, -0.8), (0.4, -1.0), (0.05, -0.5), (0.35, 0.0), (0.7, -0.35)),
        ((0.72, -0.98), (0.7, -0.3), (0.85, 0.0)),
    )),
    "c": (0.7, (
        ((0.65, -0.8), (0.35, -1.0), (0.03, -0.5), (0.35, 0.0), (0.68, -0.2)),
    )),
    "d": (0.85, (
        ((0.7, -0.75), (0.38, -1.0), (0.04, -0.5), (0.35, 0.0), (0.7, -0.3)),
        ((0.73, -1.75), (0.71, -0.6), (0.78, 0.0)),
    )),
    "e": (0.75, (
        ((0.08, -0.5), (0.5, -0.55), (0.64, -0.78), (0.35, -1.0), (0.04, -0.5), (0.35, 0.0), (0.7, -0.22)),
    )),
    "f": (0.62, (
        ((0.7, -1.6), (0.45, -1.75), (0.3, -1.3), (0.28, -0.6), (0.26, 0.05)),
        ((0.02, -0.95), (0.6, -1.0)),
    )),
    "i": (0.3, (
        ((0.12, -0.98), (0.12, -0.4), (0.2, 0.0)),
        ((0.13, -1.42), (0.14, -1.4)),
    )),
    "n": (0.85, (
        ((0.08, -0.98), (0.1, -0.5), (0.08, 0.0)),
        ((0.1, -0.55), (0.42, -0.98), (0.68, -0.6), (0.7, 0.0)),
    )),
    "o": (0.82, (
        ((0.4, -1.0), (0.05, -0.5), (0.4, 0.0), (0.74, -0.5), (0.4, -1.0)),
    )),
    "r": (0.6, (
        ((0.08, -0.98), (0.1, -0.5), (0.08, 0.0)),
        ((0.1, -0.5), (0.3, -0.9), (0.6, -0.92)),
    )),
    "s": (0.66, (
        ((0.58, -0.85), (0.3, -1.0), (0.1, -0.75), (0.35, -0.5), (0.58, -0.25), (0.32, 0.0), (0.04, -0.18)),
    )),
    "t": (0.6, (
        ((0.28, -1.5), (0.26, -0.6), (0.35, -0.02), (0.58, -0.15)),
        ((0.02, -0.98), (0.56, -1.0)),
    )),
    "y": (0.8, (
        ((0.06, -0.98), (0.15, -0.35), (0.4, -0.2), (0.62, -0.5)),
        ((0.68, -0.98), (0.62, -0.2), (0.4, 0.5), (0.05, 0.45)),
    )),
    ".": (0.35, (
        ((0.12, -0.05), (0.13, -0.03)),
    )),
    " ": (0.55, ()),
}
# fmt: on
_GAP = 0.22


def write(canvas: Canvas, text: str, colour: Colour, height: float) -> None:
    """Write a line of small letters centred on the origin; `height` is the height of an x, in units."""
    widths = [_LETTERS[letter][0] + _GAP for letter in text]
    line = canvas.at(-height * (sum(widths) - _GAP) / 2, 0.0, scale=height)
    for letter, width in zip(text, widths, strict=True):
        for stroke in _LETTERS[letter][1]:
            line.line(soft(stroke, closed=False), colour, 0.16)
        line = line.at(width, 0.0)
