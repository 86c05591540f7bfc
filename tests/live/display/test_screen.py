"""The command as a user meets it: a window on a real X screen, and real screenshots."""

import json
import os
import signal
import time
from contextlib import closing
from pathlib import Path
from socket import AF_INET, SOCK_DGRAM, socket

import numpy as np
import pytest
from numpy.typing import NDArray
from pythonosc.udp_client import SimpleUDPClient

from live.frame import Pixels
from live.show.notices import NOTICE_SECONDS
from tests.live.bundles import read_film
from tests.live.display.running_show import (
    BLUE,
    GREEN,
    RED,
    SCREEN_HEIGHT,
    SCREEN_WIDTH,
    WHITE,
    WINDOWED,
    StartShow,
    looks_like,
)
from tests.live.waiting import SECONDS

pytestmark = pytest.mark.needs("xdotool", "import")


def test_the_picture_is_letterboxed_and_undistorted_in_window_and_fullscreen(start_show: StartShow) -> None:
    show = start_show()
    show.press("space")
    show.until(lambda picture: looks_like(picture, *WINDOWED), "the film in the window")
    show.press("F11")
    show.until(lambda picture: looks_like(picture, 100, 0, 800, 600), "the letterboxed film")
    show.press("F11")
    show.until(lambda picture: looks_like(picture, *WINDOWED), "the film in the window, again")
    assert show.end() == (0, "")


def test_fill_covers_the_screen(start_show: StartShow) -> None:
    show = start_show("--fullscreen", "--fit", "fill")
    show.press("space")
    show.until(lambda picture: looks_like(picture, 0, -75, 1000, 750), "the film that fills the screen")
    assert show.end() == (0, "")


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--turn", "90"], [WHITE, RED, GREEN, BLUE]),
        (["--flip", "horizontal"], [GREEN, RED, WHITE, BLUE]),
        (["--turn", "270", "--flip", "vertical"], [RED, WHITE, BLUE, GREEN]),
        (["--corners", "0.1,0.2", "0.9,0", "1,1", "0,0.9"], [RED, GREEN, BLUE, WHITE]),
    ],
)
def test_the_picture_is_turned_flipped_and_fitted_into_corners(
    start_show: StartShow, tmp_path: Path, options: list[str], expected: list[tuple[int, int, int]]
) -> None:
    show = start_show("--fullscreen", "--fit", "fill", "--record", "a.mkv", "--record-codec", "ffv1", *options)
    # A little inside the corners of the screen, clockwise from the top left.
    places = [(150, 150), (150, 850), (510, 850), (510, 150)]

    def right(picture: Pixels) -> bool:
        colours = np.array([picture[place] for place in places], int)
        return bool(np.abs(colours - expected).max() < 8)

    picture = show.until(right, "the four colours at their places")
    assert picture[60, 150].any() == ("--corners" not in options), "black beside the corners alone"
    assert show.end() == (0, "")
    recorded = read_film(tmp_path / "a.mkv")[0]
    assert np.abs(recorded[4, 4].astype(int) - RED).max() < 8, "recordings stay upright"
    assert np.abs(recorded[4, -4].astype(int) - GREEN).max() < 8


def test_hud_and_help_appear_and_disappear(start_show: StartShow) -> None:
    show = start_show("--fullscreen", "--fit", "fill")
    show.press("space")
    time.sleep(1.5 * NOTICE_SECONDS)  # the notice would count as a change, too
    plain = show.until(lambda picture: looks_like(picture, 0, -75, 1000, 750), "the film").astype(int)

    def changed(picture: Pixels) -> NDArray[np.bool_]:
        changed: NDArray[np.bool_] = np.abs(picture - plain).max(axis=2) > 10
        return changed

    for key in ("i", "h"):
        show.press(key)
        picture = show.until(lambda picture: bool(changed(picture).mean() > 0.03), f"the panel of {key}")
        rows, columns = np.nonzero(changed(picture))
        panel = picture[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
        assert panel.shape[0] < SCREEN_HEIGHT
        assert panel.shape[1] < SCREEN_WIDTH
        dark, light = (panel.max(axis=2) < 110).mean(), (panel.min(axis=2) > 150).mean()
        assert dark > 0.6, "a dark panel"
        assert 0.01 < light < 0.3, "light letters"
        # I shows the large panel before none.
        show.press(*["i", "i"] if key == "i" else ["h"])
        show.until(lambda picture: not changed(picture).any(), f"the end of {key}")
    assert show.end() == (0, "")


def test_a_signal_ends_a_kiosk(start_show: StartShow) -> None:
    show = start_show("--kiosk")
    show.process.terminate()
    assert show.process.wait(timeout=SECONDS) == 128 + signal.SIGTERM


def test_the_first_picture_comes_within_three_seconds(
    start_show: StartShow, tmp_path: Path, bundle_folder: Path
) -> None:
    show = start_show("--stats", "stats.json", model=bundle_folder)
    # On a machine under load the process has to wait for a core.
    user, system = Path(f"/proc/{show.process.pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    computed = (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")
    assert show.end() == (0, "")
    assert min(computed, json.loads((tmp_path / "stats.json").read_text())["first_picture_seconds"]) <= 3


def test_the_film_moves(start_show: StartShow, bundle_folder: Path) -> None:
    show = start_show(model=bundle_folder)
    first = show.screenshot()
    show.until(lambda picture: not np.array_equal(picture, first), "another frame")
    assert show.end() == (0, "")


def test_a_flood_of_messages_makes_few_switches_and_files_and_the_keys_still_work(
    start_show: StartShow, tmp_path: Path
) -> None:
    with closing(socket(AF_INET, SOCK_DGRAM)) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    began = time.monotonic()
    show = start_show("--osc", port, "--stats", "stats.json")
    with closing(SimpleUDPClient("127.0.0.1", port)) as client:
        for _ in range(200):
            for address in ("/fullscreen", "/snapshot", "/record"):
                client.send_message(address, 1)
            time.sleep(0.01)
    code, errors = show.end()
    seconds = time.monotonic() - began
    assert (code, errors) == (0, "")
    osc = json.loads((tmp_path / "stats.json").read_text())["osc"]
    assert osc["messages"] > 100
    # Two, four and four at once; then 0.5, 1 and 0.5 a second.
    assert 10 <= osc["messages"] - osc["refused"] - osc["coalesced"] <= 10 + 2 * seconds + 3
    assert 4 <= len(list(tmp_path.glob("*.png"))) <= 4 + seconds + 1
