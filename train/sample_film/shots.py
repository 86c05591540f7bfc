"""The list of shots, and a function that draws any one frame."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import accumulate

from train.sample_film.drawing.canvas import Canvas, Picture
from train.sample_film.drawing.palette import AFTERNOON, DAWN, DUSK, EVENING, FORENOON, GOLDEN, MORNING, NOON, Light
from train.sample_film.scenes import afternoon, evening, finale, morning

FRAME_RATE = 24


@dataclass(frozen=True)
class Shot:
    """One shot: its place in the film, and the function that draws it."""

    name: str
    first: int
    """Index of its first frame in the film."""
    count: int
    """Number of frames."""
    description: str
    light: Light
    draw: Callable[[Canvas, float], None]
    """Function that draws the shot at a time, in seconds from its first frame."""


_PLAN: tuple[tuple[str, float, str, Light, Callable[[Canvas, float], None]], ...] = (
    ("dawn", 8.0, "Dawn: a pan from the sea to the house that wears a hat.", DAWN, morning.dawn),
    (
        "ridge",
        9.0,
        "Morning: the hatmaker carries a wobbling stack of hats along the ridge.",
        MORNING,
        morning.ridge,
    ),
    ("gust", 7.0, "Late morning, close: the wind rises and takes his hat.", FORENOON, morning.gust),
    (
        "away",
        8.0,
        "Noon: all the hats fly out over the sea, and the camera after them.",
        NOON,
        afternoon.away,
    ),
    ("chase", 7.0, "Afternoon: the chase downhill.", AFTERNOON, afternoon.chase),
    ("snow", 8.0, "Golden hour: hats fall like snow around the blossom tree.", GOLDEN, evening.snow),
    ("bough", 6.0, "Evening: out on the bough for the last hat.", EVENING, evening.bough),
    (
        "pile",
        24.0,
        "Dusk: he falls into the pile of hats, and the evening goes on and on.",
        DUSK,
        finale.pile,
    ),
    ("end", 2.0, "The end card.", NOON, finale.end_card),
)


def _lay_out() -> tuple[Shot, ...]:
    """Lay the shots out one after another."""
    counts = [round(seconds * FRAME_RATE) for _, seconds, *_ in _PLAN]
    firsts = [0, *accumulate(counts)]
    return tuple(
        Shot(name, first, count, description, light, draw)
        for (name, _, description, light, draw), first, count in zip(_PLAN, firsts, counts, strict=False)
    )


SHOTS: tuple[Shot, ...] = _lay_out()
FRAME_COUNT = SHOTS[-1].first + SHOTS[-1].count


def shot_at(index: int) -> Shot:
    """Return the shot that frame `index` belongs to."""
    if not 0 <= index < FRAME_COUNT:
        raise IndexError(f"the film has frames 0 to {FRAME_COUNT - 1}, not {index}")
    return next(shot for shot in reversed(SHOTS) if shot.first <= index)


def render(index: int, size: tuple[int, int]) -> Picture:
    """Draw frame `index` of the film at a size (width, height); RGB pixels [height, width, 3].

    The picture depends on the two arguments alone.
    """
    shot = shot_at(index)
    canvas = Canvas.blank(size, shot.light)
    shot.draw(canvas, (index - shot.first) / FRAME_RATE)
    return canvas.picture(size)
