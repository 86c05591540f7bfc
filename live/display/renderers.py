"""The renderer of a window: that of a GPU, or SDL's own where the processor has to draw."""

import ctypes
import os
from contextlib import suppress
from dataclasses import dataclass

import pygame
from pygame._sdl2.video import Renderer, Window

from live.display.screens.display_facts import draws_on_processor
from live.display.sdl_present import sdl_renderer

SOFTWARE = 1  # SDL_RENDERER_SOFTWARE
GL_RENDERER = 0x1F01


class _RendererInfo(ctypes.Structure):
    """The first fields of SDL_RendererInfo, and room for the others."""

    _fields_ = (("name", ctypes.c_char_p), ("flags", ctypes.c_uint32), ("rest", ctypes.c_uint8 * 256))


@dataclass(frozen=True)
class RendererFacts:
    """Facts of the renderer of a window."""

    name: str
    """SDL's name of it: "opengl", "software", …; empty if it does not tell."""
    software: bool
    """True if SDL itself draws on the processor."""
    gpu: str
    """Name of OpenGL's device; empty if OpenGL does not draw, or does not tell."""


def open_renderer(window: Window, *, distorts: bool) -> Renderer:
    """Open the renderer of a window; where OpenGL would draw on the processor under X11, SDL's own.

    SDL takes less than half of OpenGL's time there (docs/performance.md).

    Args:
        window: The window.
        distorts: True if triangles will be drawn, which OpenGL does faster.

    Raises:
        SDL_ERRORS: It cannot be opened.
    """
    draw_surfaces_directly()
    renderer = Renderer(window, vsync=True)
    if distorts or pygame.display.get_driver() != "x11" or not draws_on_processor(renderer_facts(window).gpu):
        return renderer
    del renderer  # a window has only one
    return Renderer(window, accelerated=0, vsync=True)


def draw_surfaces_directly() -> None:
    """Let SDL hand what it has drawn itself to X11, and not to OpenGL, unless the environment says otherwise."""
    if pygame.display.get_driver() == "x11":
        os.environ.setdefault("SDL_FRAMEBUFFER_ACCELERATION", "0")


def renderer_facts(window: Window) -> RendererFacts:
    """Return what draws a window. A build of pygame that hides its SDL tells nothing."""
    with suppress(OSError, AttributeError):
        sdl, renderer = sdl_renderer(window)
        sdl.SDL_GetRendererInfo.argtypes = [ctypes.c_void_p, ctypes.POINTER(_RendererInfo)]
        info = _RendererInfo()
        if sdl.SDL_GetRendererInfo(renderer, ctypes.byref(info)) == 0:
            name = (info.name or b"").decode(errors="replace")
            gpu = _gl_device(sdl) if name.startswith("opengl") else ""
            return RendererFacts(name, bool(info.flags & SOFTWARE), gpu)
    return RendererFacts("", False, "")


def _gl_device(sdl: ctypes.CDLL) -> str:
    """Return the name of OpenGL's device. The renderer's context is still current in this thread."""
    sdl.SDL_GL_GetProcAddress.restype = ctypes.c_void_p
    sdl.SDL_GL_GetProcAddress.argtypes = [ctypes.c_char_p]
    address = sdl.SDL_GL_GetProcAddress(b"glGetString")
    if not address:
        return ""
    name = ctypes.CFUNCTYPE(ctypes.c_char_p, ctypes.c_uint32)(address)(GL_RENDERER)
    return (name or b"").decode(errors="replace")
