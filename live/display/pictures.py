"""Pictures in a window: scaled by the GPU, or by OpenCV where the processor has to draw."""

from typing import Protocol, TypeAlias

import numpy as np
import pygame
from pygame._sdl2.video import Renderer, Texture

from live.frame import Pixels

Place: TypeAlias = tuple[int, int, int, int]
"""(left, top, width, height) in the window, in pixels."""


class Pictures(Protocol):
    """Draws pictures of one size."""

    def draw(self, pixels: Pixels, under: Pixels | None, share: float, place: Place) -> None:
        """Draw a picture.

        Args:
            pixels: The picture, uint8 [height, width, 3] RGB.
            under: Another such picture, which `pixels` covers; None for none.
            share: 0…1: how far `pixels` covers `under`.
            place: Place of both.
        """

    def forget(self) -> None:
        """Upload everything again at the next drawing: the system may have lost it."""


class _GpuPictures:
    """Pictures as textures, which the renderer scales and blends.

    Args:
        renderer: Renderer of the window.
        size: (width, height) of the pictures.
    """

    def __init__(self, renderer: Renderer, size: tuple[int, int]) -> None:
        self._size = size
        self._textures = [Texture(renderer, size, streaming=True) for _ in range(2)]
        # The pictures that the textures hold.
        self._uploaded: list[Pixels | None] = [None, None]

    def draw(self, pixels: Pixels, under: Pixels | None, share: float, place: Place) -> None:
        if under is not None:
            self._draw(under, 1.0, place, beside=pixels)
        # A frame that has only just arrived is still invisible.
        if under is None or round(255 * share):
            self._draw(pixels, 1.0 if under is None else share, place, beside=under)

    def forget(self) -> None:
        self._uploaded = [None, None]

    def _draw(self, pixels: Pixels, share: float, place: Place, *, beside: Pixels | None) -> None:
        """Draw a picture of this opacity, and upload it first if no texture holds it; `beside` must stay."""
        number = next((number for number, picture in enumerate(self._uploaded) if picture is pixels), None)
        if number is None:
            number = 1 if self._uploaded[0] is beside else 0
            self._textures[number].update(pygame.image.frombuffer(pixels.tobytes(), self._size, "RGB"))
            self._uploaded[number] = pixels
        texture = self._textures[number]
        texture.blend_mode = pygame.BLENDMODE_BLEND if share < 1 else pygame.BLENDMODE_NONE
        texture.alpha = round(255 * share)
        texture.draw(dstrect=place)


class _ProcessorPictures:
    """Pictures that OpenCV blends and scales, in a texture of the very size at which they are shown.

    Args:
        renderer: Renderer of the window.
    """

    def __init__(self, renderer: Renderer) -> None:
        self._renderer = renderer
        self._texture: Texture | None = None
        self._scaled = np.empty((0, 0, 4), np.uint8)
        self._held: tuple[Pixels, Pixels | None, float] | None = None

    def draw(self, pixels: Pixels, under: Pixels | None, share: float, place: Place) -> None:
        width, height = place[2:]
        texture = self._texture
        if texture is None or (texture.width, texture.height) != (width, height):
            texture = self._texture = Texture(self._renderer, (width, height), streaming=True)
            texture.blend_mode = pygame.BLENDMODE_NONE
            self._scaled = np.empty((height, width, 4), np.uint8)
            self._held = None
        if not self._holds(pixels, under, share):
            self._scale(pixels, under, share)
            texture.update(pygame.image.frombuffer(self._scaled.data, (width, height), "BGRA"))
            self._held = pixels, under, share
        texture.draw(dstrect=place)

    def forget(self) -> None:
        self._held = None

    def _holds(self, pixels: Pixels, under: Pixels | None, share: float) -> bool:
        held = self._held
        return held is not None and held[0] is pixels and held[1] is under and held[2] == share

    def _scale(self, pixels: Pixels, under: Pixels | None, share: float) -> None:
        """Blend and scale into the buffer of the texture, in its format."""
        # Not every show needs it.
        import cv2

        mixed = pixels if under is None else cv2.addWeighted(under, 1 - share, pixels, share, 0.0)
        height, width = self._scaled.shape[:2]
        shrinks = height < pixels.shape[0] or width < pixels.shape[1]
        interpolation = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
        cv2.resize(cv2.cvtColor(mixed, cv2.COLOR_RGB2BGRA), (width, height), self._scaled, interpolation=interpolation)


def open_pictures(renderer: Renderer, size: tuple[int, int], *, software: bool) -> Pictures:
    """Return what draws pictures.

    Args:
        renderer: Renderer of the window.
        size: (width, height) of the pictures.
        software: True if the renderer is SDL's own.
    """
    return _ProcessorPictures(renderer) if software else _GpuPictures(renderer, size)
