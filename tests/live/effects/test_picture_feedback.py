"""The feedback buffer of the picture: what stays, how it is blended, and when it begins anew."""

import numpy as np
import pytest

from live.controls.entries.feedback import BLENDS
from live.effects.picture_feedback import PictureFeedback
from live.effects.transform import Transform
from live.frame import Pixels

RATE = 24.0
HEIGHT, WIDTH = 36, 64


def picture(seed: int) -> Pixels:
    return np.random.default_rng(seed).integers(0, 256, (HEIGHT, WIDTH, 3), np.uint8)


def flat(level: int) -> Pixels:
    return np.full((HEIGHT, WIDTH, 3), level, np.uint8)


def feedback(trail: float = 0.0, blend: str = "over", rate: float = RATE, **rates: float) -> PictureFeedback:
    return PictureFeedback(rate, Transform(**rates), trail, blend)


@pytest.mark.parametrize("still", [feedback(), feedback(trail=-0.5), feedback(trail=-1.0, blend="lighten", zoom=2.0)])
def test_without_feedback_the_very_picture_is_returned(still: PictureFeedback) -> None:
    for seed in range(3):
        pixels = picture(seed)
        assert still.apply(pixels) is pixels


def test_it_begins_with_the_picture_that_was_shown_before() -> None:
    moved = feedback()
    before = picture(1)
    moved.apply(before)
    moved.transform = Transform(shift_x=0.375)  # one pixel of 64 at 24 pictures a second
    shown = moved.apply(flat(0))
    np.testing.assert_allclose(shown[:, 1:], 0.9 * before[:, :-1], atol=0.51)
    np.testing.assert_array_equal(shown[:, 0], 0, "what comes in from outside is the dream")


def test_pictures_are_not_written_to() -> None:
    moved = feedback(zoom=-2.0, hue_drift=90.0)
    pictures = [picture(seed) for seed in range(3)]
    shown = [moved.apply(pixels) for pixels in pictures]
    kept = [pixels.copy() for pixels in shown]
    moved.apply(picture(4))
    np.testing.assert_array_equal(pictures, [picture(seed) for seed in range(3)])
    np.testing.assert_array_equal(shown, kept)


@pytest.mark.parametrize("blend", BLENDS)
def test_a_cut_begins_anew(blend: str) -> None:
    moved = feedback(0.5, blend, rotation=90.0)
    for seed in range(3):
        moved.apply(picture(seed))
    new = picture(9)
    assert moved.apply(new, cut=True) is new
    again = feedback(0.5, blend, rotation=90.0)
    again.apply(new)
    np.testing.assert_array_equal(moved.apply(picture(10)), again.apply(picture(10)))


@pytest.mark.parametrize(
    ("trail", "moves", "kept"),
    [
        (-1, True, 0),
        (-0.5, True, 0.45),
        (0, True, 0.9),
        (0.5, True, 0.95),
        (1, True, 1),
        (0, False, 0),
        (0.7, False, 0.7),
    ],
)
def test_what_stays_of_the_last_picture(trail: float, moves: bool, kept: float) -> None:
    assert feedback(trail, zoom=float(moves)).kept == pytest.approx(kept)
    half = feedback(trail, zoom=float(moves), rate=12.0)
    assert half.kept == pytest.approx(kept**2), "the same in a second at every frame rate"


def test_at_the_longest_trail_the_dream_no_longer_enters() -> None:
    frozen = feedback(trail=1.0)
    first = picture(1)
    frozen.apply(first)
    for seed in range(2, 6):
        np.testing.assert_array_equal(frozen.apply(picture(seed)), first)


def test_a_trail_fades_away_to_the_last_level() -> None:
    trailing = feedback(trail=0.97)
    trailing.apply(flat(255))
    for _ in range(400):
        shown = trailing.apply(flat(100))
    np.testing.assert_array_equal(shown, 100)


def test_a_slow_drift_of_the_hue_adds_up() -> None:
    red = np.tile(np.array([200, 80, 80], np.uint8), (HEIGHT, WIDTH, 1))
    drifting = feedback(trail=1.0, hue_drift=1.0)
    for _ in range(round(120 * RATE)):
        shown = drifting.apply(red)
    np.testing.assert_allclose(shown[5, 5], [80, 200, 80], atol=3)


def test_lighten_keeps_what_is_brighter_and_lets_it_fade() -> None:
    trailing = feedback(blend="lighten")
    trailing.apply(flat(200))
    shown = [int(trailing.apply(flat(100))[0, 0, 0]) for _ in range(3)]
    assert shown == [190, 181, 173]
    np.testing.assert_array_equal(trailing.apply(flat(250)), 250)


def test_difference_shows_the_dream_where_nothing_changes() -> None:
    differing = feedback(blend="difference")
    still = picture(1)
    for _ in range(30):
        np.testing.assert_allclose(differing.apply(still), still, atol=1)


def test_difference_turns_a_change_over_and_does_not_flash_for_long() -> None:
    differing = feedback(blend="difference")
    differing.apply(flat(40))
    shown = [float(differing.apply(flat(120))[0, 0, 0]) for _ in range(30)]
    away = np.array(shown) - 120
    assert away[0] > 40, "the difference of the two, added to the dream"
    assert away[1] < -20, "and turned over in the next picture"
    assert np.abs(away[12:]).max() < 3
