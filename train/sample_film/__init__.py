"""Our own animated film, drawn in code: a hatmaker, the wind, and a hill by the sea.

It is what the small network learns from, and the picture of the project. Every frame is a pure
function of its number: `render(index, size)`; `draw_film(path)` writes all of them to a file.
"""

from .film import draw_film
from .shots import FRAME_COUNT, FRAME_RATE, SHOTS, Shot, render

__all__ = ["FRAME_COUNT", "FRAME_RATE", "SHOTS", "Shot", "draw_film", "render"]
