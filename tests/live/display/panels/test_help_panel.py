"""The help: its columns, and letters that can be read."""

import numpy as np
import pygame
import pytest

from live.controls.table import HELP
from live.display.panels.help_panel import Sections, draw_help
from live.display.panels.lettering import Lettering
from live.frame import Pixels

SHORT: Sections = [("first", (("A", "one"), ("B", "two"))), ("second", (("C", "three"),))]


def drawn(sections: Sections, size: tuple[int, int]) -> Pixels:
    """Return the help in a window of (width, height), uint8 [h, w, 3]."""
    margin = size[1] // 36
    room = (size[0] - 2 * margin, size[1] - 2 * margin)
    surface = draw_help(sections, Lettering(), round(size[1] / 28), room)
    assert surface.get_width() <= room[0]
    assert surface.get_height() <= room[1]
    pixels: Pixels = pygame.surfarray.array3d(surface).transpose(1, 0, 2)
    return pixels


def title_columns(picture: Pixels) -> int:
    """Return the number of columns in which titles stand. Only they are orange."""
    lit = np.flatnonzero((picture[..., 0].astype(int) - picture[..., 2] > 60).any(axis=0))
    return 1 + int((np.diff(lit) > 40).sum())


@pytest.mark.parametrize(("size", "letters"), [((1280, 720), 17), ((1920, 1080), 26)])
def test_the_help_of_the_show_has_two_columns_of_large_letters(size: tuple[int, int], letters: int) -> None:
    lines = max(sum(len(rows) + 2 for _, rows in column) - 1 for column in (HELP[:2], HELP[2:]))
    picture = drawn(HELP, size)
    assert title_columns(picture) == 2
    assert picture.shape[0] >= lines * letters * 1.3


def test_a_narrow_window_has_one_column() -> None:
    assert title_columns(drawn(SHORT, (1600, 900))) == 2
    assert title_columns(drawn(SHORT, (140, 900))) == 1


def test_the_distances_of_letters_are_in_proportion_to_their_size() -> None:
    """pygame's own small letters stand on whole pixels: this text is 4 % wider at 14 pixels than it should be."""
    lettering, text = Lettering(), "follow the camera less, until lilting titles fill"
    widths = [lettering.width(text, letters) / letters for letters in (14, 17, 20, 40)]
    assert max(widths) / min(widths) < 1.015
