"""The figures of a rollout tell a sound continuation from each way in which one collapses."""

from itertools import cycle, islice

import cv2
import numpy as np
import pytest

from tests.train.metrics.disc_film import FILM, RATE, SHOTS, STRIDE, continuation, measure, replay, stripes
from train.metrics.film_statistics import FilmStatistics
from train.metrics.rollout_metrics import Figures, RolloutMeter
from train.metrics.scoring import Check, bars


def met(figures: Figures) -> dict[str, bool]:
    return {bar.figure: Check.of(bar, figures).met for bar in bars(figures)}


def test_a_replay_is_like_the_film_and_no_continuation(disc_film: FilmStatistics) -> None:
    figures = measure(disc_film, replay(90, 7))
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


def test_a_sound_rollout_is_alive_to_its_end_at_any_rate() -> None:
    film = FilmStatistics(FILM, SHOTS, STRIDE, 12000 / 1001)
    figures = measure(film, replay(90))
    assert figures.alive == figures.seconds == pytest.approx(90.09)
    assert met(figures)["alive"]


def test_a_held_frame_fails_by_stillness(disc_film: FilmStatistics) -> None:
    figures = measure(disc_film, [FILM[-1]] * 90 * RATE)
    assert figures.alive == 0
    assert figures.motion == figures.variety == 0
    assert figures.freeze == 90
    assert figures.loops > 0.95
    missed = {name for name, well in met(figures).items() if not well}
    assert missed == {"alive", "motion", "motion_end", "variety", "freeze", "loops", "nearest"}


def test_a_rollout_collapses_when_it_turns_into_stripes(disc_film: FilmStatistics) -> None:
    figures = measure(disc_film, stripes(30, 12))
    assert figures.alive == 12
    assert figures.sharpness_end > 2
    assert figures.likeness_end > 1
    assert figures.palette_curve[-1] > figures.palette_curve[0]


def test_a_second_out_of_range_is_no_collapse(disc_film: FilmStatistics) -> None:
    frames = replay(30)
    frames[10 * RATE : 11 * RATE] = [FILM[0]] * RATE
    assert measure(disc_film, frames).alive == 30
    frames[10 * RATE : 13 * RATE] = [FILM[0]] * 3 * RATE
    assert measure(disc_film, frames).alive == 10


def test_blur_is_blur(disc_film: FilmStatistics) -> None:
    figures = measure(disc_film, [cv2.GaussianBlur(frame, (0, 0), 1.5) for frame in replay(30)])
    assert figures.sharpness < 0.6
    assert not met(figures)["sharpness"]
    assert not met(figures)["likeness"]


def test_lost_contrast_is_a_distance(disc_film: FilmStatistics) -> None:
    pale = measure(disc_film, [(frame // 4 + 96).astype(np.uint8) for frame in replay(10)])
    assert pale.likeness > 0.7


def test_a_short_loop_is_found(disc_film: FilmStatistics) -> None:
    three = continuation(3)
    figures = measure(disc_film, islice(cycle(three), 90 * RATE))
    assert figures.loops == pytest.approx(87 / 90, abs=0.01)
    assert not met(figures)["loops"]


def test_standing_still_for_two_seconds_is_no_loop(disc_film: FilmStatistics) -> None:
    fresh = [np.roll(FILM[108], 3 * i, 1) for i in range(20)]
    held = [frame for frame in fresh for _ in range(2 * RATE)]
    assert measure(disc_film, held).loops < 0.1


def test_a_freeze_is_measured_to_the_frame(disc_film: FilmStatistics) -> None:
    frames = continuation(20)
    frames[60:108] = [frames[60]] * 48
    assert measure(disc_film, frames).freeze == pytest.approx(47 / RATE)


def test_a_rising_likeness_is_a_trend(disc_film: FilmStatistics) -> None:
    melting = [cv2.GaussianBlur(frame, (0, 0), 0.3 + i / 200) for i, frame in enumerate(replay(40))]
    assert not met(measure(disc_film, melting))["likeness_rise"]
    assert met(measure(disc_film, replay(40)))["likeness_rise"]


def test_frames_may_come_in_one_reused_buffer(disc_film: FilmStatistics) -> None:
    frames, buffer, meter = replay(6), np.zeros_like(FILM[0]), RolloutMeter(disc_film)
    for frame in frames:
        buffer[:] = frame
        meter.add(buffer)
    once = measure(disc_film, frames)
    assert meter.figures().to_json() == once.to_json()
    assert meter.figures().to_json() == once.to_json()  # asking changes nothing


def test_an_unfinished_second_is_left_out(disc_film: FilmStatistics) -> None:
    assert measure(disc_film, replay(5) + [FILM[0]] * 7).seconds == 5
    with pytest.raises(ValueError, match="not two seconds"):
        measure(disc_film, replay(1))


def test_long_rollouts_are_sampled_evenly(disc_film: FilmStatistics) -> None:
    sampled = RolloutMeter(disc_film, most_queries=80)
    frames = continuation(10) + replay(10)
    for frame in frames:
        sampled.add(frame)
    some, whole = sampled.figures(), measure(disc_film, frames)
    assert some.nearest == pytest.approx(whole.nearest, abs=0.1)
    assert some.loops == pytest.approx(whole.loops, abs=0.1)
    assert np.isfinite(some.nearest_curve).all()


def test_two_rollouts_are_apart_from_the_first_different_frame_on(disc_film: FilmStatistics) -> None:
    one, same, other = (RolloutMeter(disc_film) for _ in range(3))
    for i, frame in enumerate(replay(4)):
        one.add(frame)
        same.add(frame)
        other.add(frame if i < 2 * RATE else 255 - frame)
    assert one.seconds_until_apart(same) == float("inf")
    assert one.seconds_until_apart(other) == other.seconds_until_apart(one) == 2.0


def test_figures_are_plain_in_json(disc_film: FilmStatistics) -> None:
    plain = measure(disc_film, continuation(5)).to_json()
    assert plain["seconds"] == 5.0
    assert len(plain["likeness_curve"]) == 5
    assert plain["film"]["static"] is False
    assert len(plain["film"]["sharpness_range"]) == 2
