"""Room on the disk for decoded films, which is looked for before they are decoded."""

from __future__ import annotations

import shutil
from pathlib import Path

from train.errors import FilmError


def check_room(cache: Path, needed: int) -> int:
    """Return the free bytes on the disk of a cache, which need not exist yet.

    Args:
        cache: folder of decoded films.
        needed: bytes that are about to be written there.

    Raises:
        FilmError: they do not fit.
    """
    place = cache.absolute()
    free = shutil.disk_usage(next(folder for folder in (place, *place.parents) if folder.is_dir())).free
    if needed > free:
        raise FilmError(
            f"decoding takes about {gigabytes(needed)} in {cache}, and {gigabytes(free)} are free there; "
            "make room, give --cache DIR on another disk, or a smaller --size or --preset"
        )
    return free


def gigabytes(count: int) -> str:
    """Return bytes for a person, such as "8.2 GB"."""
    return f"{count / 1e9:.1f} GB"
