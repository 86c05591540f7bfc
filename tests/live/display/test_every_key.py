"""Every key of the table, pressed on real keyboards of several layouts: the window gives it the table's name."""

import subprocess
import sys
from pathlib import Path

import pytest

from live.controls.control import ALT, CTRL, SHIFT
from live.controls.table import ACTIONS, DIGITS, PAD_DIGITS, PARAMETERS

pytestmark = pytest.mark.needs("xdotool", "setxkbmap")

ROOT = Path(__file__).parents[3]
LISTENER = """
import time
import numpy as np
from live.display.options import WindowOptions
from live.display.window import StageWindow

with StageWindow("keys", (48, 64), WindowOptions()) as window:
    window.present(np.full((48, 64, 3), 99, np.uint8))
    print("ready", flush=True)
    while not window.closed:
        for key in window.poll():
            print(key, flush=True)
        time.sleep(0.002)
"""
# X's numbers of the places, by the names that their keys have on a US keyboard. To xdotool, 9 is a digit.
ROWS = {10: "1234567890-=", 24: "qwertyuiop", 38: "asdfghjkl", 52: "zxcvbnm"}
PLACES: dict[str, int | str] = {key: first + number for first, row in ROWS.items() for number, key in enumerate(row)}
PLACES |= {".": 60, "space": 65, "tab": 23, "escape": "Escape", "return": 36, "enter": 104}
PLACES |= {"up": 111, "left": 113, "right": 114, "down": 116}
PLACES |= {f"f{number}": 66 + number for number in range(1, 11)} | {"f11": 95, "f12": 96}
PLACES |= {f"[{key}]": 79 + number for number, key in enumerate("789-456+1230")}
# Letters that lie elsewhere. Layouts without Latin letters go by place.
MOVED: dict[str, dict[str, int]] = {
    "us": {},
    "fr": {"a": 24, "z": 25, "q": 38, "w": 52, "m": 47},
    "de": {"z": 29, "y": 52, "+": 35},
    "ru": {},
    "gr": {},
}
# They need Shift there, so that their key has another name. `=` and N do the same.
WITH_SHIFT: dict[str, set[str]] = {"us": {"+"}, "fr": {"+", "."}, "de": set(), "ru": {"+"}, "gr": {"+"}}


def keys_of_the_table() -> list[str]:
    """Return the names of all keys: those of actions, and of parameters with their fine steps and resets."""
    keys = [key for action in ACTIONS for key in action.keys]
    for parameter in PARAMETERS:
        moving = [*parameter.less, *parameter.more]
        keys += [*moving, *(CTRL + key for key in moving), *parameter.reset_keys]
    return keys


def parts_of(key: str) -> tuple[str, str]:
    """Return the modifiers of a key, and its name without them."""
    bare = key
    for modifier in (CTRL, ALT, SHIFT):
        bare = bare.removeprefix(modifier)
    return key.removesuffix(bare), bare


def test_there_is_no_key_that_this_file_does_not_know() -> None:
    keys = keys_of_the_table()
    assert len(set(keys)) == len(keys)
    assert {*DIGITS, *PAD_DIGITS} < set(keys)
    assert {parts_of(key)[1] for key in keys} - PLACES.keys() == {"+"}


@pytest.mark.parametrize("layout", MOVED)
def test_every_key_has_its_name_on_every_layout(x_screen: dict[str, str], layout: str) -> None:
    places = PLACES | MOVED[layout]
    wanted = [key for key in keys_of_the_table() if parts_of(key)[1] not in WITH_SHIFT[layout]]
    subprocess.run(["setxkbmap", layout], env=x_screen, check=True)
    listener = subprocess.Popen(
        [sys.executable, "-c", LISTENER], env=x_screen, cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    try:
        assert listener.stdout
        while listener.stdout.readline() != "ready\n":
            assert listener.poll() is None
        pressed = [f"{modifiers}{places[bare]}" for modifiers, bare in map(parts_of, [*wanted, "f12"])]
        subprocess.run(["xdotool", "key", "--delay", "12", *pressed], env=x_screen, check=True)
        heard = []
        while (line := listener.stdout.readline().strip()) != "f12":
            assert line or listener.poll() is None
            heard.append(line)
    finally:
        listener.kill()
        listener.communicate()
        subprocess.run(["setxkbmap", "us"], env=x_screen, check=True)
    assert heard == wanted
