"""A look at the display: which driver, which displays, and what draws the window."""

import ctypes
from contextlib import suppress

import pygame
from pygame._sdl2.video import Renderer, Window

from live.display.screens.display_facts import DisplayFacts
from live.display.screens.displays import display_lines, list_displays, open_display
from live.display.sdl_present import sdl_renderer
from live.errors import DisplayError

SOFTWARE = 1  # SDL_RENDERER_SOFTWARE
GL_RENDERER = 0x1F01


class _RendererInfo(ctypes.Structure):
    """The first fields of SDL_RendererInfo, and room for the others."""

    _fields_ = (("name", ctypes.c_char_p), ("flags", ctypes.c_uint32), ("rest", ctypes.c_uint8 * 256))


def probe_display(wanted: str) -> DisplayFacts:
    """Open a hidden window as the show would open its own, and close it again.

    Args:
        wanted: Number or name of the window's display.

    Raises:
        DisplayError: There is no such display, or no window can be opened on it.
    """
    number = open_display(wanted)
    try:
        names = tuple(" ".join(line.split()) for line in display_lines(list_displays()))
        try:
            window = Window("Ninety Seconds After", (64, 64), hidden=True)
            drawing = Renderer(window, vsync=True)
        except pygame.error as error:
            raise DisplayError(f"cannot open a window ({error}); --no-window and --headless need none") from error
        info, gpu = _RendererInfo(), ""
        # A build of pygame may hide its SDL.
        with suppress(OSError, AttributeError):
            info, gpu = _renderer_info(window)
        facts = DisplayFacts(
            driver=pygame.display.get_driver(),
            number=number,
            names=names,
            renderer=(info.name or b"").decode(errors="replace"),
            software=bool(info.flags & SOFTWARE),
            gpu=gpu,
        )
        # SDL requires this order.
        del drawing
        window.destroy()
        return facts
    finally:
        pygame.quit()


def _renderer_info(window: Window) -> tuple[_RendererInfo, str]:
    """Return what SDL tells of a window's renderer, and the name of OpenGL's device if it draws."""
    sdl, renderer = sdl_renderer(window)
    sdl.SDL_GetRendererInfo.argtypes = [ctypes.c_void_p, ctypes.POINTER(_RendererInfo)]
    info = _RendererInfo()
    if sdl.SDL_GetRendererInfo(renderer, ctypes.byref(info)) != 0:
        return _RendererInfo(), ""
    if not (info.name or b"").startswith(b"opengl"):
        return info, ""
    # The renderer's context is still current in this thread.
    sdl.SDL_GL_GetProcAddress.restype = ctypes.c_void_p
    sdl.SDL_GL_GetProcAddress.argtypes = [ctypes.c_char_p]
    address = sdl.SDL_GL_GetProcAddress(b"glGetString")
    if not address:
        return info, ""
    name = ctypes.CFUNCTYPE(ctypes.c_char_p, ctypes.c_uint32)(address)(GL_RENDERER)
    return info, (name or b"").decode(errors="replace")
