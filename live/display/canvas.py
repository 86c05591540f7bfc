"""Canvas that the window's content is drawn on, so that it reaches the screen turned, flipped or distorted."""

import ctypes
from collections.abc import Callable

import numpy as np
import pygame
from numpy.typing import NDArray
from pygame._sdl2.video import Renderer, Texture, Window

from live.display.projection import Projection, grid
from live.display.sdl_present import sdl_renderer
from live.errors import DisplayError

# SDL_Vertex.
VERTEX = np.dtype([("place", np.float32, 2), ("color", np.uint8, 4), ("source", np.float32, 2)])


class Canvas:
    """Texture for the content of a window, and the triangles that show it on the screen.

    Args:
        window: The window.
        renderer: Its renderer.
        projection: Place of the content on the screen.

    Raises:
        DisplayError: This build of pygame does not let SDL draw triangles.
    """

    def __init__(self, window: Window, renderer: Renderer, projection: Projection) -> None:
        self._renderer = renderer
        self._projection = projection
        self._points, self._triangles = grid(projection.cells())
        self._screen = (0, 0)
        self._texture: Texture | None = None
        self._vertices = np.zeros(len(self._points), VERTEX)
        try:
            self._target, self._draw_triangles = _geometry(window)
        except (OSError, AttributeError) as error:
            raise DisplayError(
                f"this pygame cannot turn or distort the picture ({error}); leave out --turn, --flip and --corners"
            ) from error

    def begin(self, screen: tuple[int, int]) -> tuple[int, int]:
        """Let everything be drawn on the canvas until `end`.

        Args:
            screen: (width, height) of the window.

        Returns:
            (width, height) of the content.
        """
        size = self._projection.content_size(screen)
        if self._screen != screen:
            self._screen = screen
            self._texture = Texture(self._renderer, size, target=True)
            self._texture.blend_mode = pygame.BLENDMODE_NONE
            self._vertices["place"] = self._projection.on_screen(self._points) * screen
            self._vertices["color"] = 255
            self._vertices["source"] = self._points
        self._renderer.target = self._texture
        return size

    def end(self) -> None:
        """Draw the canvas on the black screen."""
        texture = self._target()
        self._renderer.target = None
        self._renderer.draw_color = (0, 0, 0, 255)
        self._renderer.clear()
        self._draw_triangles(texture, self._vertices, self._triangles)


def _geometry(
    window: Window,
) -> tuple[Callable[[], int], Callable[[int, NDArray[np.void], NDArray[np.int32]], None]]:
    """Return a function for SDL's pointer to the renderer's target, and one that draws triangles of a texture.

    pygame has no function for triangles of a texture, and hides its pointers to textures.
    """
    sdl, found = sdl_renderer(window)
    sdl.SDL_GetRenderTarget.argtypes, sdl.SDL_GetRenderTarget.restype = [ctypes.c_void_p], ctypes.c_void_p
    pointer, integer = ctypes.c_void_p, ctypes.c_int
    sdl.SDL_RenderGeometry.argtypes = [pointer, pointer, pointer, integer, pointer, integer]

    def draw(texture: int, vertices: NDArray[np.void], triangles: NDArray[np.int32]) -> None:
        sdl.SDL_RenderGeometry(
            found, texture, vertices.ctypes.data, len(vertices), triangles.ctypes.data, triangles.size
        )

    return lambda: sdl.SDL_GetRenderTarget(found), draw
