"""Sample film, an animation drawn in code: a hatmaker, the wind, and a hill by the sea.

The shipped model is trained on it. Every frame depends on its number and size alone: `render(index, size)`
draws one, `draw_film(path)` writes all of them to a file.
"""

from train.sample_film.film import draw_film
from train.sample_film.shots import FRAME_COUNT, FRAME_RATE, SHOTS, Shot, render

__all__ = ["FRAME_COUNT", "FRAME_RATE", "SHOTS", "Shot", "draw_film", "render"]
