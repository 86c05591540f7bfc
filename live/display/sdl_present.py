"""SDL itself: its errors, and its present function, called so that other threads keep running while it waits."""

import ctypes
import os
import sys
from collections.abc import Callable
from contextlib import suppress

import pygame
from pygame._sdl2 import sdl2, video

SDL_ERRORS: tuple[type[Exception], ...] = (pygame.error, sdl2.error)
"""Errors of SDL: pygame has one class for its own windows, and another one for those of `pygame._sdl2`."""


def presenter(window: video.Window, renderer: video.Renderer) -> Callable[[], None]:
    """Return a function that shows everything `renderer` has drawn, and waits for the display.

    pygame's `Renderer.present` holds the interpreter while it waits, up to a whole refresh of the display. Every other
    thread, above all the player's, then stands still for most of the time. The returned function calls the same
    function of SDL through ctypes, which releases the interpreter. Where a build of pygame hides its SDL, it is
    `Renderer.present` itself.
    """
    with suppress(OSError, AttributeError):
        sdl, pointer = sdl_renderer(window)
        sdl.SDL_RenderPresent.argtypes, sdl.SDL_RenderPresent.restype = [ctypes.c_void_p], None
        return lambda: sdl.SDL_RenderPresent(pointer)
    return renderer.present


def sdl_renderer(window: video.Window) -> tuple[ctypes.CDLL, int]:
    """Return SDL, and its pointer to the renderer of a window.

    Raises:
        OSError, AttributeError: This build of pygame hides its SDL or its renderer.
    """
    sdl = sdl_library()
    sdl.SDL_GetWindowFromID.argtypes, sdl.SDL_GetWindowFromID.restype = [ctypes.c_uint32], ctypes.c_void_p
    sdl.SDL_GetRenderer.argtypes, sdl.SDL_GetRenderer.restype = [ctypes.c_void_p], ctypes.c_void_p
    pointer = sdl.SDL_GetRenderer(sdl.SDL_GetWindowFromID(window.id))
    if not pointer:
        raise OSError("it hides its renderer")
    return sdl, pointer


def sdl_library() -> ctypes.CDLL:
    """Return the very library that pygame draws with, because a second copy would not know its windows."""
    if sys.platform == "win32":
        return ctypes.CDLL(os.path.join(os.path.dirname(pygame.__file__), "SDL2.dll"))
    # The lookup of a symbol includes the libraries that this one is linked with.
    return ctypes.CDLL(video.__file__)
