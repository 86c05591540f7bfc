"""A training with a page: from its first second to its last."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from rich.console import Console

from train.errors import TrainError
from train.runtime.distributed import is_leader
from train.runtime.interrupt import Interruption
from train.runtime.run_folder import Run
from train.watching.board import Board
from train.watching.exporter import Exporter
from train.watching.options import Page
from train.watching.server import PageServer
from train.watching.view import PLAYER, View


@contextmanager
def watched(run: Run, page: Page, console: Console, interruption: Interruption) -> Iterator[Board]:
    """Yield the board of a training, which a page shows if it is asked for. Of several processes the leader has one.

    Args:
        run: the run folder. Exports go to `models/NAME`, NAME being that of the folder.
        page: its port, and the runtime of its player.
        console: for the address.
        interruption: ends the training.

    Raises:
        OutputError: the port is taken.
    """
    board = Board()
    if page.port is None or not is_leader():
        yield board
        return
    exporter, player = Exporter(run.folder, Path("models") / run.folder.resolve().name), _player(run, page.runtime)
    view = View(board, run, interruption, exporter, player)
    server = PageServer(view, page.port)
    console.print(f"page: {server.address} (its Export button writes {exporter.out})")
    ending = "the training failed; the terminal says why"
    try:
        yield board
        ending = "done"
    except TrainError as error:
        ending = str(error)
        raise
    except KeyboardInterrupt:
        ending = "stopped before the first step"
        raise
    finally:
        board.outcome = board.outcome or ending
        if player:
            player.end()
        try:
            if exporter.running:
                console.print(f"waiting for the export to {exporter.out}; Ctrl-C ends it")
                # After a Ctrl-C, the next one is at once anyway.
                with nullcontext() if interruption() else interruption.at_once():
                    exporter.wait()
        finally:
            server.close()


def _player(run: Run, runtime: Path | None) -> Exporter | None:
    if runtime is None:
        return None
    folder = run.folder / PLAYER
    return Exporter(run.folder, folder / "bundle", ["--web", folder / "page", "--runtime", runtime])
