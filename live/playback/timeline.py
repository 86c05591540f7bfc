"""Order of the frames: the film's tail, the continuation, and back to the tail if the show has episodes."""

import math

import numpy as np

from live.bundle.bundle import Bundle
from live.camera.camera_input import CameraFollower, CameraInput
from live.console import warn
from live.frame import Frame, Pixels
from live.inference.generator import Generator
from live.playback.collapse_guard import CollapseGuard
from live.playback.fade import Fade
from live.playback.options import TimelineOptions

FADE_SECONDS = 0.75
"""Length of the fade from the end of an episode to the film."""


class Timeline:
    """A show, frame by frame. It has no clock: its caller decides how fast time passes.

    The film's tail comes first, as far as the bundle holds it, and then the continuation. After each episode, and when
    the guarded continuation collapses, the picture fades back to the tail, and the show begins again with new noise.
    A model without memory has no film: there is no tail, and only the camera to continue from.

    Args:
        bundle: The film, its frame rate, and the ranges by which a collapse is noticed.
        generator: Makes the continuation.
        camera: Camera that the continuation may follow.
        options: Lengths of tail, episodes and continuation.
        seed: Decides the picks of `reseed_from_tail`, and every noise after the generator's first.
    """

    def __init__(
        self,
        bundle: Bundle,
        generator: Generator,
        camera: CameraFollower,
        options: TimelineOptions,
        seed: np.random.SeedSequence,
    ) -> None:
        rate = bundle.frame_rate
        self._film = bundle.film
        self._generator = generator
        self._camera = camera
        self._frame_rate = rate
        self._context_frames = bundle.graph.context_frames
        self._seed = seed
        self._random = np.random.default_rng(seed)
        self._collapse_guard = CollapseGuard(bundle.life_signs, rate) if bundle.life_signs else None
        tail = self._film.tail_length(options.tail, rate)
        self._last_frame = len(self._film.frames) - 1
        self._tail_begin = self._last_frame + 1 - tail
        self._reseed_indices = self._film.reseed_indices(max(tail, 1), self._context_frames)
        self._left = math.inf if options.seconds is None else max(1, round(options.seconds * rate))
        self._episode = math.inf if options.episode is None else max(1, round(options.episode * rate))
        self._fade = Fade(round(FADE_SECONDS * rate))
        self.index = 0
        """Index of the next frame in the show. A show of several models sets it."""
        self._newest: Pixels | None = None  # the last frame of continuation: an episode's last one fades out
        self._reseeded = False
        self.guarded = options.guard
        """True if the show returns to the film when the continuation collapses."""
        self.given_seed: int | None = None
        """Random seed that was given while the show plays; None if there was none."""
        self.shot: int | None = None
        """Shot that `go_to_shot` continues; None after another beginning."""
        self.collapses = 0
        """Number of continuations that collapsed and were returned to the film."""
        self._begin()

    def _begin(self) -> None:
        # The next frame is the film's as long as this is an index of the film, then the network's.
        self._film_index = self._tail_begin
        self._reseed_from: Pixels | None = None
        if len(self._film.frames):
            self._reseed_from = self._film.context(self._last_frame, self._context_frames)
        self.shot = None
        self._since_end = 0
        self._played = 0  # frames of continuation in this episode
        self._episode_over = False
        if self._collapse_guard:
            self._collapse_guard.reset()

    @property
    def in_tail(self) -> bool:
        """True while the next frame is the film's."""
        return self._film_index <= self._last_frame

    @property
    def length(self) -> int | None:
        """Number of frames still to come if nothing collapses; None if endless."""
        if math.isinf(self._left):
            return None
        this_episode = int(self._left) + self._last_frame + 1 - self._film_index
        if math.isinf(self._episode):
            return this_episode
        later = max(0, math.ceil((self._left - (self._episode - self._played)) / self._episode))
        return this_episode + later * (self._last_frame + 1 - self._tail_begin)

    @property
    def seconds_left(self) -> float:
        """Seconds of continuation that are still to come; infinite if it is endless."""
        return self._left / float(self._frame_rate)

    @seconds_left.setter
    def seconds_left(self, seconds: float) -> None:
        self._left = seconds if math.isinf(seconds) else round(seconds * self._frame_rate)

    def step(self) -> Frame | None:
        """Return the next frame; None when the show is over."""
        if not (self.in_tail or self._left > 0):
            return None
        if self._episode_over:
            self._begin_again()
        captured_at = None
        sound = self._film.sound if self.in_tail else None
        shot_begins = self.in_tail and self._film_index in self._film.shot_starts
        cut = self._reseeded or (shot_begins and not self._fade.running)
        # The camera is read in the tail too, so that a video is where it would have been.
        camera_input = self._camera.input_for(self.index)
        if self.in_tail:
            pixels, since_end = self._film.frames[self._film_index], self._film_index - self._last_frame
            self._film_index += 1
        else:
            pixels, since_end = self._continue(camera_input)
            captured_at = camera_input.captured_at
        frame = Frame(
            self._fade.over(pixels),
            self.index,
            float(since_end / self._frame_rate),
            captured_at,
            cut,
            sound,
        )
        self.index += 1
        self._reseeded = False
        return frame

    def _continue(self, camera_input: CameraInput) -> tuple[Pixels, int]:
        """Return the next frame of the continuation, and its number since the film's end, from 1."""
        if self._reseed_from is not None:
            self._generator.reset(self._reseed_from)
            self._reseed_from = None
            self._since_end = 0
        pixels = self._generator.step(camera_input)
        self._since_end += 1
        self._played += 1
        self._left -= 1
        self._newest = pixels
        self._episode_over = self._played >= self._episode
        following = camera_input.mix > 0
        if self._collapse_guard and self._collapse_guard.has_collapsed(pixels, following=following) and self.guarded:
            self._episode_over = True
            self.collapses += 1
            after = float(self._since_end / self._frame_rate)
            warn(f"the continuation collapsed {after:.0f} s after the end; back to the film")
        return pixels, self._since_end

    def guard(self, wanted: bool | None = None) -> None:
        """Return to the film when the continuation collapses, or do not; None: the other one of the two."""
        self.guarded = not self.guarded if wanted is None else wanted

    def _begin_again(self) -> None:
        """Fade back to the tail, and continue from its end with new noise."""
        if self._newest is not None:
            self._fade.begin(self._newest)
        self._generator.renew(self._seed.spawn(1)[0])
        self._begin()

    def go_on(self) -> None:
        """Let the next frame begin the film's tail, and continue from its end with new noise. Nothing fades."""
        self._generator.renew(self._seed.spawn(1)[0])
        self._begin()
        self._fade.end()
        self._reseeded = True

    def reseed_from_end(self) -> None:
        """Let the next frame continue the last film frame."""
        if len(self._film.frames):
            self._reseed(self._film.context(self._last_frame, self._context_frames))

    def reseed_from_tail(self) -> None:
        """Let the next frame continue a random frame of the tail, whose context lies in one shot."""
        if self._reseed_indices:
            film_index = int(self._random.choice(self._reseed_indices))
            self._reseed(self._film.context(film_index, self._context_frames))

    def go_to_shot(self, number: int) -> bool:
        """Let the next frame continue the beginning of a shot of the tail; return False if there is no such shot.

        Args:
            number: Number of the shot among those that the bundle holds, from 1.
        """
        edges = [*self._film.shot_starts, self._last_frame + 1]
        if not self._context_frames or number >= len(edges):
            return False
        film_index = edges[number - 1] + self._context_frames - 1
        if film_index >= edges[number]:
            return False
        self._reseed(self._film.context(film_index, self._context_frames))
        self.shot = number
        return True

    @property
    def shots(self) -> int:
        """Number of shots that the bundle holds."""
        return len(self._film.shot_starts)

    def renew(self, seed: int) -> None:
        """Let everything that is random begin anew from a seed. The picture goes on."""
        sequence = np.random.SeedSequence(seed)
        self._generator.renew(sequence)
        self._seed = sequence.spawn(1)[0]
        self._random = np.random.default_rng(self._seed)
        self.given_seed = seed

    def reseed_from_camera(self) -> bool:
        """Let the next frame continue what the camera sees; return False if there is no fresh picture."""
        if not self._context_frames:
            return False
        # The show may have been frozen since the last step, so its picture may be old.
        picture = self._camera.capture(self.index)
        if picture:
            self._reseed(np.repeat(picture.pixels[None], self._context_frames, axis=0))
        return picture is not None

    def _reseed(self, context: Pixels) -> None:
        self._film_index = self._last_frame + 1
        self._reseed_from = context
        self.shot = None
        self._episode_over = False
        self._fade.end()
        if self._collapse_guard:
            self._collapse_guard.reset()
        self._reseeded = True
