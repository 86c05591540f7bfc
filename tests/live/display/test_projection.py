"""Projection of the content onto the screen: where points come to lie, and how well triangles follow."""

from itertools import pairwise

import numpy as np
import pytest

from live.display.projection import UNIT_CORNERS, Flip, Projection, Turn, grid, homography, read_corners

# Top left, top right, bottom right, bottom left of the content.
CONTENT = np.array(UNIT_CORNERS)
KEYSTONE = ((0.2, 0.1), (0.9, 0.0), (1.0, 1.0), (0.0, 0.8))


@pytest.mark.parametrize(
    ("turn", "flip", "order"),
    [
        # For each corner of the screen, clockwise from the top left, the corner of the content that lies there.
        (0, "none", [0, 1, 2, 3]),
        (90, "none", [3, 0, 1, 2]),
        (180, "none", [2, 3, 0, 1]),
        (270, "none", [1, 2, 3, 0]),
        (0, "horizontal", [1, 0, 3, 2]),
        (0, "vertical", [3, 2, 1, 0]),
        (90, "horizontal", [0, 3, 2, 1]),
        (90, "vertical", [2, 1, 0, 3]),
    ],
)
def test_turns_are_clockwise_and_flips_come_after_them(turn: Turn, flip: Flip, order: list[int]) -> None:
    for corners in (UNIT_CORNERS, KEYSTONE):
        places = Projection(turn, flip, corners).on_screen(CONTENT)
        np.testing.assert_allclose(places[order], corners, atol=1e-9)


def test_a_quarter_turn_exchanges_width_and_height() -> None:
    assert [Projection(turn).content_size((1000, 600)) for turn in (0, 90, 180, 270)] == [
        (1000, 600),
        (600, 1000),
        (1000, 600),
        (600, 1000),
    ]


def test_straight_lines_stay_straight_and_their_crossing_is_that_of_the_diagonals() -> None:
    projection = Projection(corners=KEYSTONE)
    line = np.stack([np.linspace(0, 1, 9), np.linspace(0.2, 0.7, 9)], axis=1)
    places = projection.on_screen(line)
    along = places - places[0]
    np.testing.assert_allclose(along[:, 0] * along[-1, 1] - along[:, 1] * along[-1, 0], 0, atol=1e-12)
    middle = projection.on_screen(np.array([[0.5, 0.5]]))[0]
    first, second, third, fourth = map(np.array, KEYSTONE)
    share, _ = np.linalg.solve(np.stack([third - first, second - fourth], axis=1), second - first)
    np.testing.assert_allclose(middle, first + share * (third - first), atol=1e-12)
    assert np.abs(middle - np.mean(KEYSTONE, axis=0)).max() > 0.01, "an affine map would be wrong here"


def test_the_triangles_follow_the_projection_to_less_than_a_pixel() -> None:
    projection = Projection(corners=((0.15, 0.0), (0.85, 0.0), (1.0, 1.0), (0.0, 1.0)))
    points, triangles = grid(projection.cells())
    # Their middles, on the content and between the places of their points.
    exact = projection.on_screen(points[triangles].mean(axis=1))
    drawn = projection.on_screen(points)[triangles].mean(axis=1)
    assert (np.abs(exact - drawn) * (1920, 1080)).max() < 0.5


def test_the_grid_covers_the_content_once() -> None:
    points, triangles = grid(3)
    assert (len(points), len(triangles)) == (16, 18)
    first, second, third = points[triangles].transpose(1, 0, 2)
    across, down = second - first, third - first
    areas = (across[:, 0] * down[:, 1] - across[:, 1] * down[:, 0]) / 2
    np.testing.assert_allclose(areas, 1 / 18)
    for cells in (Projection(turn=90, flip="vertical").cells(), Projection(corners=KEYSTONE).cells()):
        _, triangles = grid(cells)
        assert all(len({*one, *next_one}) >= 5 for one, next_one in pairwise(triangles.tolist()))


def test_the_homography_of_the_screen_itself_changes_nothing() -> None:
    np.testing.assert_allclose(homography(UNIT_CORNERS), np.eye(3), atol=1e-12)
    assert Projection(corners=read_corners([])).changes_nothing
    assert Projection(corners=read_corners(["0,0", "1,0", "1,1", "0,1"])).changes_nothing
    assert read_corners(["0.2,0.1", "0.9,0", "1,1", "0,0.8"]) == KEYSTONE


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        (["0,0", "1,0", "1,1"], "give four corners"),
        (["0,0", "1,0", "1,1", "0"], "0 is not a corner such as 0.1,0"),
        (["0,0", "1,0", "1,1", "0,1,2"], "0,1,2 is not a corner"),
        (["0,0", "1,0", "1,1", "0,nan"], "0,nan is not on the screen"),
        (["0,0", "1.1,0", "1,1", "0,1"], "1.1,0 is not on the screen"),
        (["1,0", "0,0", "0,1", "1,1"], "top left, top right, bottom right, bottom left"),
        (["0,0", "1,1", "1,0", "0,1"], "without a dent"),
        (["0,0", "1,0", "0.3,0.3", "0,1"], "without a dent"),
        (["0,0", "0.5,0.5", "1,1", "0,1"], "without a dent"),
        (["0.5,0.5"] * 4, "without a dent"),
    ],
)
def test_other_corners_are_refused(texts: list[str], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        read_corners(texts)
