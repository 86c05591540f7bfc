"""An X server of a test, which may come late, go and come back."""

import os
import subprocess

OPTIONS = ("-nolisten", "tcp", "-noreset")


class XServer:
    """An X server with a screen of 1000×600 pixels.

    Args:
        number: Number of its display; None for a free one. While it is stopped, another server may take a number that
            is low.
        depth: Bits of a pixel's colour.
    """

    def __init__(self, number: int | None = None, depth: int = 24) -> None:
        self._depth = depth
        self._process: subprocess.Popen[bytes] | None = None
        self._number = "" if number is None else str(number)

    @property
    def environment(self) -> dict[str, str]:
        """Environment of programs that use it, also while it does not run."""
        inherited = {name: value for name, value in os.environ.items() if name != "WAYLAND_DISPLAY"}
        return inherited | {"DISPLAY": f":{self._number}", "SDL_VIDEODRIVER": "x11"}

    def start(self) -> None:
        """Start it, and return when it is ready."""
        reading, writing = os.pipe()
        number = [f":{self._number}"] if self._number else []
        # Xvfb chooses the lowest free number if it gets none, and prints it when it is ready. Without -noreset it would
        # reset when its last client leaves, and refuse the client of the next test.
        self._process = subprocess.Popen(
            ["Xvfb", *number, "-displayfd", str(writing), "-screen", "0", f"1000x600x{self._depth}", *OPTIONS],
            pass_fds=[writing],
            stderr=subprocess.DEVNULL,
        )
        os.close(writing)
        with os.fdopen(reading) as pipe:
            self._number = pipe.readline().strip()

    def stop(self) -> None:
        """End it at once, as a crash does. Its clients lose their connection."""
        if self._process:
            self._process.kill()
            self._process.wait()
            self._process = None
