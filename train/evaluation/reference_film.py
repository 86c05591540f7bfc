"""What an evaluation is about: a film as it was read for a bundle."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, repeat

import numpy as np

from train.data.film import Film
from train.data.film_windows import FilmWindows
from train.data.shots import Story
from train.metrics.perceptual import Features
from train.metrics.rollout_metrics import FilmStatistics
from train.models.show_step import first_context

FILM_PICTURES = 500  # of the film, for the kernel distance


@dataclass(frozen=True)
class ReferenceFilm:
    """A film at one size and stride: where rollouts begin, and what they are measured by."""

    film: Film
    story: Story
    stride: int
    context_frames: int
    reference: FilmStatistics
    film_features: np.ndarray | None

    @classmethod
    def of(cls, film: Film, story: Story, stride: int, context_frames: int, features: Features | None) -> ReferenceFilm:
        """Measure the film.

        Raises:
            FilmError: no shot is long enough for a context at this stride.
        """
        FilmWindows(film, story, context_frames=context_frames, stride=stride)
        reference = FilmStatistics(film.frames, story.shots, stride, float(film.step_rate(stride)))
        told = told_frames(story, stride)
        some = [np.asarray(film.frames[i]) for i in told[:: -(-len(told) // FILM_PICTURES)]]
        return cls(film, story, stride, context_frames, reference, features(some) if features else None)

    def starts(self, count: int) -> list[int]:
        """Film indices to go on from: the last film frame, then `count` − 1 others, even over the story."""
        windows = FilmWindows(self.film, self.story, context_frames=self.context_frames, stride=self.stride)
        others = (np.arange(count - 1) + 0.5) / max(1, count - 1) * len(windows.moments)
        return [windows.last, *windows.moments[others.astype(int)].tolist()]

    def context(self, start: int) -> np.ndarray:
        """float32 [1, 3K, H, W], −1…1: the frames up to and with film frame `start`."""
        indices = start + self.stride * np.arange(1 - self.context_frames, 1)
        return first_context(self.film.frames[indices], self.context_frames).numpy()

    def hold(self, start: int) -> Iterator[np.ndarray]:
        """Film frame `start`, for ever."""
        return repeat(np.asarray(self.film.frames[start]))

    def replay(self, start: int) -> Iterator[np.ndarray]:
        """The film from the first told frame at or after `start`, over and over again."""
        told = told_frames(self.story, self.stride)
        begin = int(np.searchsorted(told, start)) % len(told)
        while True:
            yield from (np.asarray(self.film.frames[i]) for i in chain(told[begin:], told[:begin]))


def told_frames(story: Story, stride: int) -> np.ndarray:
    """Film indices of the story at a stride, shot by shot."""
    return np.concatenate([np.arange(shot.start, shot.stop, stride) for shot in story.shots])
