"""A film made of discs, and continuations of it: sound ones and broken ones."""

from collections.abc import Iterable
from itertools import cycle, islice

import cv2
import numpy as np

from train.data.shots import Shot
from train.metrics.fidelity import FidelityMeter, FilmFidelity
from train.metrics.film_statistics import FilmStatistics
from train.metrics.one_step import OneStep
from train.metrics.rollout_metrics import Figures, RolloutMeter
from train.metrics.scoring import Check, check_bars

RATE = 12
STRIDE = 2
SHOTS = (Shot(0, 60), Shot(60, 108), Shot(108, 240))


def draw_film() -> np.ndarray:
    """Draw ten seconds at 24 frames a second: in each of three shots a disc goes to and fro over another picture."""
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


FILM = draw_film()
STORY = np.concatenate([np.arange(shot.start, shot.stop, STRIDE) for shot in SHOTS])


def measure(film: FilmStatistics, frames: Iterable[np.ndarray]) -> Figures:
    meter = RolloutMeter(film)
    for frame in frames:
        meter.add(frame)
    return meter.figures()


def checks(
    film: FilmStatistics, fidelity: FilmFidelity, frames: Iterable[np.ndarray], one_step: OneStep | None = None
) -> list[Check]:
    """Compare a rollout with all of its bars."""
    meter, fidelity_meter = RolloutMeter(film), FidelityMeter(fidelity)
    for frame in frames:
        meter.add(frame)
        fidelity_meter.add(frame)
    return check_bars(meter.figures(), fidelity_meter.figures(), one_step)


def replay(seconds: int, begin: int = 0) -> list[np.ndarray]:
    return [FILM[i] for i in islice(cycle(STORY), begin, begin + seconds * RATE)]


def continuation(seconds: int) -> list[np.ndarray]:
    """A replay, shifted a little and slowly further, so that no frame is one of the film's."""
    return [np.roll(frame, round(2 + 0.02 * i), 1) for i, frame in enumerate(replay(seconds, 3))]


def stripes(seconds: int, sound: int) -> list[np.ndarray]:
    """A replay that collapses into stripes after `sound` seconds."""
    burnt = np.zeros((48, 64, 3), np.uint8)
    burnt[:, ::2] = 255
    return replay(sound) + [np.roll(burnt, i % 2, 1) for i in range((seconds - sound) * RATE)]
