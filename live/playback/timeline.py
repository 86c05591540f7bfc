"""The dramaturgy: the film's last seconds, what comes after the end, and if wanted all of it again and again."""

import math
import time
from fractions import Fraction

import numpy as np

from live.bundle.seed_film import SeedFilm
from live.camera.camera_input import CameraFollower, CameraInput
from live.console import say
from live.frame import Frame, Pixels
from live.inference.generator import Generator
from live.playback.collapse_guard import CollapseGuard
from live.playback.fade import Fade

FADE_SECONDS = 0.75
"""From the end of an episode to the film."""


class Timeline:
    """A showing, frame by frame. It knows no clock: who calls `step` decides how fast time goes.

    `tail_seconds` of the film are shown first (as far as they are there), then `seconds` of continuation,
    None for endless. After `episode_seconds` of it, if given, it fades back to the tail, and with the next noise all
    begins again, until there have been `seconds` of continuation in all. `seed` decides which moments
    `reseed_from_tail` picks, and every noise after the first. A film without frames is that of a model
    without memory: there is nothing to show first, and nothing to go on from but the `live` input.

    `vitality` watches the continuation, unless `guarded` is switched off: one that dies fades back to the tail, too.
    """

    def __init__(
        self,
        film: SeedFilm,
        generator: Generator,
        live: CameraFollower,
        *,
        frame_rate: Fraction,
        context_frames: int,
        tail_seconds: float,
        seconds: float | None,
        seed: np.random.SeedSequence,
        episode_seconds: float | None = None,
        vitality: CollapseGuard | None = None,
    ) -> None:
        self._film = film
        self._generator = generator
        self._live = live
        self._frame_rate = frame_rate
        self._context_frames = context_frames
        self._seed = seed
        self._random = np.random.default_rng(seed)
        self._vitality = vitality
        self._last = len(film.frames) - 1
        tail = film.tail_length(tail_seconds, frame_rate)
        self._tail_moments = film.moments(max(tail, 1), context_frames)
        self._beginning = self._last + 1 - tail
        self._left = math.inf if seconds is None else max(1, round(seconds * frame_rate))
        self._episode = math.inf if episode_seconds is None else max(1, round(episode_seconds * frame_rate))
        self._fade = Fade(round(FADE_SECONDS * frame_rate))
        self._index = 0
        self._reseeded = False
        self.guarded = True
        """Whether a continuation that dies is brought back to the film."""
        self.deaths = 0
        """How many were."""
        self._begin()

    def _begin(self) -> None:
        # What is shown next: a film frame as long as this is in the film, then the network's.
        self._position = self._beginning
        self._reseed_from: Pixels | None = None
        if len(self._film.frames):
            self._reseed_from = self._film.context(self._last, self._context_frames)
        self._since_end = 0
        self._played = 0  # frames of continuation in this episode
        self._over = False
        if self._vitality:
            self._vitality.forget()

    @property
    def in_tail(self) -> bool:
        """True while the next frame is the film's."""
        return self._position <= self._last

    @property
    def length(self) -> int | None:
        """How many frames are still to come, if nothing dies; None if endless."""
        if math.isinf(self._left):
            return None
        still = int(self._left) + self._last + 1 - self._position
        if math.isinf(self._episode):
            return still
        later = max(0, math.ceil((self._left - (self._episode - self._played)) / self._episode))
        return still + later * (self._last + 1 - self._beginning)

    def step(self) -> Frame | None:
        """The next frame; None when the episode is over."""
        if not (self.in_tail or self._left > 0):
            return None
        if self._over:
            self._begin_again()
        captured_at = None
        shot = self.in_tail and self._position in self._film.shot_starts
        cut = self._reseeded or (shot and not self._fade.running)
        # In the tail, too: what the camera shows is known all the time, and a video is where it would have been.
        look = self._live.look(self._index)
        if self.in_tail:
            pixels, since_end = self._film.frames[self._position], self._position - self._last
            self._position += 1
        else:
            pixels, since_end = self._continue(look)
            captured_at = look.captured_at
        frame = Frame(
            self._fade.over(pixels),
            self._index,
            float(since_end / self._frame_rate),
            time.perf_counter(),
            captured_at,
            cut,
        )
        self._index += 1
        self._reseeded = False
        return frame

    def _continue(self, look: CameraInput) -> tuple[Pixels, int]:
        if self._reseed_from is not None:
            self._generator.reset(self._reseed_from)
            self._reseed_from = None
            self._since_end = 0
        pixels = self._generator.step(look)
        self._since_end += 1
        self._played += 1
        self._left -= 1
        # The last picture of an episode is kept for the fade.
        self._newest = pixels
        self._over = self._played >= self._episode
        if self._vitality and not self._vitality.lives(pixels, led=look.mix > 0) and self.guarded:
            self._over = True
            self.deaths += 1
            after = float(self._since_end / self._frame_rate)
            say(f"the continuation died {after:.0f} s after the end; back to the film")
        return pixels, self._since_end

    def guard(self, wanted: bool | None = None) -> None:
        """Bring a continuation that dies back to the film, or leave it to itself; None: the other way."""
        self.guarded = not self.guarded if wanted is None else wanted

    def _begin_again(self) -> None:
        """Fade back to the tail, and go on with the next noise from there."""
        self._fade.begin(self._newest)
        self._generator.renew(self._seed.spawn(1)[0])
        self._begin()

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
        self._over = False
        self._fade.end()
        if self._vitality:
            self._vitality.forget()
        self._reseeded = True
