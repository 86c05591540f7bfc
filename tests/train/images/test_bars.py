"""Black bars in pictures: found where they are, and nowhere else."""

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from train.images.bars import SAMPLES, Bars, find_bars, without_bars

WIDTH, HEIGHT = 160, 120


def scene(number: int, width: int, height: int) -> np.ndarray:
    """Draw a noisy picture that is light up to its edges, with a disc that moves: uint8 RGB."""
    picture = np.random.default_rng(number).integers(70, 110, (height, width, 3), np.uint8)
    cv2.circle(picture, ((7 * number) % width, height // 2), 15, (240, 200, 60), -1)
    return picture


def boxed(number: int, bars: Bars, level: int = 0) -> np.ndarray:
    """Draw a scene between bars of a grey level."""
    picture = np.full((bars.height, bars.width, 3), level, np.uint8)
    without_bars(picture, [bars])[:] = scene(number, *bars.inner_size)
    return picture


LETTERBOX = Bars(WIDTH, HEIGHT, top=14, bottom=16)


@pytest.mark.parametrize("level", [0, 16, 22, 30, 44, 60])
@pytest.mark.parametrize(
    "bars", [LETTERBOX, Bars(WIDTH, HEIGHT, left=31, right=30), Bars(WIDTH, HEIGHT, 20, 13, 21, 12)]
)
def test_letterbox_pillarbox_and_both_are_found_to_the_line(bars: Bars, level: int) -> None:
    pictures = [boxed(number, bars, level) for number in range(40)]
    assert find_bars(pictures) == (bars,)
    assert without_bars(pictures[0], [bars]).shape == (*bars.inner_size[::-1], 3)


def test_a_noisy_bar_is_found(fade: Callable[[int], float]) -> None:
    pictures = []
    for number in range(40):
        noise = np.random.default_rng(number).normal(14, 2, (HEIGHT, WIDTH, 1)).clip(0, 255)
        picture = np.repeat(noise, 3, 2).astype(np.uint8)
        without_bars(picture, [LETTERBOX])[:] = scene(number, *LETTERBOX.inner_size) * fade(number)
        pictures.append(picture)
    assert find_bars(pictures) == (LETTERBOX,)


@pytest.fixture
def fade() -> Callable[[int], float]:
    """Return a function that gives the light of a picture: a fade to black and back in the middle of forty."""
    return lambda number: min(1.0, abs(number - 20) / 5)


@pytest.mark.parametrize("lines", [1, 2])
@pytest.mark.parametrize("mixed", ["light", "colour"])
def test_a_soft_edge_is_cropped_too(lines: int, mixed: str) -> None:
    pictures = []
    for number in range(40):
        picture = boxed(number, LETTERBOX)
        picture[14:-16, :, 2] //= 4  # yellow
        for line in range(lines):
            edge = picture[14 + line]
            share = (line + 1) / (lines + 1)
            grey = 0 if mixed == "light" else cv2.cvtColor(edge[None], cv2.COLOR_RGB2GRAY)[0, :, None]
            edge[:] = edge * share + grey * (1 - share)
        pictures.append(picture)
    assert find_bars(pictures) == (LETTERBOX._replace(top=14 + lines),)


def test_dark_scenes_and_fades_are_no_bars(fade: Callable[[int], float]) -> None:
    light = Bars(WIDTH, HEIGHT)
    assert find_bars([(boxed(number, light) * fade(number)).astype(np.uint8) for number in range(40)]) == ()
    # Most scenes are dark above and below, but one is not.
    found = find_bars([boxed(number, light if number == 33 else LETTERBOX) for number in range(40)])
    assert not any(bars.everywhere for bars in found)
    assert find_bars([np.zeros((HEIGHT, WIDTH, 3), np.uint8)] * 40) == ()


def test_a_dark_place_whose_light_changes_is_no_bar() -> None:
    assert find_bars([boxed(number, LETTERBOX, level=number * 24 // 40) for number in range(40)]) == ()


def test_things_on_black_have_no_bars() -> None:
    pictures = []
    for number in range(40):
        picture = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
        cv2.circle(picture, (80, 60), 30 + number % 3, (240, 200, 60), -1)
        cv2.putText(picture, "a film", (40, 100), cv2.FONT_HERSHEY_SIMPLEX, 0.7, (255, 255, 255), 1)
        pictures.append(picture)
    assert find_bars(pictures) == ()


def letters(picture: np.ndarray, text: str, place: tuple[int, int], size: float = 0.35) -> None:
    cv2.putText(picture, text, place, cv2.FONT_HERSHEY_SIMPLEX, size, (230, 230, 230), 1)


@pytest.mark.parametrize("level", [0, 30])
def test_what_stands_in_a_bar_does_not_keep_it(level: int) -> None:
    subtitles, logo, signals, both = ([boxed(number, LETTERBOX, level) for number in range(40)] for _ in range(4))
    for number in range(40):
        if number % 4:  # most of the time
            letters(subtitles[number], "and so it goes on", (20, HEIGHT - 4))
            letters(both[number], "and so it goes on", (20, HEIGHT - 4))
        logo[number][3:11, 140:155] = both[number][3:11, 140:155] = (230, 200, 40)
        signals[number][0, (np.arange(WIDTH) // 5 + number) % 2 > 0] = 200  # a broadcast's lines beside the picture
    for pictures in (subtitles, logo, signals, both):
        assert find_bars(pictures) == (LETTERBOX,)


def test_credits_over_the_whole_picture_do_not_keep_its_bars() -> None:
    pictures = [boxed(number, LETTERBOX) for number in range(40)]
    for number in range(20):
        card = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
        for line in range(4):
            letters(card, "directed by", (40, 140 + 30 * line - 12 * number))
        pictures.append(card)
    assert find_bars(pictures) == (LETTERBOX,)


def test_things_in_the_dark_keep_unequal_dark_sides() -> None:
    """A stage seen through a door: above it is a lamp, below it there are feet."""
    pictures = [boxed(number, Bars(WIDTH, HEIGHT, top=14, bottom=40)) for number in range(40)]
    for number, picture in enumerate(pictures):
        picture[3:6, 60:66] = 230
        picture[HEIGHT - 20 : HEIGHT - 2, (3 * number) % 100 : (3 * number) % 100 + 40] = 120
    assert find_bars(pictures) == ()


def test_of_bars_that_change_those_common_to_all_are_cropped() -> None:
    other = Bars(WIDTH, HEIGHT, top=6, bottom=4)
    pictures = [boxed(number, other if number < 10 else LETTERBOX) for number in range(40)]
    assert find_bars(pictures) == (other, LETTERBOX._replace(share=0.75))


def test_bars_of_a_part_of_the_film_are_kept_and_said() -> None:
    archive, light = Bars(WIDTH, HEIGHT, left=31, right=30), Bars(WIDTH, HEIGHT)
    pictures = [boxed(number, archive if number in range(20, 30) else light) for number in range(40)]
    (bars,) = find_bars(pictures)
    assert bars == archive._replace(share=0.25)
    assert bars.line == (
        "has black bars in about 25 % of its pictures, which are kept: left 31, right 30 of 160x120; "
        "the picture is 99x120"
    )
    assert without_bars(pictures[20], [bars]) is pictures[20]
    # Both kinds in one film: a letterbox throughout, and archive within it.
    both = archive._replace(top=14, bottom=16)
    pictures = [boxed(number, both if number < 10 else LETTERBOX) for number in range(40)]
    assert find_bars(pictures) == (LETTERBOX, both._replace(share=0.25))
    # A few dark pictures are no part.
    assert find_bars([boxed(number, archive if number < 7 else light) for number in range(40)]) == ()


@pytest.mark.parametrize("other", [0, 1])
def test_a_bar_at_one_side_alone_is_cropped(other: int) -> None:
    bars = Bars(WIDTH, HEIGHT, left=other, right=9)
    assert find_bars([boxed(number, bars) for number in range(40)]) == (bars,)
    bars = Bars(WIDTH, HEIGHT, top=9)
    assert find_bars([boxed(number, bars) for number in range(40)]) == (bars,)


def test_a_dark_floor_that_does_not_end_in_a_straight_line_is_no_bar() -> None:
    pictures = []
    for number in range(40):
        picture = boxed(number, Bars(WIDTH, HEIGHT))
        cv2.ellipse(picture, (80, 130), (110, 40), 0, 0, 360, (8, 8, 8), -1)
        picture[-14:] = 8
        pictures.append(picture)
    assert find_bars(pictures) == ()


def test_each_size_of_pictures_has_bars_of_its_own() -> None:
    tall = Bars(90, 120, top=20, bottom=20)
    pictures = [boxed(number, LETTERBOX) for number in range(20)] + [boxed(number, tall) for number in range(20)]
    assert find_bars(pictures) == (LETTERBOX, tall)
    assert without_bars(pictures[-1], (LETTERBOX, tall)).shape == (80, 90, 3)
    assert without_bars(np.zeros((50, 50, 3), np.uint8), (LETTERBOX, tall)).shape == (50, 50, 3)


def test_a_few_pictures_show_nothing() -> None:
    few, black = [boxed(number, LETTERBOX) for number in range(4)], np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    assert find_bars(few) == ()
    assert find_bars([*few, *[black] * 40]) == ()


def test_pictures_to_the_end_of_a_long_film_count() -> None:
    small = Bars(80, 60, top=10, bottom=10)
    pictures = [boxed(number % 7, small) for number in range(8 * SAMPLES)]
    assert find_bars(pictures) == (small,)
    pictures[-20:] = [boxed(number, Bars(80, 60)) for number in range(20)]
    (bars,) = find_bars(pictures)
    assert not bars.everywhere
