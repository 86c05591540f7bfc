"""The dramaturgy: the film's last seconds, and then what comes after the end."""

import math
import time
from fractions import Fraction

import numpy as np

from live.frames import Frame, Pixels
from live.generator import Generator
from live.live_input import LiveInput, Look
from live.seed_film import SeedFilm


class Episode:
    """One showing, frame by frame. It knows no clock: who calls `step` decides how fast time goes.

    `tail_seconds` of the film are shown first (as far as they are there), then `seconds` of continuation,
    None for endless. `seed` decides which moments `reseed_from_tail` picks. A film without frames is that of a model
    without memory: there is nothing to show first, and nothing to go on from but the `live` input.
    """

    def __init__(
        self,
        film: SeedFilm,
        generator: Generator,
        live: LiveInput,
        *,
        frame_rate: Fraction,
        context_frames: int,
        tail_seconds: float,
        seconds: float | None,
        seed: np.random.SeedSequence,
    ) -> None:
        self._film = film
        self._generator = generator
        self._live = live
        self._frame_rate = frame_rate
        self._context_frames = context_frames
        self._random = np.random.default_rng(seed)
        self._last = len(film.frames) - 1
        tail = film.tail_length(tail_seconds, frame_rate)
        self._tail_moments = film.moments(max(tail, 1), context_frames)
        # What is shown next: a film frame as long as this is in the film, then the network's.
        self._position = self._last + 1 - tail
        self._left = math.inf if seconds is None else max(1, round(seconds * frame_rate))
        self._reseed_from: Pixels | None = None
        if len(film.frames):
            self._reseed_from = film.context(self._last, context_frames)
        self._since_end = 0
        self._index = 0
        self._reseeded = False

    @property
    def in_tail(self) -> bool:
        """True while the next frame is the film's."""
        return self._position <= self._last

    @property
    def length(self) -> int | None:
        """How many frames are still to come; None if endless."""
        return None if math.isinf(self._left) else int(self._left) + self._last + 1 - self._position

    def step(self) -> Frame | None:
        """The next frame; None when the episode is over."""
        if not (self.in_tail or self._left > 0):
            return None
        captured_at = None
        cut = self._reseeded or (self.in_tail and self._position in self._film.shot_starts)
        # In the tail, too: what the camera shows is known all the time, and a video is where it would have been.
        look = self._live.look(self._index)
        if self.in_tail:
            pixels, since_end = self._film.frames[self._position], self._position - self._last
            self._position += 1
        else:
            pixels, since_end = self._continue(look)
            captured_at = look.captured_at
        frame = Frame(pixels, self._index, float(since_end / self._frame_rate), time.perf_counter(), captured_at, cut)
        self._index += 1
        self._reseeded = False
        return frame

    def _continue(self, look: Look) -> tuple[Pixels, int]:
        if self._reseed_from is not None:
            self._generator.reset(self._reseed_from)
            self._reseed_from = None
            self._since_end = 0
        pixels = self._generator.step(look)
        self._since_end += 1
        self._left -= 1
        return pixels, self._since_end

    def reseed_from_end(self) -> None:
        """Let the next frame be the one after the last film frame."""
        if len(self._film.frames):
            self._reseed(self._film.context(self._last, self._context_frames))

    def reseed_from_tail(self) -> None:
        """Let the next frame continue a random moment of the tail, whose context lies in one shot."""
        if self._tail_moments:
            moment = int(self._random.choice(self._tail_moments))
            self._reseed(self._film.context(moment, self._context_frames))

    def reseed_from_camera(self) -> None:
        """Let the next frame continue what the camera sees; if it is silent, nothing changes."""
        if not self._context_frames:
            return
        # Anew, because the show may have been frozen since the last step.
        picture = self._live.see(self._index)
        if picture:
            self._reseed(np.repeat(picture.pixels[None], self._context_frames, axis=0))

    def _reseed(self, context: Pixels) -> None:
        self._position = self._last + 1
        self._reseed_from = context
        self._reseeded = True
