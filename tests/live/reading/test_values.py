"""Numbers and JSON are read within bounds, in no time."""

import json
from fractions import Fraction

import pytest

from live.reading.values import LONGEST_JSON, quoted, read_figure, read_fraction, read_json, read_whole_number

LOW, HIGH = Fraction(1, 60), Fraction(240)


@pytest.mark.parametrize(
    ("text", "value"),
    [("12", Fraction(12)), ("12000/1001", Fraction(12000, 1001)), ("12.5", Fraction(25, 2)), ("1/60", LOW)],
)
def test_fractions(text: str, value: Fraction) -> None:
    assert read_fraction(text, LOW, HIGH) == value


@pytest.mark.parametrize(
    "text",
    ["", "1e999999999", "1e-99999999", "1" + "0" * 5000, "1/0", "-1", "+1", " 1", "nan", "241", "1/61", "١", "1/2/3"],
)
def test_no_fractions_within_the_bounds(text: str) -> None:
    with pytest.raises(ValueError, match="it is"):
        read_fraction(text, LOW, HIGH)


def test_whole_numbers() -> None:
    assert read_whole_number("1000", 1, 1000) == 1000
    for text in ("", "0", "1001", "9" * 5000, "²", "1.0", "-1", "1e2"):
        with pytest.raises(ValueError, match="it is"):
            read_whole_number(text, 1, 1000)


def test_figures() -> None:
    assert read_figure(3, 0, 5) == 3.0
    for value in (10**400, -1, float("nan"), float("inf"), True, "3", None, [3]):
        with pytest.raises(ValueError, match="it is"):
            read_figure(value, 0, 5)


def test_json() -> None:
    assert read_json('{"a": [1, 2.5]}') == {"a": [1, 2.5]}
    for text in ("[" * 5000 + "]" * 5000, '{"a":' * 5000, "[" + "9" * 5000 + "]", "{", " " * (LONGEST_JSON + 1)):
        with pytest.raises(ValueError, match="it is"):
            read_json(text)
    assert len(read_json(json.dumps([0] * 100_000))) == 100_000


def test_a_quoted_text_is_short() -> None:
    assert quoted("fast") == "'fast'"
    assert quoted("\x1b\n") == r"'\x1b\n'"
    assert len(quoted("x" * 10**6)) < 70
