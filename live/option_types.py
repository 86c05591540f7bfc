"""Types that the options of several rooms share: how text on the command line becomes a value."""

from collections.abc import Sequence
from typing import Annotated, Any

from cyclopts import Parameter, Token


def _whole_number(_type: Any, tokens: Sequence[Token]) -> int:
    # cyclopts would take 2.5 for 2.
    try:
        return int(tokens[0].value)
    except ValueError:
        raise ValueError(f"{tokens[0].value} is not a whole number") from None


def _size(_type: Any, tokens: Sequence[Token]) -> tuple[int, int]:
    width, by, height = tokens[0].value.partition("x")
    if not (by and width.isdecimal() and height.isdecimal()):
        raise ValueError(f"{tokens[0].value} is not a size such as 1280x720")
    return int(width), int(height)


WholeNumber = Annotated[int, Parameter(converter=_whole_number)]


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


Flag = Annotated[bool, Parameter(negative="", show_default=False)]
