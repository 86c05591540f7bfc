"""Checkpoints that an interruption cannot damage."""

from __future__ import annotations

import os
import pickle
import zipfile
from pathlib import Path
from typing import Any

import torch

from train.errors import RunError


def save_checkpoint(path: Path, state: dict[str, Any]) -> None:
    """Write a checkpoint to a file beside `path`, flush it to the disk, then replace the old one in one move."""
    partial = path.with_suffix(".partial")
    with partial.open("wb") as file:
        torch.save(state, file)
        file.flush()
        os.fsync(file.fileno())
    os.replace(partial, path)


def load_checkpoint(path: Path) -> dict[str, Any]:
    """Read tensors, on the CPU, and plain values; a checkpoint cannot run code (`weights_only`).

    Raises:
        RunError: there is no checkpoint, or the file is not one of ours.
    """
    if not path.is_file():
        raise RunError(f"there is no checkpoint at {path}; train first: python -m train fit FILM --out {path.parent}")
    broken = f"{path} is damaged or no checkpoint of this program; delete it and train again"
    if not zipfile.is_zipfile(path):  # torch writes a ZIP archive; a truncated one is none
        raise RunError(broken)
    try:
        state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    except (RuntimeError, pickle.UnpicklingError) as error:
        raise RunError(broken) from error
    return state
