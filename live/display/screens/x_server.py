"""Connection to an X server. When it breaks, the window is told; Xlib would end the process."""

import ctypes
from collections.abc import Callable
from contextlib import suppress

from pygame._sdl2.video import Window

from live.display.sdl_present import sdl_library

X11 = 2  # SDL_SYSWM_X11
_CONNECTION_ERROR = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p)
_CONNECTION_END = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p)
# It would print a line of its own.
_SILENCE = _CONNECTION_ERROR(lambda display: 0)


class _WindowInfo(ctypes.Structure):
    """SDL_SysWMinfo of a window on X11, and room for other systems."""

    _fields_ = (
        ("version", ctypes.c_uint8 * 3),
        ("system", ctypes.c_int),
        ("display", ctypes.c_void_p),
        ("rest", ctypes.c_uint8 * 64),
    )


def watch_connection(window: Window, on_loss: Callable[[], None]) -> object:
    """Have `on_loss` called, once, when the X server of a window closes the connection.

    Every later call of SDL for this window returns without effect, except that destroying the window never returns.
    Other window systems are not watched. With libX11 before 1.7, the process ends with exit code 1 as usual.

    Args:
        window: The window.
        on_loss: Called in the thread of the window, in the middle of a function of SDL.

    Returns:
        An object to keep for as long as the window.
    """
    called = _CONNECTION_END(lambda _display, _data: on_loss())
    # A build of pygame may hide its SDL, and other systems have no libX11.
    with suppress(OSError, AttributeError):
        sdl, info = sdl_library(), _WindowInfo()
        sdl.SDL_GetVersion(ctypes.byref(info))
        sdl.SDL_GetWindowFromID.argtypes, sdl.SDL_GetWindowFromID.restype = [ctypes.c_uint32], ctypes.c_void_p
        sdl.SDL_GetWindowWMInfo.argtypes = [ctypes.c_void_p, ctypes.POINTER(_WindowInfo)]
        if sdl.SDL_GetWindowWMInfo(sdl.SDL_GetWindowFromID(window.id), ctypes.byref(info)) and info.system == X11:
            xlib = ctypes.CDLL("libX11.so.6")
            xlib.XSetIOErrorExitHandler.argtypes = [ctypes.c_void_p, _CONNECTION_END, ctypes.c_void_p]
            xlib.XSetIOErrorExitHandler.restype = None
            xlib.XSetIOErrorExitHandler(info.display, called, None)
            xlib.XSetIOErrorHandler.argtypes = [_CONNECTION_ERROR]
            xlib.XSetIOErrorHandler(_SILENCE)
    return called
