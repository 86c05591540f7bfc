"""Drawing of pictures on a real X screen without a GPU, which shows the same as OpenGL."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from live.frame import Pixels

# Draws a picture alone and over another one, and writes what the window shows. Prints the renderer's name.
DRAW = """
import sys
import cv2, numpy as np, pygame
from live.display.options import WindowOptions
from live.display.renderers import renderer_facts
from live.display.window import StageWindow

random = np.random.default_rng(0)
picture, under = (
    cv2.resize(random.integers(0, 256, (9, 16, 3), np.uint8), (256, 144), interpolation=cv2.INTER_CUBIC) for _ in "ab"
)
# Edges, of which a wrong filter or place shows.
picture[40:60, 50:90] = (255, 0, 40)
options = WindowOptions(fit=sys.argv[2], turn=int(sys.argv[3]))
with StageWindow("test", (144, 256), options) as window:
    window._window.size = (400, 410) if options.fit == "fill" else (600, 400)
    window.poll()
    window._present_drawn = lambda: None  # after it, OpenGL's picture can no longer be read

    def shown():
        return pygame.surfarray.array3d(window._renderer.to_surface()).transpose(1, 0, 2)

    window.present(picture)
    alone = shown()
    window.present(picture, under=under, share=0.3)
    np.savez(sys.argv[1], alone=alone, fading=shown())
    print("renderer:", renderer_facts(window._window).name)
"""


def drawn(
    environment: dict[str, str], path: Path, *, fit: str = "letterbox", turn: int = 0
) -> tuple[str, list[Pixels]]:
    """Return the renderer's name, and what the window shows: a picture alone, and one that fades in."""
    command = [sys.executable, "-c", DRAW, str(path), fit, str(turn)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=True)
    with np.load(path) as pictures:
        return done.stdout.split()[-1], [pictures["alone"], pictures["fading"]]


@pytest.mark.parametrize("fit", ["letterbox", "fill"])
def test_without_a_gpu_sdl_draws_and_shows_what_opengl_shows(
    x_screen: dict[str, str], tmp_path: Path, fit: str
) -> None:
    ours, pictures = drawn(x_screen, tmp_path / "ours.npz", fit=fit)
    theirs, expected = drawn({**x_screen, "SDL_RENDER_DRIVER": "opengl"}, tmp_path / "theirs.npz", fit=fit)
    assert (ours, theirs) == ("software", "opengl")
    for picture, wanted in zip(pictures, expected, strict=True):
        assert picture.shape == wanted.shape
        assert picture.std() > 40
        differences = np.abs(picture.astype(int) - wanted)
        assert differences.mean() < 1
        assert differences.max() < 4


def test_opengl_draws_what_is_turned(x_screen: dict[str, str], tmp_path: Path) -> None:
    assert drawn(x_screen, tmp_path / "turned.npz", turn=90)[0] == "opengl"
