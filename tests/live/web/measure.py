"""`python -m tests.live.web.measure PAGE BUNDLE`: how fast a page is in Chromium, and how far it is from the stage.

It computes on WASM in fp32, and draws the stage's noise of seed 3.
"""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import numpy as np

from live.app import main as show
from live.bundle.bundle import read_bundle
from tests.live.bundles import read_film
from tests.live.web.browser import Browser
from tests.live.web.pages import rolled_out, served_page

STEPS, SEED = 50, 3
SEEN = 2  # levels
STAGE = (
    "--headless",
    "--no-guard",
    "--tail",
    "0",
    "--record-codec",
    "ffv1",
    "--provider",
    "cpu",
    "--precision",
    "fp32",
)


def measure(page: Path, bundle: Path) -> None:
    """Print the differences and the time of a step."""
    with TemporaryDirectory() as folder:
        film = Path(folder, "stage.mkv")
        seconds = str(float(STEPS / read_bundle(bundle, 0).frame_rate))
        options = ("--model", str(bundle), "--seed", str(SEED), "--seconds", seconds, "--record", str(film))
        assert show([*STAGE, *options]) == 0
        with Browser(Path(folder, "profile")) as browser, served_page(page) as address:
            rolled_out(browser, address, 1, SEED)
            began = perf_counter()
            frames, threads = rolled_out(browser, address, STEPS, SEED)
            took = perf_counter() - began
        for step, (frame, expected) in enumerate(zip(frames, read_film(film), strict=True), 1):
            if step == 1 or step % 10 == 0:
                off = np.abs(frame.astype(int) - expected)
                share = (off > SEEN).mean()
                print(
                    f"step {step}: {off.max()} levels at most, {off.mean():.3f} in the mean, {share:.4%} above {SEEN}"
                )
        print(f"{took / STEPS:.2f} s a step with {threads} threads, opening and transfer included")


if __name__ == "__main__":
    measure(Path(sys.argv[1]), Path(sys.argv[2]))
