"""Errors of the studio."""

from train.errors import FilmError


def test_an_error_is_one_line_whatever_it_quotes() -> None:
    assert str(FilmError("a\x1b[2J\nb is no film; give another")) == "a [2J b is no film; give another"
