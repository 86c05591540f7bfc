"""The film of an evaluation, as it was read for a bundle."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, repeat

import numpy as np

from train.data.film import Film
from train.data.film_windows import FilmWindows
from train.data.shots import Story
from train.metrics.film_statistics import FilmStatistics
from train.metrics.perceptual import Features
from train.models.show_step import first_context

FILM_PICTURES = 500  # of the film, for the kernel distance


@dataclass(frozen=True)
class ReferenceFilm:
    """A film at one size and stride: where rollouts start, and what they are compared with."""

    film: Film
    story: Story
    windows: FilmWindows
    statistics: FilmStatistics
    features: np.ndarray | None  # of some of its frames; None where the perceptual network is not installed

    @classmethod
    def of(cls, film: Film, story: Story, stride: int, context_frames: int, features: Features | None) -> ReferenceFilm:
        """Measure the film.

        Raises:
            FilmError: no shot is long enough for a context at this stride.
        """
        windows = FilmWindows(film, story, context_frames=context_frames, stride=stride)
        statistics = FilmStatistics(film.frames, story.shots, stride, float(film.step_rate(stride)))
        indices = story_frames(story, stride)
        some = [np.asarray(film.frames[i]) for i in indices[:: -(-len(indices) // FILM_PICTURES)]]
        return cls(film, story, windows, statistics, features(some) if features else None)

    @property
    def stride(self) -> int:
        """Film frames from one frame to the next."""
        return self.windows.stride

    def starts(self, count: int) -> list[int]:
        """Return film indices to start from: the last film frame, then `count` − 1 others, even over the story."""
        others = (np.arange(count - 1) + 0.5) / max(1, count - 1) * len(self.windows.film_indices)
        return [self.windows.last_frame, *self.windows.film_indices[others.astype(int)].tolist()]

    def context(self, start: int) -> np.ndarray:
        """Return the frames up to and including film frame `start`: float32 [1, 3K, H, W], −1…1."""
        return first_context(self.windows.context_pictures(start), self.windows.context_frames).numpy()

    def hold(self, start: int) -> Iterator[np.ndarray]:
        """Yield film frame `start` for ever."""
        return repeat(np.asarray(self.film.frames[start]))

    def replay(self, start: int) -> Iterator[np.ndarray]:
        """Yield the story from its first frame at or after `start`, over and over again."""
        indices = story_frames(self.story, self.stride)
        begin = int(np.searchsorted(indices, start)) % len(indices)
        while True:
            yield from (np.asarray(self.film.frames[i]) for i in chain(indices[begin:], indices[:begin]))


def story_frames(story: Story, stride: int) -> np.ndarray:
    """Return the film indices of the story at a stride, shot by shot."""
    return np.concatenate([np.arange(shot.start, shot.stop, stride) for shot in story.shots])
