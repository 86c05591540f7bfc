"""Read numbers and JSON out of texts, within bounds: neither their size nor their depth costs time or memory."""

import json
import re
from fractions import Fraction
from typing import Any

LONGEST_NUMBER = 40
"""Characters of a number, or of a fraction of two."""
LONGEST_JSON = 2**20
"""Characters."""
_FRACTION = re.compile(r"[0-9]+(\.[0-9]+)?|[0-9]+/[0-9]+")


def read_whole_number(text: str, low: int, high: int) -> int:
    """Return a whole number, low…high, written in digits. Raises `ValueError` for anything else."""
    if len(text) > LONGEST_NUMBER or not (text.isascii() and text.isdecimal()) or not low <= int(text) <= high:
        raise ValueError("it is no whole number within its bounds")
    return int(text)


def read_fraction(text: str, low: Fraction, high: Fraction) -> Fraction:
    """Return a number, low…high, written as 12, 12.5 or 12000/1001. Raises `ValueError` for anything else."""
    _, _, divisor = text.partition("/")
    if len(text) > LONGEST_NUMBER or not _FRACTION.fullmatch(text) or set(divisor) == {"0"}:
        raise ValueError("it is no fraction")
    value = Fraction(text)
    if not low <= value <= high:
        raise ValueError("it is no fraction within its bounds")
    return value


def read_json(text: str) -> Any:
    """Return what a JSON text of at most `LONGEST_JSON` characters holds. Raises `ValueError` for anything else."""
    if len(text) > LONGEST_JSON:
        raise ValueError("it is too long")
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"it is not JSON ({error})") from error


def read_figure(value: object, low: float, high: float) -> float:
    """Return a number of JSON or TOML, low…high, as a float. Raises `ValueError` for anything else."""
    # A comparison of a whole number is exact; its conversion would fail above 1e308.
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise ValueError("it is no number within its bounds")
    return float(value)


def quoted(text: str, longest: int = 60) -> str:
    """Return a text as Python writes it, cut off if it is long: for a message about it."""
    return repr(text) if len(text) <= longest else f"{text[:longest]!r}…"
