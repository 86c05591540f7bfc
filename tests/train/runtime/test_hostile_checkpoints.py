"""Checkpoints and run folders that somebody made to break the studio: refused in one line, in little memory."""

import io
import os
import zipfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.hostile import at_once_and_in_little_memory, mutated
from train.errors import RunError
from train.runtime.checkpoint import load_checkpoint, save_checkpoint
from train.runtime.run_folder import FilmFacts, Run

__all__ = ["at_once_and_in_little_memory"]  # a fixture

ZEROS = 1_500_000_000


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A checkpoint."""
    weights = {"w": torch.arange(2000.0).reshape(40, 50), "b": torch.zeros(3)}
    save_checkpoint(tmp_path / "c.pt", {"steps": 3, "seconds": 1.5, "ema": weights, "report": [{"label": "x"}]})
    return tmp_path / "c.pt"


def refused(path: Path) -> None:
    with pytest.raises(RunError) as caught:
        load_checkpoint(path)
    assert str(caught.value).isprintable()


def rewrite(path: Path, change: Callable[[str, bytes], bytes], compression: int = zipfile.ZIP_STORED) -> None:
    """Write the records of a checkpoint anew, each as `change` returns it."""
    with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as old, zipfile.ZipFile(path, "w", compression) as new:
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))


def test_written_anew_it_is_a_checkpoint(path: Path) -> None:
    rewrite(path, lambda name, data: data)
    assert load_checkpoint(path)["steps"] == 3


@pytest.mark.parametrize("stretched", ["/data/0", "/data.pkl"])
def test_a_compressed_record_is_not_inflated(path: Path, stretched: str) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as new:
        for name in old.namelist():
            if name.endswith(stretched):
                new.writestr(name, old.read(name) + bytes(100_000_000))
            else:
                new.writestr(name, old.read(name))
    path.write_bytes(packed.getvalue())
    assert path.stat().st_size < 2**20
    refused(path)


def test_a_tensor_that_repeats_its_values(path: Path) -> None:
    save_checkpoint(path, {"steps": 3, "ema": {"w": torch.zeros(1).expand(ZEROS)}})
    refused(path)


@pytest.mark.parametrize("state", [7, [1], None, {"steps": "many"}, {"steps": 10**400}, {"seconds": float("nan")}])
def test_a_state_that_is_none(path: Path, state: object) -> None:
    torch.save(state, path)
    refused(path)


def test_a_pickle_that_makes_bytes(path: Path) -> None:
    bomb = b"\x80\x02}X\x01\x00\x00\x00xcbuiltins\nbytearray\nK\x05\x85Rs."  # {"x": bytearray(5)}
    rewrite(path, lambda name, data: bomb if name.endswith("data.pkl") else data)
    refused(path)


def test_no_regular_file(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)
    refused(path)
    path.unlink()
    path.symlink_to("/dev/zero")
    refused(path)
    refused(path.with_name("x" * 5000))


def test_a_weight_that_is_changed_is_noticed(path: Path) -> None:
    data = bytearray(path.read_bytes())
    weights = torch.arange(2000.0).numpy().tobytes()
    data[data.index(weights) + 4000] ^= 1
    path.write_bytes(data)
    refused(path)


def count_refusals(path: Path, contents: Iterator[bytes]) -> int:
    refusals = 0
    for data in contents:
        path.write_bytes(data)
        try:
            load_checkpoint(path)
        except RunError:
            refusals += 1
    return refusals


def test_a_checkpoint_that_is_changed_anywhere_is_refused(path: Path) -> None:
    whole = path.read_bytes()
    assert count_refusals(path, (mutated(whole, seed) for seed in range(60))) >= 58, "filling bytes may change"


def test_a_pickle_that_is_changed_anywhere_is_refused(path: Path) -> None:
    whole = path.read_bytes()

    def contents() -> Iterator[bytes]:
        for seed in range(60):
            path.write_bytes(whole)
            rewrite(path, partial(mutated_pickle, seed=seed))
            yield path.read_bytes()

    assert count_refusals(path, contents()) >= 55


def mutated_pickle(name: str, data: bytes, *, seed: int) -> bytes:
    return mutated(data, seed) if name.endswith("data.pkl") else data


# ----------------------------------------------------------------------------
# The rest of a run folder.


@pytest.fixture
def run(tmp_path: Path) -> Run:
    run = Run(tmp_path / "run")
    facts = FilmFacts("Hats\x1b[2J\nand more", "ours", "0" * 64, (8, 6), "12", 2, 5.0, "crop", 4.96, {})
    run.save_facts(facts, {"recipe": "guided"})
    run.save_tail(np.zeros((4, 6, 8, 3), np.uint8), [0])
    return run


def test_a_title_has_no_escape_sequences(run: Run) -> None:
    facts, _ = run.load_facts()
    assert facts.title == "Hats [2J and more"


@pytest.mark.parametrize("text", ["[" * 5000 + "]" * 5000, '{"a":' * 5000, "{" + " " * 60_000_000 + "}"])
def test_json_without_bounds(run: Run, text: str) -> None:
    (run.folder / "run.json").write_text(text)
    with pytest.raises(RunError, match=r"no readable run\.json"):
        run.load_facts()


def test_a_compressed_tail_is_not_inflated(run: Run) -> None:
    np.savez_compressed(run.folder / "seed.npz", frames=np.zeros(100_000_000, np.uint8), shot_starts=np.zeros(1))
    with pytest.raises(RunError, match=r"no readable seed\.npz"):
        run.load_tail()


def test_files_that_are_none(run: Run) -> None:
    for name, read in (("run.json", run.load_facts), ("seed.npz", run.load_tail)):
        (run.folder / name).unlink()
        os.mkfifo(run.folder / name)
        with pytest.raises(RunError, match="no readable"):
            read()
