"""The measure: it must tell a living continuation from the ways in which one dies."""

from collections.abc import Iterable
from dataclasses import replace
from itertools import cycle, islice

import cv2
import numpy as np
import pytest

from train.data.shots import Shot
from train.images.frame_figures import motion, sharpness
from train.images.thumbnails import thumbnail
from train.metrics.patch_distance import Describer, distances
from train.metrics.rollout_metrics import Figures, FilmStatistics, RolloutMeter
from train.metrics.scoring import Bar, bars, score

RATE = 12
SHOTS = (Shot(0, 60), Shot(60, 108), Shot(108, 240))


def film() -> np.ndarray:
    """Ten seconds at 24 frames a second: in each of three shots another picture, over which a disc goes to and fro."""
    rng = np.random.default_rng(0)
    frames = []
    for number, shot in enumerate(SHOTS):
        texture = cv2.resize(rng.integers(0, 256, (12, 16, 3), np.uint8), (64, 48), interpolation=cv2.INTER_CUBIC)
        ground = texture // 2 + np.array([40, 60, 20], np.uint8) * number
        for i in range(len(shot)):
            picture = ground.copy()
            across = 32 + 24 * np.sin(0.11 * i + number)
            cv2.circle(picture, (round(across), 24), 9, (240, 220 - 60 * number, 200), -1)
            frames.append(picture)
    return np.stack(frames)


FILM = film()
TOLD = np.concatenate([np.arange(shot.start, shot.stop, 2) for shot in SHOTS])


@pytest.fixture(scope="module")
def reference() -> FilmStatistics:
    return FilmStatistics(FILM, SHOTS, 2, RATE)


def measured(reference: FilmStatistics, frames: Iterable[np.ndarray]) -> Figures:
    meter = RolloutMeter(reference)
    for frame in frames:
        meter.add(frame)
    return meter.figures()


def replay(seconds: int, begin: int = 0) -> list[np.ndarray]:
    return [FILM[i] for i in islice(cycle(TOLD), begin, begin + seconds * RATE)]


def dream(seconds: int) -> list[np.ndarray]:
    """A replay that is none: everything is shifted a little, and slowly further, as a living continuation might."""
    return [np.roll(frame, round(2 + 0.02 * i), 1) for i, frame in enumerate(replay(seconds, 3))]


def stripes(seconds: int, sound: int) -> list[np.ndarray]:
    """A replay that burns out after `sound` seconds."""
    burnt = np.zeros((48, 64, 3), np.uint8)
    burnt[:, ::2] = 255
    return replay(sound) + [np.roll(burnt, i % 2, 1) for i in range((seconds - sound) * RATE)]


def met(figures: Figures) -> dict[str, bool]:
    return {bar.figure: bar.met(getattr(figures, bar.figure)) for bar in bars(figures)}


# ----------------------------------------------------------------------------
# Parts.


def test_sharpness_and_motion_are_what_they_are_called() -> None:
    frame = FILM[0]
    luma = cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY).astype(np.float64) / 255
    assert sharpness(frame) == pytest.approx(np.sqrt(np.square(cv2.Laplacian(luma, cv2.CV_64F)).mean()), rel=1e-5)
    assert motion(FILM[2], frame) == pytest.approx(np.abs(FILM[2].astype(float) - frame).mean() / 255)


def test_the_distance_of_windows_is_a_distance() -> None:
    describer = Describer(FILM[::20])
    windows = np.stack(
        [
            describer.describe([describer.project(FILM[i], thumbnail(FILM[i])) for i in range(start, start + 24, 2)])[0]
            for start in (0, 30, 120, 200)
        ]
    )
    between = distances(windows, windows)
    assert np.diag(between) == pytest.approx(0, abs=1e-6)
    assert between == pytest.approx(between.T)
    assert between[0, 1] < between[0, 2]  # seconds of one shot are nearer than those of two
    assert between[2, 3] < between[1, 3]


def test_the_distance_of_windows_is_that_of_all_their_patches(reference: FilmStatistics) -> None:
    """Quantiles stand for the sorted patches themselves (Karras et al. 2018)."""
    describer = reference.describer
    sides = []
    for start in (0, 120):
        projected = [describer.project(FILM[i], thumbnail(FILM[i])) for i in range(start, start + 24, 2)]
        sides.append((np.sort(np.concatenate([p for p, _ in projected], 1), 1), describer.describe(projected)[0]))
    (one, one_described), (other, other_described) = sides
    exact = np.abs(one - other).mean()
    assert distances(one_described[None], other_described[None])[0, 0] == pytest.approx(exact, rel=0.03)


def test_when_two_rollouts_part(reference: FilmStatistics) -> None:
    one, same, other = RolloutMeter(reference), RolloutMeter(reference), RolloutMeter(reference)
    for i, frame in enumerate(replay(4)):
        one.add(frame)
        same.add(frame)
        other.add(frame if i < 2 * RATE else 255 - frame)
    assert one.parting(same) == float("inf")
    assert one.parting(other) == other.parting(one) == 2.0


def test_lost_contrast_is_a_distance(reference: FilmStatistics) -> None:
    pale = measured(reference, [(frame // 4 + 96).astype(np.uint8) for frame in replay(10)])
    assert pale.likeness > 0.7


# ----------------------------------------------------------------------------
# The film.


def test_windows_of_the_film_never_cross_a_cut() -> None:
    """The same shots in another order are the same film to the measure."""
    turned = [SHOTS[2], SHOTS[0], SHOTS[1]]
    frames = np.concatenate([FILM[shot.start : shot.stop] for shot in turned])
    moved, begin = [], 0
    for shot in turned:
        moved.append(Shot(begin, begin + len(shot)))
        begin += len(shot)
    one, other = FilmStatistics(FILM, SHOTS, 2, RATE), FilmStatistics(frames, moved, 2, RATE)
    assert one.figures.motion == pytest.approx(other.figures.motion)
    # As many, and each found again.
    assert len(one.patches) == len(other.patches)
    assert one.figures.motion_range == pytest.approx(other.figures.motion_range)


def test_a_film_of_shots_shorter_than_a_second_has_windows() -> None:
    shots = [Shot(i, i + 10) for i in range(0, 240, 10)]
    reference = FilmStatistics(FILM, shots, 2, RATE)
    assert len(reference.patches) == len(shots)
    assert measured(reference, replay(6)).likeness < 0.35


def test_an_even_picture_is_no_error() -> None:
    grey = np.full((40, 48, 64, 3), 90, np.uint8)
    reference = FilmStatistics(grey, [Shot(0, 40)], 1, RATE)
    figures = measured(reference, grey)
    assert figures.likeness == 0
    assert np.isfinite(score([figures]))


def test_only_a_single_shot_of_a_camera_at_rest_is_static() -> None:
    shot = FILM[108:]
    assert FilmStatistics(shot, [Shot(0, len(shot))], 2, RATE).figures.static
    panned = np.stack([np.roll(frame, 2 * i, 1) for i, frame in enumerate(shot)])
    assert not FilmStatistics(panned, [Shot(0, len(panned))], 2, RATE).figures.static
    assert not FilmStatistics(FILM, SHOTS, 2, RATE).figures.static


def test_a_slow_stride_makes_windows_of_single_frames() -> None:
    reference = FilmStatistics(FILM, SHOTS, 40, 24 / 40)
    figures = measured(reference, FILM[::40])
    assert len(figures.motion_curve) == 6
    assert figures.seconds == pytest.approx(10)


# ----------------------------------------------------------------------------
# Ways to live and to die.


def test_a_replay_is_like_the_film_and_no_continuation(reference: FilmStatistics) -> None:
    figures = measured(reference, replay(90, 7))
    assert figures.alive == 90
    assert figures.sharpness == pytest.approx(1, abs=0.02)
    assert figures.motion == pytest.approx(1, abs=0.1)
    assert figures.likeness < 0.1
    assert figures.variety > 0.7
    assert figures.nearest == pytest.approx(0, abs=0.01)
    assert figures.loops > 0.8
    assert not met(figures)["nearest"]
    assert not met(figures)["loops"]
    assert met(figures)["likeness"]


def test_all_seconds_are_all_of_them_at_any_rate() -> None:
    reference = FilmStatistics(FILM, SHOTS, 2, 12000 / 1001)
    figures = measured(reference, replay(90))
    assert figures.alive == figures.seconds == pytest.approx(90.09)
    assert met(figures)["alive"]


def test_a_held_frame_fails_by_stillness(reference: FilmStatistics) -> None:
    figures = measured(reference, [FILM[-1]] * 90 * RATE)
    assert figures.alive == 0
    assert figures.motion == figures.variety == 0
    assert figures.freeze == 90
    assert figures.loops > 0.95
    missed = {name for name, well in met(figures).items() if not well}
    assert missed == {"alive", "motion", "motion_end", "variety", "freeze", "loops", "nearest"}


def test_stripes_die_when_they_burn_out(reference: FilmStatistics) -> None:
    figures = measured(reference, stripes(30, 12))
    assert figures.alive == 12
    assert figures.sharpness_end > 2
    assert figures.likeness_end > 1
    assert figures.palette_curve[-1] > figures.palette_curve[0]


def test_a_second_out_of_range_is_not_death(reference: FilmStatistics) -> None:
    frames = replay(30)
    frames[10 * RATE : 11 * RATE] = [FILM[0]] * RATE
    assert measured(reference, frames).alive == 30
    frames[10 * RATE : 13 * RATE] = [FILM[0]] * 3 * RATE
    assert measured(reference, frames).alive == 10


def test_blur_is_blur(reference: FilmStatistics) -> None:
    figures = measured(reference, [cv2.GaussianBlur(frame, (0, 0), 1.5) for frame in replay(30)])
    assert figures.sharpness < 0.6
    assert not met(figures)["sharpness"]
    assert not met(figures)["likeness"]


def test_a_short_loop_is_found(reference: FilmStatistics) -> None:
    three = dream(3)
    figures = measured(reference, islice(cycle(three), 90 * RATE))
    assert figures.loops == pytest.approx(87 / 90, abs=0.01)
    assert not met(figures)["loops"]


def test_what_stands_still_for_two_seconds_is_no_loop(reference: FilmStatistics) -> None:
    fresh = [np.roll(FILM[108], 3 * i, 1) for i in range(20)]
    held = [frame for frame in fresh for _ in range(2 * RATE)]
    assert measured(reference, held).loops < 0.1


def test_a_freeze_is_as_long_as_it_is(reference: FilmStatistics) -> None:
    frames = dream(20)
    frames[60:108] = [frames[60]] * 48
    assert measured(reference, frames).freeze == pytest.approx(47 / RATE)


def test_a_rising_likeness_is_a_trend(reference: FilmStatistics) -> None:
    melting = [cv2.GaussianBlur(frame, (0, 0), 0.3 + i / 200) for i, frame in enumerate(replay(40))]
    assert not met(measured(reference, melting))["likeness_rise"]
    assert met(measured(reference, replay(40)))["likeness_rise"]


def test_frame_by_frame_is_the_same_as_a_copy_of_all(reference: FilmStatistics) -> None:
    """A stage may hand over the same buffer again and again."""
    frames, buffer, meter = replay(6), np.zeros_like(FILM[0]), RolloutMeter(reference)
    for frame in frames:
        buffer[:] = frame
        meter.add(buffer)
    once = measured(reference, frames)
    assert meter.figures().to_json() == once.to_json()
    assert meter.figures().to_json() == once.to_json()  # asking changes nothing


def test_an_unfinished_second_is_left_out(reference: FilmStatistics) -> None:
    assert measured(reference, replay(5) + [FILM[0]] * 7).seconds == 5
    with pytest.raises(ValueError, match="not two seconds"):
        measured(reference, replay(1))


def test_long_rollouts_are_sampled_evenly(reference: FilmStatistics, monkeypatch: pytest.MonkeyPatch) -> None:
    frames = dream(10) + replay(10)
    whole = measured(reference, frames)
    monkeypatch.setattr("train.metrics.rollout_metrics.MOST_QUERIES", 80)
    some = measured(reference, frames)
    assert some.nearest == pytest.approx(whole.nearest, abs=0.1)
    assert some.loops == pytest.approx(whole.loops, abs=0.1)
    assert np.isfinite(some.nearest_curve).all()


# ----------------------------------------------------------------------------
# The score.


def test_the_score_orders_the_living_and_the_dead(reference: FilmStatistics) -> None:
    blurred = [cv2.GaussianBlur(frame, (0, 0), 1.5) for frame in dream(20)]
    scores = [
        score([measured(reference, frames)])
        for frames in (dream(20), blurred, stripes(20, 3), [FILM[-1]] * 20 * RATE)
    ]  # fmt: skip
    assert 1 >= scores[0] > scores[1] > max(scores[2:])
    assert min(scores) >= 0


def test_the_score_rises_all_the_way_to_a_bar_and_with_likeness_beyond(reference: FilmStatistics) -> None:
    figures = measured(reference, dream(20))
    by_freeze = [score([replace(figures, freeze=freeze)]) for freeze in (20, 10, 5, 3.1, 3, 0)]
    assert by_freeze[:5] == sorted(set(by_freeze[:5]))
    assert by_freeze[3] == pytest.approx(by_freeze[4], abs=0.01)
    assert by_freeze[4] == by_freeze[5]
    by_likeness = [score([replace(figures, likeness=likeness)]) for likeness in (2, 0.7, 0.36, 0.35, 0.2, 0.1)]
    assert by_likeness == sorted(set(by_likeness))
    assert score([figures, replace(figures, freeze=20)]) == pytest.approx((score([figures]) + by_freeze[0]) / 2)


def test_some_bars_lie_where_the_film_lies(reference: FilmStatistics) -> None:
    figures = measured(reference, dream(20))
    slow = replace(figures, film=replace(figures.film, freeze=7.0, loops=0.3, static=True))
    found = {bar.figure: bar for bar in bars(slow)}
    assert found["freeze"].high == 7
    assert found["loops"].high == 0.5
    assert found["variety"].low == 0.5
    assert Bar("x", "x", 0.8, 1.25).text == "0.8–1.25"
    assert found["freeze"].text == "≤ 7"


def test_figures_are_plain_in_json(reference: FilmStatistics) -> None:
    plain = measured(reference, dream(5)).to_json()
    assert plain["seconds"] == 5.0
    assert len(plain["likeness_curve"]) == 5
    assert plain["film"]["static"] is False
    assert len(plain["film"]["sharpness_range"]) == 2
