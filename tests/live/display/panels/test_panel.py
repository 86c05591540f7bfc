import pytest

from live.display.panels.panel import wrapped


@pytest.mark.parametrize(
    ("width", "lines"),
    [
        (18, ["one two abcdefghij"]),
        (12, ["one two", "abcdefghij"]),
        (5, ["one", "two", "abcde", "fghij"]),
        (0, list("onetwoabcdefghij")),
    ],
)
def test_lines_break_between_words_and_only_long_words_are_divided(width: int, lines: list[str]) -> None:
    assert wrapped("one two abcdefghij", len, width) == lines


def test_a_value_without_text_is_one_line() -> None:
    assert wrapped("", len, 5) == [""]
