"""Connection to an X server. When it or the window is lost, the show is told; Xlib would end the process."""

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


class _Error(ctypes.Structure):
    """XErrorEvent."""

    _fields_ = (
        ("type", ctypes.c_int),
        ("display", ctypes.c_void_p),
        ("resource", ctypes.c_ulong),
        ("serial", ctypes.c_ulong),
        ("codes", ctypes.c_uint8 * 3),
    )


_ERROR = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.POINTER(_Error))


class _WindowInfo(ctypes.Structure):
    """SDL_SysWMinfo of a window on X11, and room for other systems."""

    _fields_ = (
        ("version", ctypes.c_uint8 * 3),
        ("system", ctypes.c_int),
        ("display", ctypes.c_void_p),
        ("window", ctypes.c_ulong),
        ("rest", ctypes.c_uint8 * 64),
    )


def watch_connection(window: Window, on_loss: Callable[[str], None]) -> object:
    """Have `on_loss` called when the X server of a window closes the connection, or somebody has destroyed the window.

    Every later call of SDL for this window returns without effect, except that destroying it may never return. Other
    errors of the X server are ignored. Other window systems are not watched. With libX11 before 1.7, a closed
    connection ends the process with exit code 1 as usual.

    Args:
        window: The window.
        on_loss: Called with what is lost, in the thread of the window, in the middle of a function of SDL.

    Returns:
        An object to keep for as long as the window.
    """
    info = _WindowInfo()

    def take_error(_display: object, error: "ctypes._Pointer[_Error]") -> int:
        if error.contents.resource == info.window:
            on_loss("the window was destroyed")
        return 0

    ended = _CONNECTION_END(lambda _display, _data: on_loss("the display is lost"))
    failed = _ERROR(take_error)
    # A build of pygame may hide its SDL, and other systems have no libX11.
    with suppress(OSError, AttributeError):
        sdl = sdl_library()
        sdl.SDL_GetVersion(ctypes.byref(info))
        sdl.SDL_GetWindowFromID.argtypes, sdl.SDL_GetWindowFromID.restype = [ctypes.c_uint32], ctypes.c_void_p
        sdl.SDL_GetWindowWMInfo.argtypes = [ctypes.c_void_p, ctypes.POINTER(_WindowInfo)]
        if sdl.SDL_GetWindowWMInfo(sdl.SDL_GetWindowFromID(window.id), ctypes.byref(info)) and info.system == X11:
            xlib = ctypes.CDLL("libX11.so.6")
            xlib.XSetErrorHandler.argtypes, xlib.XSetErrorHandler.restype = [_ERROR], ctypes.c_void_p
            xlib.XSetErrorHandler(failed)
            # It is of the whole process, also after this window.
            ctypes.pythonapi.Py_IncRef(ctypes.py_object(failed))
            xlib.XSetIOErrorExitHandler.argtypes = [ctypes.c_void_p, _CONNECTION_END, ctypes.c_void_p]
            xlib.XSetIOErrorExitHandler.restype = None
            xlib.XSetIOErrorExitHandler(info.display, ended, None)
            xlib.XSetIOErrorHandler.argtypes = [_CONNECTION_ERROR]
            xlib.XSetIOErrorHandler(_SILENCE)
    return ended
