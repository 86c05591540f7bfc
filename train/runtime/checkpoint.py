"""Checkpoints that an interruption cannot damage."""

from __future__ import annotations

import os
import pickle
import zipfile
from pathlib import Path
from typing import Any

import torch

from train.errors import OutputError, RunError


def save_checkpoint(path: Path, state: dict[str, Any]) -> None:
    """Write a checkpoint to a file beside `path`, flush it to the disk, then replace the old one in one move.

    Raises:
        OutputError: it cannot be written. The old one is whole, and what was written is removed.
    """
    partial = path.with_suffix(".partial")
    try:
        with partial.open("wb") as file:
            torch.save(state, file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(partial, path)
    except (OSError, RuntimeError) as error:
        # torch hides the reason behind an error of its own.
        cause = error.__context__ if isinstance(error.__context__, OSError) else error
        reason = cause.strerror if isinstance(cause, OSError) else str(cause).partition("\n")[0]
        raise OutputError(f"{path} cannot be written ({reason}); make room on the disk") from error
    finally:
        partial.unlink(missing_ok=True)


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
