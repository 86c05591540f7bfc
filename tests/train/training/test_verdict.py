"""The verdict in words."""

import pytest

from train.metrics.scoring import Bar, Check, Words
from train.training.validation import ValidationResult
from train.training.verdict import WIDTH, verdict

LINES = Bar("sharpness", "sharpness over the film's", 0.8, 1.25, words=Words("lines", "soft", "harsh"))
MOTION = Bar("motion", "motion over the film's", 0.5, 2, words=Words("motion", "weak", "restless"))
MOTION_END = Bar("freeze", "longest freeze", high=3, words=Words("motion", high="freezing"))
PLAIN = Bar("wow", "flutter", high=1)
GIVEN = Bar("far", "far", low=0.5, words=Words("frames", "copied"), given=LINES)


class Seen:
    """Figures of a rollout."""

    def __init__(self, sharpness: float = 1.0, motion: float = 1.0, freeze: float = 0.0, wow: float = 0.0) -> None:
        self.sharpness, self.motion, self.freeze, self.wow, self.far = sharpness, motion, freeze, wow, 1.0


def result(
    seen: Seen, score: float = 0.5, bars: tuple[Bar, ...] = (LINES, MOTION, MOTION_END, PLAIN)
) -> ValidationResult:
    return ValidationResult("rollout", score, {}, tuple(Check.of(bar, seen) for bar in bars))


@pytest.mark.parametrize(
    ("seen", "says"),
    [
        (Seen(), "4 of 4 bars"),
        (Seen(sharpness=0.4), "3 of 4 bars; lines soft"),
        (Seen(sharpness=2), "3 of 4 bars; lines harsh"),
        (Seen(wow=7), "3 of 4 bars; flutter too high"),
        (Seen(sharpness=0.4, motion=0.1), "2 of 4 bars; motion weak; lines soft"),  # the furthest first
        (Seen(sharpness=0.4, motion=0.1, freeze=4), "1 of 4 bars; motion weak; lines soft"),  # no subject twice
        (Seen(sharpness=0.4, motion=0.1, wow=2), "1 of 4 bars; motion weak; lines soft"),  # two at most
    ],
)
def test_it_names_what_is_furthest_from_its_bar(seen: Seen, says: str) -> None:
    assert verdict(result(seen)) == says


def test_it_compares_with_the_verdict_before() -> None:
    before = result(Seen(sharpness=0.4), 0.5)
    assert verdict(result(Seen(sharpness=0.5), 0.6), before) == "3 of 4 bars; lines still soft; rising"
    assert verdict(result(Seen(motion=0.2), 0.4), before) == "3 of 4 bars; motion now weak; falling"
    assert verdict(result(Seen(sharpness=3), 0.505), before) == "3 of 4 bars; lines now harsh; steady"


def test_a_bar_that_is_given_another_leaves_the_words_to_it() -> None:
    assert verdict(result(Seen(sharpness=0.4), bars=(LINES, GIVEN))) == "0 of 2 bars; lines soft"


def test_a_validation_without_bars_has_its_score() -> None:
    before = ValidationResult("pictures", 0.2, {})
    assert verdict(ValidationResult("pictures", 0.25, {}), before) == "score 0.25; rising"


def test_it_fits_a_line() -> None:
    long = [Bar(name, name * 30, high=1) for name in ("sharpness", "motion")]
    assert verdict(result(Seen(sharpness=3, motion=2), bars=tuple(long))).count(";") == 1
    some = [Bar(name, name + " that is long", high=1) for name in ("sharpness", "motion", "freeze")]
    assert len(verdict(result(Seen(3, 3, 3), bars=tuple(some)), result(Seen()))) <= WIDTH
