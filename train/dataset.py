"""What the networks see of a film: windows of K context frames and the frame that follows."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from train.errors import FilmError
from train.film import Film
from train.story import Story


class FilmWindows:
    """Windows of K + 1 film frames, `stride` apart, none of which straddles a cut.

    A window is named by the film index of its newest frame, its target.
    """

    def __init__(self, film: Film, story: Story, *, context_frames: int, stride: int, ending: float = 0.0) -> None:
        """`ending` is the share of windows drawn from the last shot alone.

        Raises:
            FilmError: no shot is long enough for a single window.
        """
        self.frames = film.frames
        self.context_frames = context_frames
        self.stride = stride
        reach = context_frames * stride
        self.targets = np.concatenate([np.arange(shot.start + reach, shot.stop) for shot in story.shots])
        if not len(self.targets):
            longest = max(len(shot) for shot in story.shots)
            remedy = "a smaller --stride" if stride > 1 else "a longer film, or a smaller --context"
            raise FilmError(
                f"no shot is long enough: the longest has {longest} frames, and a window of {context_frames} "
                f"context frames at stride {stride} takes {reach + 1}; give {remedy}"
            )
        self._ending = self.targets[self.targets >= max(s.start for s in story.shots if s.start <= self.last)]
        self._ending_share = ending
        self._is_target = np.zeros(len(film.frames), bool)
        self._is_target[self.targets] = True

    @property
    def last(self) -> int:
        """Film index of the last frame that a context leads up to: the seed."""
        return int(self.targets[-1])

    def draw(self, count: int, rng: torch.Generator) -> Tensor:
        """Film indices [count] of targets, even over the story, or over the last shot for the share of the ending."""
        whole = torch.from_numpy(self.targets)[torch.randint(len(self.targets), (count,), generator=rng)]
        end = torch.from_numpy(self._ending)[torch.randint(len(self._ending), (count,), generator=rng)]
        return torch.where(torch.rand(count, generator=rng) < self._ending_share, end, whole)

    def follow(self, targets: Tensor) -> Tensor:
        """The targets one step later, [n]; −1 where the shot is over or there was none."""
        nexts = targets.numpy() + self.stride
        told = (targets.numpy() >= 0) & (nexts < len(self._is_target))
        told[told] = self._is_target[nexts[told]]
        return torch.from_numpy(np.where(told, nexts, -1))

    def windows(self, targets: Tensor) -> Tensor:
        """uint8 RGB [n, 3(K+1), H, W], oldest frame first, for film indices [n]."""
        offsets = np.arange(-self.context_frames, 1) * self.stride
        clips = self.frames[targets.numpy()[:, None] + offsets]  # [n, K+1, H, W, 3]
        return torch.from_numpy(clips).permute(0, 1, 4, 2, 3).flatten(1, 2)
