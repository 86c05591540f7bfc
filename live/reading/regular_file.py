"""Read regular files of bounded size. No pipe or device is opened, and no file is read that is too large."""

import errno
import os
import stat
from pathlib import Path

# A pipe that takes the file's place after the check would block the show when it is opened.
_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)


def check_regular_file(path: Path, most_bytes: int) -> None:
    """Check that there is a regular file of at most `most_bytes`.

    Raises:
        OSError: There is none. Its `strerror` says why.
    """
    try:
        _check(path.stat(), path, most_bytes)
    except ValueError as error:  # a NUL in the path
        raise OSError(errno.EINVAL, "its name is none", str(path)) from error


def read_regular_file(path: Path, most_bytes: int) -> bytes:
    """Return the content of a regular file of at most `most_bytes`.

    Raises:
        OSError: It cannot be read, is something else, or is larger. Its `strerror` says why.
    """
    check_regular_file(path, most_bytes)
    with open(os.open(path, _FLAGS), "rb") as file:
        facts = os.fstat(file.fileno())
        _check(facts, path, most_bytes)
        data = file.read(facts.st_size + 1)
    if len(data) > facts.st_size:
        raise OSError(errno.EBUSY, "it is longer than its system says, or it grows", str(path))
    return data


def _check(facts: os.stat_result, path: Path, most_bytes: int) -> None:
    if stat.S_ISDIR(facts.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if not stat.S_ISREG(facts.st_mode):
        raise OSError(errno.EINVAL, "it is a pipe or a device, not a file", str(path))
    if facts.st_size > most_bytes:
        most = f"{most_bytes // 2**20} MiB" if most_bytes >= 2**20 else f"{most_bytes // 2**10} KiB"
        raise OSError(errno.EFBIG, f"it has more than the {most} that such a file may have", str(path))
