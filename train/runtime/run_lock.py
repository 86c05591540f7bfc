"""Lock of a run folder: two trainings in one folder would tear each other's files."""

from __future__ import annotations

import errno
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from train.errors import RunError

if sys.platform == "win32":
    import msvcrt

    def _lock(file: BinaryIO) -> None:
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _lock(file: BinaryIO) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


HELD_BY_ANOTHER = {errno.EACCES, errno.EAGAIN, errno.EDEADLK, errno.EWOULDBLOCK}


@contextmanager
def only_training_in(folder: Path) -> Iterator[None]:
    """Hold a run folder, which is made if need be.

    The system ends the lock with the process, however that ends. The file itself means nothing and stays.

    Raises:
        RunError: another training holds it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("ab") as file:
        try:
            _lock(file)
        except OSError as error:
            # Some network file systems have no locks: there, a training goes on without one.
            if error.errno in HELD_BY_ANOTHER:
                raise RunError(
                    f"another training writes to {folder}; wait for its end, or give another --out"
                ) from error
        yield
