"""Files that are made during the show: new ones that replace nothing, and small ones that are written whole."""

import contextlib
import os
import tempfile
import time
from itertools import count
from pathlib import Path

from live.errors import OutputError


def claim_new_file(folder: Path, stem: str, suffix: str) -> Path:
    """Create an empty file `folder/stem-<date>-<time>[-n].suffix` that was not there before, and return its path.

    Raises `OutputError` if the folder cannot be written to.
    """
    name = f"{stem}-{time.strftime('%Y%m%d-%H%M%S')}"
    for number in count(1):
        path = folder / (f"{name}{suffix}" if number == 1 else f"{name}-{number}{suffix}")
        try:
            path.open("xb").close()
            return path
        except FileExistsError:
            continue
        except OSError as error:
            raise OutputError(f"cannot write to {path} ({error.strerror}); choose another folder") from error
    raise AssertionError("count() does not end")


def write_whole(path: Path, text: str) -> None:
    """Write a text file, and its folder if need be: after a failure or a kill the old one is still there, whole.

    Raises `OutputError` if that is impossible.
    """
    temporary = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", dir=path.parent, prefix=path.name, suffix=".tmp", delete=False
        ) as file:
            temporary = Path(file.name)
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        if temporary:
            with contextlib.suppress(OSError):
                temporary.unlink()
        raise OutputError(f"cannot write {path} ({error.strerror}); choose another folder") from error
