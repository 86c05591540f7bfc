"""The display of the operator window."""

import pytest

from live.display.operator.process import choose_display
from live.display.screens.displays import Display
from live.errors import DisplayError

LAPTOP = Display(0, "eDP-1", (1920, 1080), 60)
BEAMER = Display(1, "HDMI-1", (1280, 720), 60)


@pytest.mark.parametrize(
    ("wanted", "audience", "displays", "chosen"),
    [
        (None, "0", [LAPTOP, BEAMER], (1, False)),
        (None, "HDMI-1", [LAPTOP, BEAMER], (0, False)),
        (None, "0", [LAPTOP], (0, True)),
        ("1", "0", [LAPTOP, BEAMER], (1, False)),
        ("eDP-1", "0", [LAPTOP, BEAMER], (0, True)),
        (None, None, [LAPTOP, BEAMER], (0, False)),
        ("1", None, [LAPTOP, BEAMER], (1, False)),
        (None, "DP-7", [LAPTOP, BEAMER], (1, False)),
    ],
)
def test_the_display_is_another_one_than_the_audiences_if_there_is_one(
    wanted: str | None, audience: str | None, displays: list[Display], chosen: tuple[int, bool]
) -> None:
    assert choose_display(wanted, audience, displays) == chosen


def test_a_display_that_is_missing_is_said() -> None:
    with pytest.raises(DisplayError, match="there is no display 3"):
        choose_display("3", "0", [LAPTOP])
