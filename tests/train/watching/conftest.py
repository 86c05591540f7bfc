"""A run folder with a sample, and a page of it that is served."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import pytest

from tests.train.conftest import numbered
from train.images.contact_sheet import write_picture
from train.images.video import write_video
from train.runtime.interrupt import Interruption
from train.runtime.run_folder import Run
from train.watching.board import Board
from train.watching.exporter import Exporter
from train.watching.server import PageServer
from train.watching.view import View

FRAMES = 24


class Asked(Interruption):
    """Interruption that counts how often another thread requests it."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def request(self) -> None:
        self.count += 1


@dataclass
class Watched:
    """Page of a training, and its address."""

    run: Run
    board: Board
    interruption: Asked
    server: PageServer


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """A run folder with the sample of step 12."""
    run = Run(tmp_path / "run")
    run.samples.mkdir(parents=True)
    pictures = numbered(FRAMES)
    write_video(run.samples / "step-000012.mkv", pictures, Fraction(12))
    write_picture(run.samples / "step-000012.png", pictures[0])
    return run


@pytest.fixture
def serve(run: Run) -> Iterator[Callable[[], Watched]]:
    """A function that serves the page of the run until the test ends."""
    with ExitStack() as stack:

        def start() -> Watched:
            board, interruption = Board(first_step=1), Asked()
            view = View(board, run, interruption, Exporter(run.folder, run.folder.parent / "models"), None)
            server = PageServer(view, 0)
            stack.callback(server.close)
            return Watched(run, board, interruption, server)

        yield start
