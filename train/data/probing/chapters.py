"""Recordings that a disc or a camera divides into several files: their order, and where one goes on in the next."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise, permutations
from pathlib import Path

# What comes before the number of a chapter, the number, and what comes after it.
CHAPTERS = (
    re.compile(r"(VTS_\d\d_)([1-9])(\.VOB)", re.IGNORECASE),  # DVD-Video
    re.compile(r"(G[HSX])(\d\d)(\d{4}\.\w+)", re.IGNORECASE),  # GoPro: GH010001, GH020001
    re.compile(r"(G)(OPR|P\d\d)(\d{4}\.\w+)", re.IGNORECASE),  # GoPro up to HERO5: GOPR0001, GP010001
)
MENU = re.compile(r"(VIDEO_TS|VTS_\d\d_0)\.VOB", re.IGNORECASE)

NameKey = tuple[list[str | int], int, str]


def is_menu(path: Path) -> bool:
    """Return True for a menu of a DVD, a file beside its films."""
    return MENU.fullmatch(path.name) is not None


def in_order(path: Path) -> NameKey:
    """Return a key that sorts files as a person does: 2 before 10, without regard to case, chapters by recording."""
    recording, chapter = _chapter(path) or (path.name.casefold(), 0)
    parts = re.split(r"(\d+)", recording)
    return [int(part) if number % 2 else part for number, part in enumerate(parts)], chapter, path.name


def goes_on(files: Sequence[Path]) -> list[bool]:
    """Return for each file True if the recording in it goes on in the file after it."""
    return [*(_is_next(first, second) for first, second in pairwise(files)), False]


def torn(files: Sequence[Path]) -> list[tuple[Path, Path]]:
    """Return pairs of files, of which the second goes on with the recording of the first, but does not follow it."""
    following = set(pairwise(files))
    chapters = [file for file in files if _chapter(file)]  # of a folder of a thousand films, mostly none
    return [pair for pair in permutations(chapters, 2) if _is_next(*pair) and pair not in following]


def _chapter(path: Path) -> tuple[str, int] | None:
    """Return the name that all files of a recording share, and the number of this one; None for any other file."""
    for pattern in CHAPTERS:
        if match := pattern.fullmatch(path.name):
            before, number, after = match.groups()
            digits = re.sub(r"\D", "", number)
            return (before + after).casefold(), int(digits or 0)
    return None


def _is_next(first: Path, second: Path) -> bool:
    one, other = _chapter(first), _chapter(second)
    return one is not None and first.parent == second.parent and other == (one[0], one[1] + 1)
