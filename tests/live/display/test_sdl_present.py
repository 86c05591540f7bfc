"""Presenting on a real X screen, where drawing waits for the display."""

import subprocess
import sys

import pytest

# Prints how often another thread runs while a window is presented: the most of all presents that wait. A machine under
# load lets neither run in some of them.
COUNT = """
import threading, time
import numpy as np
from live.display.options import WindowOptions
from live.display.window import StageWindow

playing, ticks, counts = True, 0, []

def play():
    global ticks
    while playing:
        time.sleep(0.0005)
        ticks += 1

player = threading.Thread(target=play)
player.start()
with StageWindow("test", (144, 256), WindowOptions()) as window:
    for level in range(60):
        picture = np.full((144, 256, 3), level, np.uint8)
        before, began = ticks, time.perf_counter()
        window.present(picture)
        if time.perf_counter() - began > 0.005:
            counts.append(ticks - before)
playing = False
player.join()
print(max(counts) if len(counts) > 10 else "no wait")
"""


def test_other_threads_run_while_a_picture_waits_for_the_display(x_screen: dict[str, str]) -> None:
    # Without a GPU, SDL would draw itself, and hardly wait.
    environment = {**x_screen, "SDL_RENDER_DRIVER": "opengl"}
    shown = subprocess.run(
        [sys.executable, "-c", COUNT], env=environment, capture_output=True, text=True, timeout=60, check=True
    )
    counted = shown.stdout.split()[-1]
    if counted == "wait":
        pytest.skip("this X server does not wait")
    assert int(counted) >= 3, shown.stdout
