"""Real keys on a real X screen, in a show that a user has started."""

import json
import subprocess
import time
import tomllib
from pathlib import Path

import cv2
import numpy as np
import pytest

from live.controls.table import CONTROLS
from tests.live.bundles import HEIGHT, WIDTH, read_film
from tests.live.display.running_show import (
    WINDOWED,
    StartShow,
    looks_like,
)
from tests.live.waiting import SECONDS, wait_until

pytestmark = pytest.mark.needs("xdotool", "import")


def test_the_keys_of_a_real_keyboard(start_show: StartShow, tmp_path: Path, bundle_folder: Path) -> None:
    show = start_show("--record-codec", "ffv1", "--stats", "stats.json", "--seconds", "600", model=bundle_folder)
    first = show.screenshot()
    # Keys that wait while the network is opened come all at once.
    show.until(lambda picture: not np.array_equal(picture, first), "the show behind its first picture")
    show.press(
        "t",
        "r",
        "Up",
        "Down",
        "plus",
        "minus",
        "KP_Add",
        "KP_Subtract",
        "equal",
        "period",
        "n",
        "Tab",
        "i",
        "i",
        "h",
        "h",
    )
    show.press("c", "m", "x", "Left", "Left", "Right", "e", "e", "w")
    show.press("f", "f", "d", "k", "k", "j", "p", "p", "o", "alt+p", "alt+p", "alt+o", "Up")
    show.press("alt+Right", "alt+Left", "alt+Left", "alt+Down", "alt+Up", "alt+Up")
    show.press("u", "y", "y", "z", *["alt+k"] * 4, "alt+j")
    show.press("shift+1", "d", "d", "shift+2", "1", "2", "a", "shift+9", "b", "b", "l", "l")
    show.press("s", "v", "space")
    time.sleep(1.0)
    show.press("v")
    show.press("Escape", "Escape")
    _, errors = show.process.communicate(timeout=SECONDS)
    assert (show.process.returncode, errors) == (0, "")
    (snapshot,) = tmp_path.glob("small-*.png")
    picture = cv2.imread(str(snapshot))
    assert picture is not None
    assert picture.shape == (HEIGHT, WIDTH, 3)
    stored = {path.name: tomllib.loads(path.read_text()) for path in (tmp_path / "presets").iterdir()}
    grading = {name: value for name, value in stored["1.toml"].items() if CONTROLS[name].group == "Grading"}
    assert stored["1.toml"] == grading | {
        "feedback": "picture",
        "temperature": 1.1,
        "speed": 1.5,
        "zoom": 0.2,
        "rotation": 10.0,
        "shift_x": -0.05,
        "shift_y": -0.05,
        "hue_drift": 10.0,
        "contrast_drift": 0.2,
        "camera_mix": 0.9,
        "camera_blend": 0.1,
        "model_fade": 2,
        "trail": -0.1,
        "feedback_blend": "lighten",
    }
    assert stored["1.toml"]["kaleidoscope"] == 3
    assert stored["2.toml"] == stored["1.toml"] | {"zoom": -0.2}
    assert stored["9.toml"] == stored["1.toml"], "A recalled the first again"
    (recording,) = tmp_path.glob("small-*.mkv")
    assert len(read_film(recording)) > 0
    stats = json.loads((tmp_path / "stats.json").read_text())
    assert stats["frames"]["after_end"] > 0, "T and R ended the tail early"


@pytest.mark.needs("setxkbmap")
@pytest.mark.parametrize("layout", ["us", "fr", "ru", "gr"])
def test_keys_of_other_layouts(start_show: StartShow, tmp_path: Path, layout: str) -> None:
    def layout_is(layout: str) -> None:
        subprocess.run(["setxkbmap", layout], env=show.environment, check=True)

    show = start_show()
    layout_is(layout)
    try:
        # Places of F, of the key right of 0, of 1 (with Shift), and of 7 on the number pad, in X's numbers.
        show.press("41", "41", "20", "shift+10")
        wait_until((tmp_path / "presets" / "1.toml").exists)
        show.press("ctrl+41", "shift+79")
        wait_until((tmp_path / "presets" / "7.toml").exists)
        # Shift + F, then 1 on the number pad.
        show.press("shift+41", "shift+11", "87", "shift+12")
        wait_until((tmp_path / "presets" / "3.toml").exists)
        stored = [tomllib.loads((tmp_path / "presets" / f"{number}.toml").read_text()) for number in (1, 7, 2, 3)]
        assert [values["zoom"] for values in stored] == [0.4, 0.42, 0.0, 0.4]
        assert [values["speed"] for values in stored] == [0.75] * 4
        # Q's place, which is A's on a French keyboard.
        place = "38" if layout == "fr" else "24"
        show.press(place, place)
        _, errors = show.process.communicate(timeout=SECONDS)
        assert (show.process.returncode, errors) == (0, "")
    finally:
        layout_is("us")


def test_a_key_that_is_held_on_a_real_keyboard_runs_to_the_end(start_show: StartShow, tmp_path: Path) -> None:
    show = start_show("--presets", ".")
    subprocess.run(["xdotool", "keydown", "f"], env=show.environment, check=True)
    time.sleep(4.0)
    subprocess.run(["xdotool", "keyup", "f"], env=show.environment, check=True)
    show.press("shift+1", "0", "shift+2")
    wait_until((tmp_path / "2.toml").exists)
    zooms = [tomllib.loads((tmp_path / f"{number}.toml").read_text())["zoom"] for number in (1, 2)]
    assert zooms == [4.0, 0.0]
    assert show.end() == (0, "")


def test_escape_leaves_one_thing_after_the_other(start_show: StartShow) -> None:
    show = start_show("--fullscreen", "--fit", "letterbox")
    show.press("space")
    show.until(lambda picture: looks_like(picture, 100, 0, 800, 600), "the letterboxed film")
    show.press("h", "Escape")
    show.until(lambda picture: looks_like(picture, 100, 0, 800, 600), "the film without the help, in fullscreen")
    show.press("Escape")
    show.until(lambda picture: looks_like(picture, *WINDOWED), "the film in the window")
    show.press("Escape")
    show.until(lambda picture: not looks_like(picture, *WINDOWED), "the question")
    show.until(lambda picture: looks_like(picture, *WINDOWED), "the end of the question")
    show.press("Escape", "Escape")
    assert show.process.wait(timeout=SECONDS) == 0


QUITTING_KEYS = ("ctrl", "shift", "q")


def test_no_key_does_anything_in_a_kiosk_but_its_chord(start_show: StartShow, tmp_path: Path) -> None:
    # At a quarter of its speed the film lasts longer than the test.
    show = start_show("--kiosk", "--fit", "fill", "--speed", "0.25")
    show.until(lambda picture: looks_like(picture, 0, -75, 1000, 750), "the film that fills the screen")
    show.press(
        "space", "s", "v", "shift+1", "l", "b", "i", "h", "F11", "q", "Escape", "alt+F4", "ctrl+q", "ctrl+shift+q"
    )
    time.sleep(2.5)
    assert show.process.poll() is None
    assert looks_like(show.screenshot(), 0, -75, 1000, 750)
    for action in ("keydown", "keyup", "keydown"):
        subprocess.run(["xdotool", action, *QUITTING_KEYS], env=show.environment, check=True)
    try:
        out, errors = show.process.communicate(timeout=SECONDS)
    finally:
        subprocess.run(["xdotool", "keyup", *QUITTING_KEYS], env=show.environment, check=True)
    assert (show.process.returncode, errors) == (0, "")
    assert len(out.splitlines()) == 1, "no key was answered"
    assert list(tmp_path.iterdir()) == [], "nothing was written"
