"""Options for reading a film."""

import pytest

from train.data.options import parse_size
from train.errors import SizeError


def test_a_size_is_width_and_height() -> None:
    assert parse_size("256x144") == (256, 144)


@pytest.mark.parametrize("text", ["", "256", "x144", "256x", "0x144", "-2x4", "256×144", "1e2x4", "256x144x3"])
def test_text_that_is_no_size_is_refused(text: str) -> None:
    with pytest.raises(SizeError, match="write it as WIDTHxHEIGHT"):
        parse_size(text)
