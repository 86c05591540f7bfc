"""Checkpoints that an interruption at any moment cannot damage."""

from __future__ import annotations

import os
import pickle
import zipfile
from pathlib import Path
from typing import Any

import torch

from train.errors import RunError


def save_checkpoint(path: Path, state: dict[str, Any]) -> None:
    """Write beside the old checkpoint, make sure it is on the disk, then take its place in one move."""
    partial = path.with_suffix(".partial")
    with partial.open("wb") as file:
        torch.save(state, file)
        file.flush()
        os.fsync(file.fileno())
    os.replace(partial, path)


def load_checkpoint(path: Path) -> dict[str, Any]:
    """Tensors (on the CPU) and plain values only: a checkpoint can hold no code (`weights_only`).

    Raises:
        RunError: there is none, or it is no checkpoint of ours.
    """
    if not path.is_file():
        raise RunError(f"there is no checkpoint at {path}; train first: python -m train fit FILM --out {path.parent}")
    broken = f"{path} is no checkpoint that can be trusted or read; delete it and train again"
    if not zipfile.is_zipfile(path):  # what torch writes is a ZIP archive; a truncated one is none
        raise RunError(broken)
    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except (RuntimeError, pickle.UnpicklingError) as error:
        raise RunError(broken) from error
