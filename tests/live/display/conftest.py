"""Fixtures of the display."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest

from live.display.options import WindowOptions
from live.display.window import StageWindow
from tests.live.bundles import HEIGHT, WIDTH, make_model, write_bundle, write_film
from tests.live.display.running_show import (
    BLUE,
    GREEN,
    RED,
    WHITE,
    RunningShow,
    StartShow,
)
from tests.live.display.windows import DEFAULTS, OpenWindow


@pytest.fixture
def open_window(dummy_display: None) -> Iterator[OpenWindow]:
    """Opens windows, and closes them."""
    with ExitStack() as windows:

        def opened(options: WindowOptions = DEFAULTS) -> StageWindow:
            return windows.enter_context(StageWindow("test", (HEIGHT, WIDTH), options))

        yield opened


@pytest.fixture(scope="session")
def still_bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle whose film is a still picture: four quarters of four colours."""
    folder = write_bundle(tmp_path_factory.mktemp("models") / "still", make_model())
    frame = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    frame[: HEIGHT // 2, : WIDTH // 2], frame[: HEIGHT // 2, WIDTH // 2 :] = RED, GREEN
    frame[HEIGHT // 2 :, : WIDTH // 2], frame[HEIGHT // 2 :, WIDTH // 2 :] = WHITE, BLUE
    write_film(folder / "seed.mkv", np.repeat(frame[None], 300, axis=0))
    return folder


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
