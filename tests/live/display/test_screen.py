"""The command as a user meets it: a window on a real X screen, real keys, real screenshots."""

import json
import os
import signal
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from socket import AF_INET, SOCK_DGRAM, socket
from typing import Protocol

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from pythonosc.udp_client import SimpleUDPClient

from live.controls.table import CONTROLS
from live.frame import Pixels
from tests.live.bundles import HEIGHT, WIDTH, make_model, read_film, write_bundle, write_film
from tests.live.waiting import SECONDS, wait_until

RUN_LIVE = Path(__file__).parents[3] / "run_live.py"
SCREEN_WIDTH, SCREEN_HEIGHT = 1000, 600
# Colours of the film's four quarters, clockwise from the top left.
RED, GREEN, BLUE, WHITE = (220, 30, 30), (30, 200, 40), (40, 60, 230), (240, 240, 240)

pytestmark = pytest.mark.needs("xdotool", "import")


@pytest.fixture(scope="session")
def still_bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle whose film is a still picture: four quarters of four colours."""
    folder = write_bundle(tmp_path_factory.mktemp("models") / "still", make_model())
    frame = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    frame[: HEIGHT // 2, : WIDTH // 2], frame[: HEIGHT // 2, WIDTH // 2 :] = RED, GREEN
    frame[HEIGHT // 2 :, : WIDTH // 2], frame[HEIGHT // 2 :, WIDTH // 2 :] = WHITE, BLUE
    write_film(folder / "seed.mkv", np.repeat(frame[None], 300, axis=0))
    return folder


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


@pytest.fixture
def start_show(x_screen: dict[str, str], still_bundle: Path, tmp_path: Path) -> Iterator[StartShow]:
    """Starts shows, waits for their windows, and ends them."""
    shows: list[RunningShow] = []

    def started(*arguments: object, model: Path = still_bundle) -> RunningShow:
        shows.append(RunningShow(x_screen, tmp_path, "--model", model, *arguments))
        shows[-1].until(lambda picture: bool(picture.any()), "the window")
        return shows[-1]

    yield started
    for show in shows:
        show.process.kill()
        show.process.communicate()


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


# Ten times the film's 64×48, in the middle of the screen.
WINDOWED = (180, 60, 640, 480)


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
        dark, light = (panel.max(axis=2) < 110).mean(), (panel.min(axis=2) > 220).mean()
        assert dark > 0.6, "a dark panel"
        assert 0.01 < light < 0.3, "light letters"
        # I shows the large panel before none.
        show.press(*["i", "i"] if key == "i" else ["h"])
        show.until(lambda picture: not changed(picture).any(), f"the end of {key}")
    assert show.end() == (0, "")


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
