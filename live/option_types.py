"""Types of options that several rooms share: conversions from the text on the command line to a value."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from cyclopts import Group, Parameter, Token

from live.errors import SettingsError
from live.reading.values import read_whole_number

SHOW_GROUP = Group("Show", sort_key=1)
"""Section of `--help` that several rooms share."""


def _whole_number(_type: object, tokens: Sequence[Token]) -> int:
    # cyclopts would accept 2.5 as 2.
    try:
        return int(tokens[0].value)
    except ValueError:
        raise ValueError(f"{tokens[0].value} is not a whole number") from None


def read_address(option: str, text: str) -> tuple[str, int]:
    """Return (host, port) of [HOST:]PORT. Without HOST it is this machine alone.

    Raises:
        SettingsError: The text is something else.
    """
    host, _, port = text.rpartition(":")
    try:
        return host or "127.0.0.1", read_whole_number(port, 1, 65535)
    except ValueError as error:
        raise SettingsError(f"{option} is {text}; give a port from 1 to 65535, or HOST:PORT") from error


def check_file_name(option: str, path: Path | None) -> None:
    """Check the name of a file that is written when it is too late to ask for another one; None is well.

    Raises:
        SettingsError: Its folder does not exist, or it is a folder, a pipe, which would block, or a device.
    """
    if path is not None and (not path.parent.is_dir() or (path.exists() and not path.is_file())):
        raise SettingsError(f"{option} {path}: give the name of a file in a folder that exists")


def _size(_type: object, tokens: Sequence[Token]) -> tuple[int, int]:
    width, by, height = tokens[0].value.partition("x")
    if not (by and width.isdecimal() and height.isdecimal()):
        raise ValueError(f"{tokens[0].value} is not a size such as 1280x720")
    return int(width), int(height)


def _name_or_switch(_type: object, tokens: Sequence[Token]) -> str | bool:
    # A settings file's true and false arrive as text.
    return {"True": True, "False": False}.get(tokens[0].value, tokens[0].value)


NameOrSwitch = Annotated[str | bool, Parameter(converter=_name_or_switch, show_default=False)]
"""Switch that may have a name behind it: False if it is not given, True without a name."""

WholeNumber = Annotated[int, Parameter(converter=_whole_number)]
"""Integer that refuses decimals."""

Size = Annotated[
    tuple[int, int],
    Parameter(
        converter=_size,
        n_tokens=1,
        negative="",
        metavar="WIDTHxHEIGHT",
        show_default=lambda size: "x".join(map(str, size)),
    ),
]
"""(width, height) in pixels, written as 1280x720."""

Flag = Annotated[bool, Parameter(negative="", show_default=False)]
"""Switch that is off unless it is given."""
