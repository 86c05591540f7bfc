"""Shows on a real X screen: how tests start them, press keys and look at them."""

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np

from live.frame import Pixels
from tests.live.waiting import SECONDS

RUN_LIVE = Path(__file__).parents[3] / "run_live.py"
SCREEN_WIDTH, SCREEN_HEIGHT = 1000, 600
# Colours of the film's four quarters, clockwise from the top left.
RED, GREEN, BLUE, WHITE = (220, 30, 30), (30, 200, 40), (40, 60, 230), (240, 240, 240)

# Ten times the film's 64×48, in the middle of the screen.
WINDOWED = (180, 60, 640, 480)


class RunningShow:
    """A show that runs on the X screen."""

    def __init__(self, environment: dict[str, str], folder: Path, *arguments: object) -> None:
        self.environment = environment
        command: list[str | Path] = [sys.executable, RUN_LIVE, "--tail", "25", "--seed", "1", *map(str, arguments)]
        self.process = subprocess.Popen(
            command, env=environment, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def screenshot(self) -> Pixels:
        """Return the whole screen, uint8 [H, W, 3] RGB."""
        png = subprocess.run(
            ["import", "-window", "root", "png:-"], env=self.environment, capture_output=True, check=True
        ).stdout
        picture = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_COLOR)
        assert picture is not None
        return np.asarray(picture[:, :, ::-1], np.uint8)

    def press(self, *keys: str) -> None:
        """Press keys, by their names in X, one after the other."""
        subprocess.run(["xdotool", "key", "--delay", "60", *keys], env=self.environment, check=True)

    def until(self, condition: Callable[[Pixels], bool], event: str) -> Pixels:
        """Wait for a screenshot that meets the condition, and return it."""
        end = time.monotonic() + SECONDS
        while True:
            assert self.process.poll() is None, self.process.communicate()
            picture = self.screenshot()
            if condition(picture):
                return picture
            assert time.monotonic() < end, f"never: {event}"

    def end(self) -> tuple[int, str]:
        """Press Q twice and return the exit code and stderr."""
        self.press("q", "q")
        _, errors = self.process.communicate(timeout=SECONDS)
        return self.process.returncode, errors


class StartShow(Protocol):
    def __call__(self, *arguments: object, model: Path = ...) -> RunningShow: ...


def looks_like(picture: Pixels, left: int, top: int, width: int, height: int) -> bool:
    """Return True if the film's four colours fill this rectangle of the screen, with black around it."""
    inside = np.zeros(picture.shape[:2], bool)
    inside[max(0, top) : top + height, max(0, left) : left + width] = True
    if picture[~inside].size and picture[~inside].max() > 8:
        return False
    for colour, x, y in [(RED, 0, 0), (GREEN, 1, 0), (WHITE, 0, 1), (BLUE, 1, 1)]:
        # The whole quarter except its soft border.
        rows = slice(max(0, top + y * height // 2 + 12), top + (y + 1) * height // 2 - 12)
        columns = slice(max(0, left + x * width // 2 + 12), left + (x + 1) * width // 2 - 12)
        if np.abs(picture[rows, columns].astype(int) - colour).max() > 8:
            return False
    return True
