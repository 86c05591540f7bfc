"""Texts of others become one printable line."""

from live.errors import ShowError
from live.reading.text import LONGEST_LINE, one_line, printable


def test_a_text_becomes_one_short_line_whatever_it_holds() -> None:
    assert one_line("a\x1b[2J\nb\u2028c\u202ed") == "a [2J b c d"
    assert one_line("Hüte · 帽子 · 👩‍🚀") == "Hüte · 帽子 · 👩‍🚀"
    long = one_line("begin" + "x" * 10**6 + "end")
    assert len(long) <= LONGEST_LINE
    assert long.startswith("begin")
    assert long.endswith("end")


def test_an_error_of_the_show_is_one_line() -> None:
    assert str(ShowError("a\nb")) == "a b"


def test_only_what_is_not_utf_8_is_replaced() -> None:
    assert printable("Hüte · 帽子 🎩") == "Hüte · 帽子 🎩"
    assert printable("a\udcff.mp4") == "a?.mp4"
