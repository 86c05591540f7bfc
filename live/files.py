"""Names for files that are made during the show and replace nothing."""

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
