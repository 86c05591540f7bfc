"""Checkpoints are written whole or not at all, and cannot run code."""

import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import pytest
import torch

from train.errors import RunError
from train.runtime.checkpoint import load_checkpoint, save_checkpoint


def test_a_checkpoint_is_read_as_it_was_written(tmp_path: Path) -> None:
    save_checkpoint(tmp_path / "c.pt", {"w": torch.arange(4), "steps": 7})
    state = load_checkpoint(tmp_path / "c.pt")
    assert state["w"].tolist() == [0, 1, 2, 3]
    assert state["steps"] == 7


def test_an_interrupted_save_leaves_the_old_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "c.pt"
    save_checkpoint(path, {"steps": 1})

    def cut_off(state: object, file: BinaryIO) -> None:
        file.write(b"half a check")
        raise KeyboardInterrupt

    monkeypatch.setattr(torch, "save", cut_off)
    with pytest.raises(KeyboardInterrupt):
        save_checkpoint(path, {"steps": 2})
    assert load_checkpoint(path)["steps"] == 1


class Evil:
    def __reduce__(self) -> tuple[Callable[[str], None], tuple[str]]:
        return os.mkdir, ("pwned",)


@pytest.mark.parametrize("kind", ["truncated", "text", "pickle", "code"])
def test_a_file_that_is_no_checkpoint_is_refused(tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "c.pt"
    if kind == "truncated":
        save_checkpoint(path, {"w": torch.zeros(10_000)})
        path.write_bytes(path.read_bytes()[:9000])
    elif kind == "text":
        path.write_text("hello")
    elif kind == "pickle":
        path.write_bytes(pickle.dumps(Evil()))
    else:
        torch.save({"steps": Evil()}, path)
    with pytest.raises(RunError, match="delete it and train again"):
        load_checkpoint(path)
    assert not Path("pwned").exists()


def test_no_checkpoint_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="train first"):
        load_checkpoint(tmp_path / "none.pt")
