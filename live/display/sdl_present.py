"""What pygame does not offer of the SDL that it has loaded."""

import ctypes
import os
import sys
from collections.abc import Callable
from contextlib import suppress

import pygame
from pygame._sdl2 import video


def presenter(window: video.Window, renderer: video.Renderer) -> Callable[[], None]:
    """What shows all that was drawn by `renderer`, and waits for the display as `Renderer.present` does.

    pygame's own holds the interpreter while it waits, up to a whole refresh of the display: every other thread, the one
    that plays foremost, then stands still for most of the time. Here the same function of SDL is called, but through
    ctypes, which lets go of the interpreter. Where a build of pygame hides its SDL, it is pygame's own.
    """
    with suppress(OSError, AttributeError):
        sdl = _library()
        sdl.SDL_GetWindowFromID.restype = sdl.SDL_GetRenderer.restype = ctypes.c_void_p
        sdl.SDL_GetWindowFromID.argtypes = [ctypes.c_uint32]
        sdl.SDL_GetRenderer.argtypes = sdl.SDL_RenderPresent.argtypes = [ctypes.c_void_p]
        sdl.SDL_RenderPresent.restype = None
        pointer = sdl.SDL_GetRenderer(sdl.SDL_GetWindowFromID(window.id))
        if pointer:
            return lambda: sdl.SDL_RenderPresent(pointer)
    return renderer.present


def _library() -> ctypes.CDLL:
    """The very library that pygame draws with: a second copy would know nothing of its windows."""
    if sys.platform == "win32":
        return ctypes.CDLL(os.path.join(os.path.dirname(pygame.__file__), "SDL2.dll"))
    # A symbol is also looked for in the libraries that a library was linked with.
    return ctypes.CDLL(video.__file__)
