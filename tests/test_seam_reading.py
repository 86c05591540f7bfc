"""Stage and studio read what others wrote alike: the same bounds, and the same one line about it."""

import inspect

import pytest

import live.errors
import train.errors
from live.reading import regular_file, values
from train.reading import regular_file as studio_regular_file
from train.reading import values as studio_values


def test_it_is_one_module_in_two_halves() -> None:
    assert inspect.getsource(regular_file) == inspect.getsource(studio_regular_file)
    assert inspect.getsource(values) == inspect.getsource(studio_values)
    assert inspect.getsource(live.errors.one_line) == inspect.getsource(train.errors.one_line)


@pytest.mark.parametrize("error", [live.errors.ShowError, train.errors.TrainError])
def test_an_error_is_one_short_line_whatever_it_quotes(error: type[Exception]) -> None:
    assert str(error("a\x1b[2J\nb\u2028c\u202ed")) == "a [2J b c d"
    assert str(error("Hüte · 帽子 · 👩‍🚀")) == "Hüte · 帽子 · 👩‍🚀"
    long = str(error("begin" + "x" * 10**6 + "end"))
    assert len(long) <= live.errors.LONGEST_LINE
    assert long.startswith("begin")
    assert long.endswith("end")
