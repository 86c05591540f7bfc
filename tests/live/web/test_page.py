"""The page in a real browser: it plays, and what it plays is what the stage shows."""

import base64
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from live.app import main as show
from live.web.folder import write_page
from tests.live.bundles import RATE, make_model, read_film, write_bundle
from tests.live.web.browser import Browser
from tests.live.web.pages import rolled_out, worst_difference

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.slow]
STEPS, SEED = 50, 3
NUMBERS = """(async () => {
  const { Noise } = await import("./noise.js");
  const numbers = new Float32Array(%d);
  new Noise(%d).fill(numbers);
  return btoa(Array.from(new Uint8Array(numbers.buffer), (byte) => String.fromCharCode(byte)).join(""));
})()"""
READY = "document.title === 'A Test'"
PICTURE = "document.querySelector('#picture').toDataURL()"


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_bundle(tmp_path_factory.mktemp("web") / "bundle", make_model(camera=True))


@pytest.fixture(scope="module")
def page(bundle: Path, runtime: Path) -> Path:
    assert write_page(bundle, bundle.parent / "page", runtime, overwrite=False)
    return bundle.parent / "page"


def shown_by_stage(bundle: Path, film: Path) -> list[NDArray[np.uint8]]:
    seconds = str(STEPS / RATE)
    plain = ["--model", str(bundle), "--seed", str(SEED), "--provider", "cpu", "--precision", "fp32", "--no-guard"]
    assert (
        show(
            [*plain, "--headless", "--tail", "0", "--seconds", seconds, "--record", str(film), "--record-codec", "ffv1"]
        )
        == 0
    )
    return read_film(film)


@pytest.mark.parametrize("seed", [0, 3, 2**32 - 1, 2**40 + 5])
def test_its_noise_is_numpys(browser: Browser, served: Callable[[Path], str], page: Path, seed: int) -> None:
    browser.open(served(page) + "film.json")
    count = 200_000
    drawn = np.frombuffer(base64.b64decode(browser.run(NUMBERS % (count, seed))), np.float32)
    # One number of a million may differ by the last bit of a logarithm.
    expected = np.random.default_rng(seed).standard_normal(count, np.float32)
    np.testing.assert_allclose(drawn, expected, rtol=1e-6, atol=0)


def test_its_frames_are_the_stages(
    browser: Browser, served: Callable[[Path], str], page: Path, bundle: Path, tmp_path: Path
) -> None:
    expected = shown_by_stage(bundle, tmp_path / "show.mkv")
    frames, threads = rolled_out(browser, served(page), STEPS, SEED)
    assert threads > 1 or browser.run("navigator.hardwareConcurrency") == 1
    assert worst_difference(frames, expected) <= 2
    assert np.abs(frames[-1].astype(int) - frames[0]).mean() > 2


def test_it_plays_the_tail_and_then_dreams(browser: Browser, served: Callable[[Path], str], page: Path) -> None:
    browser.open(served(page) + "?seed=3&temperature=1.5")
    browser.wait_for("document.querySelector('#tail').currentTime > 0.2")
    assert browser.run("document.title") == "A Test"
    assert browser.run("document.querySelector('#picture').hidden")
    browser.wait_for("!document.querySelector('#picture').hidden")
    first = browser.run(PICTURE)
    browser.wait_for(f"{PICTURE} !== {json.dumps(first)}")
    browser.wait_for(
        r"/WASM, \d+ threads?, fp32: [1-9]\d* of 12 frames/.test(document.querySelector('#facts').textContent)"
    )
    assert browser.run("location.search") == "?seed=3&temperature=1.5"
    assert browser.said == []


def test_keys_change_it_and_the_address(browser: Browser, served: Callable[[Path], str], page: Path) -> None:
    browser.open(served(page) + "?seed=3")
    browser.wait_for(READY)
    browser.press("r")
    browser.wait_for("!document.querySelector('#picture').hidden")
    seed = browser.run("new URLSearchParams(location.search).get('seed')")
    assert seed != "3"
    browser.press("ArrowUp")
    assert browser.run("location.search") == f"?seed={seed}&temperature=1.1"
    browser.press(" ")
    browser.run("new Promise((resolve) => setTimeout(resolve, 300))")
    frozen = browser.run(PICTURE)
    browser.run("new Promise((resolve) => setTimeout(resolve, 300))")
    assert browser.run(PICTURE) == frozen
    browser.click("#pause")
    browser.wait_for(f"{PICTURE} !== {json.dumps(frozen)}")


def test_a_camera_plays_it_when_it_is_asked_for(browser: Browser, served: Callable[[Path], str], page: Path) -> None:
    browser.open(served(page) + "?seed=3&temperature=0")
    browser.wait_for(READY)
    assert browser.run("document.querySelector('#mix-row').hidden")
    browser.press("r")
    browser.wait_for("!document.querySelector('#picture').hidden")
    browser.click("#camera")
    # The network of this bundle shows the camera's negative. Chromium's picture is green, with a yellow disc.
    colour = (
        "(() => { const {data} = document.querySelector('#picture').getContext('2d').getImageData(0, 0, 4, 40);"
        " return data[0] > 200 && data[1] < 160 && data[2] > 200; })()"
    )
    browser.wait_for(colour)
    assert not browser.run("document.querySelector('#mix-row').hidden")
    browser.click("#camera")
    assert browser.run("document.querySelector('#camera').getAttribute('aria-pressed')") == "false"


@pytest.mark.parametrize("word", ["kiosk", "clean"])
def test_on_a_wall_and_in_obs_only_the_picture_is_seen(
    browser: Browser, served: Callable[[Path], str], page: Path, word: str
) -> None:
    browser.open(served(page) + f"?{word}&seed=3")
    browser.wait_for("!document.querySelector('#picture').hidden")
    assert browser.run("document.querySelector('#panel').hidden && document.querySelector('#message').hidden")


def test_without_the_runtime_it_says_so(
    browser: Browser, served: Callable[[Path], str], page: Path, tmp_path: Path
) -> None:
    shutil.copytree(page, tmp_path / "page", ignore=shutil.ignore_patterns("runtime"))
    browser.open(served(tmp_path / "page"))
    browser.wait_for("!document.querySelector('#message').hidden")
    assert "runtime/" in browser.run("document.querySelector('#message').textContent")
