"""Paths, in both halves: as FFmpeg must get them, and folders that are written whole or not at all."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def ffmpeg_path(path: Path) -> str:
    """Return the path of a file as FFmpeg must get it: absolute.

    FFmpeg takes the part of a relative path before a colon for a protocol, as in `take: one.mkv`.
    """
    return str(path.absolute())


@contextmanager
def whole_folder(folder: Path) -> Iterator[Path]:
    """Yield a new folder to write to, and let it take the place of `folder` if nothing goes wrong.

    Raises:
        OSError: It cannot be written. What was there before is still there.
    """
    folder = folder.absolute()
    partial, replaced = folder.with_name(folder.name + ".partial"), folder.with_name(folder.name + ".replaced")
    shutil.rmtree(partial, ignore_errors=True)
    try:
        partial.mkdir(parents=True)
        yield partial
        shutil.rmtree(replaced, ignore_errors=True)
        if folder.exists():
            folder.rename(replaced)
        partial.rename(folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
        shutil.rmtree(replaced, ignore_errors=True)


def home_folder() -> Path:
    """Return the user's home; the root of the file system for a user who has none."""
    try:
        return Path.home()
    # The account has no entry, and HOME is not set.
    except RuntimeError:
        return Path("/")
