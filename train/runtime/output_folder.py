"""Output folders that are written whole or not at all, and never replace foreign files."""

from __future__ import annotations

import json
from collections.abc import Iterator, Set
from contextlib import contextmanager
from pathlib import Path

from live.paths import whole_folder
from live.reading.text import printable
from train.errors import OutputError

FIGURES = "figures.json"  # of a report; it lists the report's files
BUNDLE_FILES = frozenset(
    {
        *("generator.onnx", "generator.int8.onnx", "generator.fp16.onnx"),
        *("seed.mkv", "README.md", "contact-sheet.jpg", "SHA256SUMS"),
        "contact-sheet.png",  # of version 0.1.0
    }
)


def check_name(out: Path) -> None:
    """Check that every library can write to the folder `out`.

    Raises:
        OutputError: its name is not UTF-8.
    """
    if printable(str(out)) != str(out):
        raise OutputError(f"the name of {out} has characters that are not UTF-8; give another --out")


def check_replaceable(out: Path, kind: str, files: Set[str], *, overwrite: bool) -> None:
    """Check that the folder `out` may be written.

    Args:
        out: free, or a folder that holds nothing but `files`.
        kind: name of such a folder, for messages.
        files: names.
        overwrite: the folder may be replaced.

    Raises:
        OutputError: its name is not UTF-8, or `out` exists, and holds other files or must not be replaced.
    """
    check_name(out)
    if not out.exists():
        return
    if not out.is_dir() or {path.name for path in out.iterdir()} - files:
        raise OutputError(f"{out} is no {kind} and will not be replaced; give another --out")
    if not overwrite:
        raise OutputError(f"{out} exists already; give another --out, or --overwrite to replace it")


@contextmanager
def written_whole(out: Path, kind: str) -> Iterator[Path]:
    """Yield a new folder to write to, and let it take the place of `out` if nothing goes wrong.

    Raises:
        OutputError: it cannot be written.
    """
    try:
        with whole_folder(out) as partial:
            yield partial
    except OSError as error:
        raise OutputError(f"the {kind} cannot be written to {out}: {error}") from error


def files_of_report(out: Path) -> set[str]:
    """Return the files that a report lists; none if the folder is no report."""
    try:
        return set(json.loads((out / FIGURES).read_text(encoding="utf-8"))["files"])
    except (OSError, ValueError, KeyError, TypeError):
        return set()


def distinct_names(names: list[str]) -> list[str]:
    """Return the names, with a number behind each that was taken already."""
    found: list[str] = []
    for name in names:
        number = 2
        distinct = name
        while distinct in found:
            distinct, number = f"{name}-{number}", number + 1
        found.append(distinct)
    return found
