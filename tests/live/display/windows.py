"""Windows of tests: how they are opened and resized, and what they show."""

from typing import Protocol

import numpy as np
import pygame

from live.display.options import WindowOptions
from live.display.window import StageWindow
from live.frame import Pixels
from tests.live.bundles import HEIGHT, WIDTH

HUD = (("frames/s", "12.0 of 12"), ("seed", "7"))
DEFAULTS = WindowOptions()


class OpenWindow(Protocol):
    def __call__(self, options: WindowOptions = ...) -> StageWindow: ...


def shown(window: StageWindow) -> Pixels:
    """Return the content of the window, uint8 [H, W, 3]."""
    pixels: Pixels = pygame.surfarray.array3d(window._renderer.to_surface())
    return pixels.transpose(1, 0, 2)


def resize(window: StageWindow, size: tuple[int, int]) -> None:
    """Resize the window to (width, height), as its user may."""
    window._window.size = size
    window.poll()


def plain(level: int) -> Pixels:
    return np.full((HEIGHT, WIDTH, 3), level, np.uint8)
