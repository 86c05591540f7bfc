"""Models of a show: which one is seen, and the dissolve from one to another."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from live.console import answer, warn
from live.errors import NetworkFailedError
from live.frame import Frame, Pixels
from live.inference.model_slot import BackgroundLoad, StepGaps
from live.playback.played_model import PlayedModel


class Models:
    """Chooses among the models of a show. Those that are seen make frames, two at most; the others rest.

    The player's thread calls everything but what is read.

    Args:
        first: Model that plays first.
        names: Names of all models, in the order of their numbers.
        loads: Loads of the others, by number. They are done one after the other, beside the first frames.
        gaps: Tells the loads that a step of the show has ended.
    """

    def __init__(
        self,
        first: PlayedModel,
        names: Sequence[str],
        loads: Mapping[int, BackgroundLoad[PlayedModel]],
        gaps: StepGaps | None = None,
    ) -> None:
        self._names = names
        self._loads = dict(loads)
        self._gaps = gaps or StepGaps()
        self._opened = {first.number: first}
        self._chosen = self._leading = first
        # Under the chosen one: a model, or what was shown when a dissolve was interrupted.
        self._before: PlayedModel | None = None
        self._still: Pixels | None = None
        self.share = 1.0
        """0…1: how much is seen of the model that was chosen last, over the one before it."""
        self._share_step = 0.0  # in each frame of a dissolve
        self._wanted: tuple[int, float] | None = None
        self._cuts = False
        self._seed: int | None = None
        self._shown: Pixels | None = None
        self._index = 0
        self.changed: Callable[[], None] = lambda: None
        """Called after a model was opened, and when another one leads."""

    @property
    def opened(self) -> tuple[PlayedModel, ...]:
        """All models that are open."""
        return tuple(self._opened.values())

    @property
    def count(self) -> int:
        """Number of models that the show has."""
        return len(self._names)

    @property
    def leading(self) -> PlayedModel:
        """Model that controls act on: the one that is dissolved to, or of which a fader shows more."""
        under = self._before is not None and not self._share_step and self.share < 0.5
        return self._before if under and self._before else self._chosen

    @property
    def number(self) -> int:
        """Number of the model that was chosen last."""
        return self._chosen.number

    @property
    def status(self) -> str:
        """Line for the HUD; empty in a show of one model."""
        if self.count == 1:
            return ""
        chosen, before = self._name(self.number), self._before
        if self.share == 1 or before is None:
            return chosen
        return f"{self._name(before.number)} to {chosen}, {self.share:.0%}"

    @property
    def collapses(self) -> int:
        """Number of continuations that collapsed, of all models."""
        return sum(each.timeline.collapses for each in self.opened)

    def choose(self, number: int, frames: float) -> None:
        """Dissolve to a model over so many frames; below half a frame, cut to it."""
        if number > self.count:
            answer(f"there is no model {number}; the show has {self.count}, and each --model adds one")
        elif number in self._loads:
            self._wanted = (number, frames)
            answer(f"model {self._name(number)} comes as soon as it is open")
        elif number not in self._opened:
            answer(f"model {self._name(number)} could not be played")
        else:
            self._wanted = None
            self._dissolve(self._opened[number], frames)
            answer(f"model {self._name(number)}")

    def crossfade(self, share: float) -> None:
        """Show the model that was chosen last by `share`, 0…1, over the one before it."""
        if self._before is None:
            answer("choose two models first; the fader moves between them")
            return
        self._still, self._wanted = None, None
        self.share, self._share_step = share, 0.0
        answer(f"model mix {share:.2g}")

    def crossfade_between(self, before: int, chosen: int, share: float) -> None:
        """Show the model `chosen` by `share`, 0…1, over the model `before`, if both are open."""
        if before != chosen and {before, chosen} <= self._opened.keys():
            self._before, self._chosen = self._opened[before], self._opened[chosen]
            self.crossfade(share)

    def renew(self, seed: int) -> None:
        """Let everything that is random begin anew from a seed, in all models."""
        self._seed = seed
        for each in self.opened:
            each.timeline.renew(seed)

    def guard(self, wanted: bool | None = None) -> None:
        """Return collapsed continuations of all models to the film, or do not; None: the other one of the two."""
        wanted = not self.leading.timeline.guarded if wanted is None else wanted
        for each in self.opened:
            each.timeline.guard(wanted)

    def step(self) -> Frame | None:
        """Return the next frame of the show; None when it is over.

        Raises:
            NetworkFailedError: No model is left whose network does not fail.
        """
        self._take_opened()
        # The sum of many small shares may lie just below 1.
        self.share = share if (share := self.share + self._share_step) < 1 - 1e-6 else 1.0
        self._follow_leading()
        made: dict[PlayedModel, Frame | None] = {}
        for each in tuple(self._seen()):
            try:
                made[each] = each.frame(self._index)
            except NetworkFailedError as error:
                self._leave_out(each, error)
        self._follow_leading()
        if self._leading not in made:
            # All that were seen have failed.
            return self.step()
        frame = made[self._leading]
        self._gaps.step_ended()
        if frame is None:
            return None
        frame = self._mixed(frame)
        self._cuts = False
        self._shown = frame.pixels
        self._index += 1
        return frame

    def _seen(self) -> Iterator[PlayedModel]:
        if self._before and self.share < 1 and self._still is None:
            yield self._before
        if self.share > 0:
            yield self._chosen

    def _mixed(self, frame: Frame) -> Frame:
        """Return the frame of the leading model with what else is seen: the very same one if nothing is."""
        if self.share in (0, 1):
            return replace(frame, cut=True) if self._cuts else frame
        import cv2

        assert self._before is not None
        under = self._before.newest if self._still is None else self._still
        pixels = cv2.addWeighted(self._chosen.newest, self.share, under, 1 - self.share, 0)
        # A cut in one of the two is none in the mixture.
        return replace(frame, pixels=np.asarray(pixels, np.uint8), cut=False)

    def _dissolve(self, chosen: PlayedModel, frames: float) -> None:
        if chosen is self._before and self._still is None:
            # Back to where the dissolve came from.
            self._before, self._chosen, self.share = self._chosen, chosen, 1 - self.share
        elif chosen is not self._chosen:
            if self.share == 0 and self._still is None:
                # Nothing of the one that was chosen before has been seen: what is under it stays.
                self._chosen = chosen
            else:
                # In the midst of a dissolve the new one begins over what is shown now: never do three compute.
                if self.share != 0:
                    self._still = None if self.share == 1 else self._shown
                self._before, self._chosen, self.share = self.leading, chosen, 0.0
        self._share_step = 1 / (round(frames) + 1)
        self._cuts = self._share_step == 1 and self.share < 1

    def _follow_leading(self) -> None:
        """Hand the rest of the show's time on when another model leads."""
        leading = self.leading
        if leading is not self._leading:
            leading.timeline.seconds_left = self._leading.timeline.seconds_left
            self._leading = leading
            self.changed()

    def _take_opened(self) -> None:
        """Take in the model that is being opened as soon as it is ready, and open the next one."""
        if not self._loads:
            return
        number, load = next(iter(self._loads.items()))
        load.start()
        opened = load.take()
        if opened:
            opened.timeline.guard(self.leading.timeline.guarded)
            if self._seed is not None:
                opened.timeline.renew(self._seed)
            self._opened[number] = opened
            self.changed()
        if opened or load.failure:
            del self._loads[number]
            if self._wanted and self._wanted[0] == number:
                self.choose(*self._wanted)

    def _leave_out(self, failed: PlayedModel, error: NetworkFailedError) -> None:
        """Go on without a model that cannot be played any more.

        Raises:
            NetworkFailedError: It was the only one.
        """
        del self._opened[failed.number]
        if not self._opened:
            raise error
        if failed is self._chosen:
            self._chosen = self._before or self.opened[0]
        self._before, self._still, self.share, self._share_step = None, None, 1.0, 0.0
        self._cuts = True
        warn(f"model {self._name(failed.number)} is left out ({error}); model {self._name(self.number)} goes on")

    def _name(self, number: int) -> str:
        return f"{number} {self._names[number - 1]}"
