"""Folders that a command writes: whole or not at all, and never over what is somebody else's."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Set
from contextlib import contextmanager
from pathlib import Path

from train.errors import OutputError

FIGURES = "figures.json"  # of a report: it names the report's files


def check_replaceable(out: Path, kind: str, files: Set[str], *, overwrite: bool) -> None:
    """Raise OutputError unless `out` is free, or a `kind`, of these files and nothing else, that may be replaced."""
    if not out.exists():
        return
    if not out.is_dir() or {path.name for path in out.iterdir()} - files:
        raise OutputError(f"{out} is no {kind} and will not be replaced; give another --out")
    if not overwrite:
        raise OutputError(f"{out} exists already; give another --out, or --overwrite to replace it")


@contextmanager
def written_whole(out: Path, kind: str) -> Iterator[Path]:
    """Yields a new folder to write to, which takes the place of `out` if nothing goes wrong.

    Raises:
        OutputError: it cannot be written.
    """
    partial, replaced = out.with_name(out.name + ".partial"), out.with_name(out.name + ".replaced")
    shutil.rmtree(partial, ignore_errors=True)
    try:
        partial.mkdir(parents=True)
        yield partial
        shutil.rmtree(replaced, ignore_errors=True)
        if out.exists():
            out.rename(replaced)
        partial.rename(out)
    except OSError as error:
        raise OutputError(f"the {kind} cannot be written to {out}: {error}") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
        shutil.rmtree(replaced, ignore_errors=True)


def files_of_report(out: Path) -> set[str]:
    """What a report that is there says it consists of; nothing, if it is no report."""
    try:
        return set(json.loads((out / FIGURES).read_text(encoding="utf-8"))["files"])
    except (OSError, ValueError, KeyError, TypeError):
        return set()


def distinct_names(names: list[str]) -> list[str]:
    """Names with a number behind those that were taken already."""
    found: list[str] = []
    for name in names:
        number = 2
        wanted = name
        while wanted in found:
            wanted, number = f"{name}-{number}", number + 1
        found.append(wanted)
    return found
