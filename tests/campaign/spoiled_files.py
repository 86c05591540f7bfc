"""Reads files that were changed anywhere, one after the other, in a process of its own with little memory.

python -m tests.campaign.spoiled_files KIND FIRST_SEED LAST_SEED FOLDER
"""

import contextlib
import io
import json
import resource
import shutil
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from live.app import main as run_show
from live.controls.midi.midi_map import MidiMap
from live.controls.pending import PendingControls
from live.errors import ShowError
from live.process.file_worker import FileWorker
from tests.hostile import limited_memory, mutated
from tests.live.bundles import write_bundle

LONGEST_LINE = 1000
USUAL = ("--headless", "--seconds", "0.5", "--tail", "0.5", "--provider", "cpu", "--precision", "fp32")


class RefusedError(Exception):
    """A file was refused in one line."""


@dataclass(frozen=True)
class Kind:
    """Kind of files: what is changed, and what reads it."""

    prepare: Callable[[Path], Path]
    """Writes what is needed into a folder, and returns the file to change."""
    read: Callable[[Path], None]
    """Reads the file. Raises `RefusedError`, or returns if it is harmless."""


def _show(*options: object) -> None:
    """Run a short show without a window."""
    errors = io.StringIO()
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(errors):
        code = run_show([*map(str, options), *USUAL])
    if code != 0:
        raise RefusedError(errors.getvalue())


def _bundle(folder: Path) -> Path:
    return write_bundle(folder / "model")


def _text(name: str, text: str) -> Callable[[Path], Path]:
    def prepare(folder: Path) -> Path:
        _bundle(folder)
        (folder / name).write_text(text)
        return folder / name

    return prepare


def _read_midi_map(path: Path) -> None:
    try:
        MidiMap(path, PendingControls(), FileWorker())
    except ShowError as error:
        raise RefusedError(str(error)) from error


def _checkpoint(folder: Path) -> Path:
    import torch

    from train.runtime.checkpoint import save_checkpoint

    weights = {"w": torch.arange(2000.0).reshape(40, 50), "b": torch.zeros(3)}
    save_checkpoint(folder / "c.pt", {"steps": 3, "seconds": 1.5, "ema": weights, "report": [{"label": "x"}]})
    return folder / "c.pt"


def _run_folder(name: str) -> Callable[[Path], Path]:
    def prepare(folder: Path) -> Path:
        import numpy as np

        from train.runtime.run_folder import FilmFacts, Run

        run = Run(folder / "run")
        facts = FilmFacts("Hats", "ours", "0" * 64, (8, 6), "12", 2, 5.0, "crop", 4.96, {})
        run.save_facts(facts, {"recipe": "guided"})
        run.save_tail(np.zeros((4, 6, 8, 3), np.uint8), [0])
        return run.folder / name

    return prepare


def _of_the_studio(read: Callable[[Path], object]) -> Callable[[Path], None]:
    def attempt(path: Path) -> None:
        from train.errors import TrainError

        try:
            read(path)
        except TrainError as error:
            raise RefusedError(str(error)) from error

    return attempt


def _load_checkpoint(path: Path) -> None:
    from train.runtime.checkpoint import load_checkpoint

    load_checkpoint(path)


def _load_run(path: Path) -> None:
    from train.runtime.run_folder import Run

    Run(path.parent).load_facts()
    Run(path.parent).load_tail()


SETTINGS = 'tail = 0.5\nrecord-codec = "ffv1"\nguard = false\nseed = 3\nfit = "fill"\nturn = 90\n'
PRESET = "zoom = 1.5\nglide = 2\ntemperature = 0.5\n"
MIDI_MAP = '"cc 1 7" = "temperature"\n"note 10 36" = "recall 3"\n'

KINDS: Mapping[str, Kind] = {
    "generator.onnx": Kind(
        lambda folder: _bundle(folder) / "generator.onnx", lambda path: _show("--model", path.parent)
    ),
    "seed.mkv": Kind(lambda folder: _bundle(folder) / "seed.mkv", lambda path: _show("--model", path.parent)),
    "settings": Kind(
        _text("show.toml", SETTINGS), lambda path: _show("--settings", path, "--model", path.parent / "model")
    ),
    "preset": Kind(_text("1.toml", PRESET), lambda path: _show("--preset", path, "--model", path.parent / "model")),
    "MIDI map": Kind(_text("midi.toml", MIDI_MAP), _read_midi_map),
    "checkpoint": Kind(_checkpoint, _of_the_studio(_load_checkpoint)),
    "run.json": Kind(_run_folder("run.json"), _of_the_studio(_load_run)),
    "seed.npz": Kind(_run_folder("seed.npz"), _of_the_studio(_load_run)),
}


def _outcome(kind: Kind, path: Path) -> str:
    try:
        kind.read(path)
    except RefusedError as error:
        line = str(error).removesuffix("\n")
        return "refused" if line.isprintable() and 0 < len(line) <= LONGEST_LINE else f"refused with {line!r}"
    except BaseException as error:
        return f"{type(error).__name__}: {error}"
    return "harmless"


def main(name: str, first: int, last: int, folder: Path) -> None:
    """Change a file by each seed from `first` to before `last`, read it, and print a line of JSON for each."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    kind = KINDS[name]
    path = kind.prepare(folder)
    whole = path.read_bytes()
    # What is loaded once is no part of a refusal.
    kind.read(path)
    with limited_memory():
        for seed in range(first, last):
            path.write_bytes(mutated(whole, seed))
            began = time.process_time()
            outcome = _outcome(kind, path)
            answer = {
                "seed": seed,
                "outcome": outcome,
                "seconds": time.process_time() - began,
                "mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            }
            print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4]))
