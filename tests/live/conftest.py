"""Fixtures of the stage: real bundles, a real display."""

import shutil
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest

import live.show.window_show
from live.app import main
from live.display.options import WindowOptions
from tests.conftest import tool_is_missing
from tests.live.bundles import METADATA, make_film, make_model, make_visits_model, write_bundle, write_pairs_bundle
from tests.live.loopback import Loopback, why_not
from tests.live.scripted_window import Perform, Script, ScriptedWindow
from tests.live.x_server import XServer


@pytest.fixture(scope="session")
def bundle_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A complete, small bundle. Tests do not write to it."""
    return write_bundle(tmp_path_factory.mktemp("models") / "small")


@pytest.fixture(scope="session")
def camera_bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same bundle with the input `camera`. Tests do not write to it."""
    return write_bundle(tmp_path_factory.mktemp("models") / "seeing", make_model(camera=True))


@pytest.fixture(scope="session")
def visits_bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same bundle with visits. Tests do not write to it."""
    return write_bundle(tmp_path_factory.mktemp("models") / "visits", make_visits_model())


@pytest.fixture(scope="session")
def pairs_bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle without memory. Tests do not write to it."""
    return write_pairs_bundle(tmp_path_factory.mktemp("models") / "pairs")


@pytest.fixture(scope="session")
def fast_bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small bundle at 60 frames a second. Tests do not write to it."""
    folder = tmp_path_factory.mktemp("models") / "fast"
    return write_bundle(folder, make_model(metadata=METADATA | {"frame_rate": "60"}))


@pytest.fixture(scope="session")
def wide_bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle of another size, at 30 frames a second, whose film is dark. Tests do not write to it."""
    folder = tmp_path_factory.mktemp("models") / "wide"
    model = make_model(height=32, width=96, metadata=METADATA | {"frame_rate": "30"})
    return write_bundle(folder, model, make_film(height=32, width=96) // 8)


@pytest.fixture
def dummy_display(monkeypatch: pytest.MonkeyPatch) -> None:
    """SDL's dummy display, where everything is real but the pixels on a screen."""
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")


@pytest.fixture(scope="session")
def x_screen() -> Iterator[dict[str, str]]:
    """The environment of an X server with a screen of 1000×600 pixels."""
    if not shutil.which("Xvfb"):
        tool_is_missing("Xvfb is not installed")
    server = XServer()
    server.start()
    yield server.environment
    server.stop()


@pytest.fixture
def perform(fast_bundle: Path, dummy_display: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Perform:
    """Runs a show whose keys a script presses, in the test's folder."""
    monkeypatch.chdir(tmp_path)

    def performed(
        script: Script,
        *arguments: str,
        model: Path = fast_bundle,
        local_time: Callable[[], datetime] = datetime.now,
    ) -> tuple[int, ScriptedWindow]:
        windows: list[ScriptedWindow] = []

        class Window(ScriptedWindow):
            def __init__(self, title: str, size: tuple[int, int], options: WindowOptions) -> None:
                super().__init__(title, size, options)
                windows.append(self)

        Window.script = script
        monkeypatch.setattr(live.show.window_show, "StageWindow", Window)
        code = main(["--model", str(model), "--seed", "3", *arguments], local_time=local_time)
        return code, windows[0]

    return performed


@pytest.fixture
def loopback(tmp_path: Path) -> Iterator[Loopback]:
    """A driver of a virtual camera. Skips the test where this machine can have none."""
    if reason := why_not():
        tool_is_missing(reason)
    driver = Loopback(tmp_path / "loopback")
    yield driver
    driver.close()
