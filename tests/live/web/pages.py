"""Pages for the tests: served, and rolled out in a browser."""

import base64
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from live.web.serve import page_server
from tests.conftest import tool_is_missing
from tests.live.web.browser import Browser

ROLLOUT = """(async () => {
  const { Dream, lastFrames } = await import("./dream.js");
  const facts = await (await fetch("film.json")).json();
  const dream = new Dream();
  const chosen = await dream.open({ facts, provider: "wasm", precision: "fp32" });
  await dream.reset(await lastFrames(facts), %d);
  const frames = [];
  for (let step = 0; step < %d; step++) {
    const pixels = await dream.step({ temperature: 1 });
    frames.push(btoa(Array.from(pixels, (level) => String.fromCharCode(level)).join("")));
  }
  return { threads: chosen.threads, size: facts.size, frames };
})()"""


def runtime_folder() -> Path:
    """Return the unpacked npm package onnxruntime-web. Where there is none, the test is skipped, or fails in CI."""
    folder = os.environ.get("ONNXRUNTIME_WEB", "")
    if not folder:
        tool_is_missing("ONNXRUNTIME_WEB does not name the unpacked npm package onnxruntime-web")
    return Path(folder)


@contextmanager
def served_page(folder: Path) -> Iterator[str]:
    """Serve a page and yield its address."""
    with page_server(folder, 0) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()
            thread.join()


def rolled_out(browser: Browser, address: str, steps: int, seed: int) -> tuple[list[NDArray[np.uint8]], int]:
    """Let a page's own modules continue its film; return the frames, and the number of threads that computed them."""
    browser.open(address + "film.json")
    result = browser.run(ROLLOUT % (seed, steps))
    height, width = result["size"]
    frames = [np.frombuffer(base64.b64decode(frame), np.uint8) for frame in result["frames"]]
    return [frame.reshape(height, width, 4)[..., :3] for frame in frames], result["threads"]


def worst_difference(some: list[NDArray[np.uint8]], others: list[NDArray[np.uint8]]) -> int:
    """Return the largest difference of a pixel, in levels."""
    return max(int(np.abs(one.astype(int) - other).max()) for one, other in zip(some, others, strict=True))
