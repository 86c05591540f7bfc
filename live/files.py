"""Files of the show: settings in TOML, new files, and small ones that are replaced as a whole."""

import codecs
import contextlib
import os
import tempfile
import time
import tomllib
from itertools import count
from pathlib import Path
from typing import Any

from live.errors import OutputError
from live.reading.regular_file import read_regular_file

LARGEST_TOML_BYTES = 128 * 2**10
"""A map of every control of every MIDI channel has less."""
MOST_DOTS = 100
"""In one line. The time that a key takes to be read grows with the square of its parts."""
LARGEST_TOML_INTEGER = 2**63


def read_toml(path: Path) -> dict[str, Any]:
    """Read a TOML file. Raises what `read_toml_text` and `parse_toml` do."""
    return parse_toml(read_toml_text(path))


def read_toml_text(path: Path) -> str:
    """Return the text of a TOML file.

    Raises:
        OSError: The file cannot be read, is no regular file, or is larger than `LARGEST_TOML_BYTES`.
        ValueError: It is not UTF-8.
    """
    return text_of(read_regular_file(path, LARGEST_TOML_BYTES))


def parse_toml(text: str) -> dict[str, Any]:
    """Return what a TOML text holds.

    Raises:
        ValueError: It is not TOML, is nested too deeply, or holds integers of more than 64 bits or null characters.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if any(line.count(".") > MOST_DOTS for line in text.split("\n")):
        raise ValueError(f"a line has more than {MOST_DOTS} dots")
    try:
        given = tomllib.loads(text)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    _check_values(given)
    return given


def text_of(data: bytes, errors: str = "strict") -> str:
    """Return the text of a file that a person wrote.

    Editors and shells on Windows begin a file with a byte order mark, or write it in UTF-16.

    Raises:
        ValueError: It is not UTF-8, and `errors` is "strict".
    """
    is_utf16 = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return str(data, encoding="utf-16" if is_utf16 else "utf-8-sig", errors=errors)


def _check_values(given: dict[str, Any]) -> None:
    values: list[Any] = [given]
    while values:
        value = values.pop()
        if isinstance(value, dict | list):
            values.extend(value.values() if isinstance(value, dict) else value)
        elif isinstance(value, int) and not -LARGEST_TOML_INTEGER <= value < LARGEST_TOML_INTEGER:
            raise ValueError("an integer has more than 64 bits")
        # No name of a file can have one, and not every function of the system says so.
        elif isinstance(value, str) and "\0" in value:
            raise ValueError("a text has a null character")


def claim_new_file(folder: Path, stem: str, suffix: str) -> Path:
    """Create an empty file under a new name and return its path.

    The name is `folder/stem-<date>-<time>[-n].suffix`.

    Raises:
        OutputError: The folder cannot be written to.
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


def numbered(path: Path) -> Path:
    """Return `path`, or if that exists the first of `name-2.suffix`, `name-3.suffix`, … that does not."""
    # `Path.exists` raises where a disk fails. Then `path` is returned, and to open it says why.
    if not os.path.exists(path):
        return path
    names = (path.with_stem(f"{path.stem}-{number}") for number in count(2))
    return next(name for name in names if not os.path.exists(name))


def write_atomically(path: Path, text: str) -> None:
    """Write a text file, and its folder if need be. After a failure or a kill the old file is still complete.

    Raises:
        OutputError: The file cannot be written.
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
