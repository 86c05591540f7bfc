"""Process of the backdrop: a fullscreen window behind that of the show, with the picture that was shown last.

While the show is being started again, it is what the wall shows. Only the supervisor starts it, when a show in
fullscreen asks for it.
"""

import json
import os
import sys
import threading
import time
from collections.abc import Mapping
from typing import Any, NoReturn

import numpy as np

from live.display.options import WindowOptions
from live.display.window import StageWindow
from live.errors import ShowError
from live.supervision.link import VARIABLE
from live.supervision.shared_picture import SharedPicture

# Nobody sees the window while the show runs, but it must hold a picture of late when the show's window vanishes.
PICTURE_SECONDS = 1.0
EVENTS_SECONDS = 0.05
QUITTING_KEYS = {"q", "escape"}
USER_QUIT_EXIT_CODE, NO_BACKDROP_EXIT_CODE = 0, 1


def main() -> NoReturn:
    """Run the backdrop of this process's environment, and end the process."""
    link = json.loads(os.environ.pop(VARIABLE))
    # It loses the focus to the show, and must stay all the same.
    os.environ["SDL_VIDEO_MINIMIZE_ON_FOCUS_LOSS"] = "0"
    threading.Thread(target=_exit_with_the_supervisor, name="supervisor watcher", daemon=True).start()
    try:
        run(SharedPicture(link["picture"]), **link["look"])
    except ShowError:
        # The show fails for the same reason, and says it.
        os._exit(NO_BACKDROP_EXIT_CODE)
    os._exit(USER_QUIT_EXIT_CODE)


def run(picture: SharedPicture, *, title: str, size: tuple[int, int], window_options: Mapping[str, Any]) -> None:
    """Show the last picture until the user closes the window or presses Q or Esc; in a kiosk, until its chord is held.

    The process ends when the show leaves fullscreen: a performer who does that wants to see the desktop.

    Args:
        picture: The last picture.
        title: Title of the window.
        size: (height, width) of the pictures.
        window_options: Place and look of the window: values of `WindowOptions`.

    Raises:
        DisplayError: The window cannot be opened.
    """
    with StageWindow(title, size, WindowOptions(fullscreen=True, **window_options)) as window:
        pixels, number, due = np.zeros((*size, 3), np.uint8), 0, 0.0
        while not (QUITTING_KEYS.intersection(window.poll()) or window.closed):
            if window.damaged or time.monotonic() >= due:
                due = time.monotonic() + PICTURE_SECONDS
                stored = picture.take(after=number)
                if stored and not stored.fullscreen:
                    os._exit(NO_BACKDROP_EXIT_CODE)
                if stored:
                    number, pixels = stored.number, np.frombuffer(stored.pixels, np.uint8).reshape(*size, 3)
                if window.damaged:
                    # The show's window has vanished. Without a window manager, nobody else hands on the keys.
                    window.take_focus(above=False)
                if stored or window.damaged:
                    window.present(pixels)
                picture.ready = True
            time.sleep(EVENTS_SECONDS)


def _exit_with_the_supervisor() -> None:
    sys.stdin.buffer.read()
    os._exit(NO_BACKDROP_EXIT_CODE)
