"""Real bundles, a real display."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

import live.display.window
from live.app import main
from tests.live.bundles import METADATA, make_model, write_bundle, write_pairs_bundle
from tests.live.scripted_window import Script, ScriptedWindow


@pytest.fixture(scope="session")
def bundle_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A whole, small bundle; not to be written to."""
    return write_bundle(tmp_path_factory.mktemp("models") / "small")


@pytest.fixture(scope="session")
def camera_bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with a camera; not to be written to."""
    return write_bundle(tmp_path_factory.mktemp("models") / "seeing", make_model(camera=True))


@pytest.fixture(scope="session")
def pairs_bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle without memory; not to be written to."""
    return write_pairs_bundle(tmp_path_factory.mktemp("models") / "pairs")


@pytest.fixture
def dummy_display(monkeypatch: pytest.MonkeyPatch) -> None:
    """SDL's own display that nobody sees: everything but the pixels on a screen is real."""
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")


@pytest.fixture(scope="session")
def x_screen() -> Iterator[dict[str, str]]:
    """An X screen of 1000×600 pixels of its own; yields the environment that leads there."""
    if not shutil.which("Xvfb"):
        pytest.skip("Xvfb is not installed")
    reading, writing = os.pipe()
    # Xvfb takes a free display by itself and says which when it is ready. When its last client leaves it would begin
    # anew, and refuse whoever comes just then: the next test.
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1000x600x24", "-nolisten", "tcp", "-noreset"],
        pass_fds=[writing],
        stderr=subprocess.DEVNULL,
    )
    os.close(writing)
    with os.fdopen(reading) as pipe:
        number = pipe.readline().strip()
    environment = {name: value for name, value in os.environ.items() if name != "WAYLAND_DISPLAY"}
    yield environment | {"DISPLAY": f":{number}", "SDL_VIDEODRIVER": "x11"}
    server.terminate()
    server.wait()


@pytest.fixture(scope="session")
def fast_bundle(tmp_path_factory: pytest.TempPathFactory):
    """The same film and network at 60 frames a second."""
    folder = tmp_path_factory.mktemp("models") / "fast"
    return write_bundle(folder, make_model(metadata=METADATA | {"frame_rate": "60"}))


@pytest.fixture
def perform(fast_bundle, dummy_display, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """Run the show with a script; returns the exit code and the window."""
    monkeypatch.chdir(tmp_path)

    def performed(script: Script, *arguments: str, model: Path = fast_bundle) -> tuple[int, ScriptedWindow]:
        windows = []

        class Window(ScriptedWindow):
            def __init__(self, *given) -> None:
                super().__init__(*given)
                windows.append(self)

        Window.script = script
        monkeypatch.setattr(live.display.window, "StageWindow", Window)
        code = main(["--model", str(model), "--seed", "3", *arguments])
        return code, windows[0]

    return performed
