"""Checkpoints that an interruption cannot damage."""

from __future__ import annotations

import os
import pickletools
import re
import warnings
import zipfile
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from live.reading.regular_file import check_regular_file
from live.reading.values import read_figure
from train.console import command_names
from train.errors import OutputError, RunError
from train.runtime.archive import check_stored

LARGEST_BYTES = 8 * 2**30
COUNTS = frozenset({"steps", "seconds"})  # of a state, where it has them
LARGEST_COUNT = 1e12
# What the pickle of a checkpoint may call, as module and name; and opcodes that call by other means.
CALLS = re.compile(r"collections OrderedDict|torch\._utils _rebuild_tensor_v2|torch [A-Z][A-Za-z0-9]*Storage")
OTHER_CALLS = frozenset({"STACK_GLOBAL", "INST", "OBJ", "EXT1", "EXT2", "EXT4", "NEWOBJ", "NEWOBJ_EX"})


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
    """Read tensors, on the CPU, and plain values.

    A checkpoint cannot run code (`weights_only`), and takes no more memory than it has bytes.

    Raises:
        RunError: there is no checkpoint, or the file is not one of ours.
    """
    try:
        check_regular_file(path, LARGEST_BYTES)
    except FileNotFoundError as error:
        raise RunError(
            f"there is no checkpoint at {path}; train first: {command_names()[0]} fit FILM --out {path.parent}"
        ) from error
    except OSError as error:
        raise RunError(f"{path} cannot be read ({error.strerror}); delete it and train again") from error
    try:
        _check_archive(path)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about what a damaged file says of itself
            state = torch.load(path, map_location="cpu", weights_only=True)
        return _checked(state)
    except Exception as error:  # what a damaged file lets the readers raise has no common parent
        raise RunError(f"{path} is damaged or no checkpoint of this program; delete it and train again") from error


def _check_archive(path: Path) -> None:
    """Check that the file is an archive as torch writes it. Raises an exception of any kind if it is not.

    torch itself reads compressed archives, which may hold a thousand times their size, and ignores check sums.
    """
    with zipfile.ZipFile(path) as archive:
        check_stored(archive, path)
        if broken := archive.testzip():
            raise ValueError(f"{broken} has another check sum")
        for record in archive.infolist():
            if record.filename.endswith("/data.pkl"):
                _check_pickle(archive.read(record))


def _check_pickle(data: bytes) -> None:
    """Check that a pickle calls nothing but what builds tensors and dictionaries of bytes that the file has."""
    for opcode, argument, _ in pickletools.genops(data):
        if opcode.name in OTHER_CALLS or (opcode.name == "GLOBAL" and not CALLS.fullmatch(str(argument))):
            raise ValueError(f"it calls {argument}")


def _checked(state: Any) -> dict[str, Any]:
    """Return a state whose tensors are plain, and whose counts are numbers. Raises `ValueError` for others."""
    if not isinstance(state, dict):
        raise ValueError("it is no dictionary")
    for name in COUNTS & state.keys():
        read_figure(state[name], 0, LARGEST_COUNT)
    values: list[Any] = [state]
    while values:
        value = values.pop()
        if isinstance(value, dict):
            values.extend(value.values())
        elif isinstance(value, list | tuple):
            values.extend(value)
        elif isinstance(value, Tensor) and value.numel() * value.element_size() > value.untyped_storage().nbytes():
            raise ValueError("a tensor repeats its values")  # and would take more memory once it is copied
    return state
