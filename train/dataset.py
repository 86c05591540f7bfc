"""What the networks see of a film: windows of K context frames and the frame that follows."""

from __future__ import annotations

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from train.errors import FilmError
from train.film import Film
from train.story import Story

GRID = (9, 16)  # cells down and across by which two moments are compared


class FilmWindows:
    """Windows of K + 1 film frames, `stride` apart, none of which straddles a cut.

    A window is named by the film index of its newest frame, its target.
    """

    def __init__(self, film: Film, story: Story, *, context_frames: int, stride: int, scale: int = 1) -> None:
        """`scale` is that of the generator: windows are seen at 1/scale of the film's size.

        Raises:
            FilmError: no shot is long enough for a single window.
        """
        self.frames = film.frames
        self.context_frames = context_frames
        self.stride = stride
        width, height = film.size
        self.small_size = (width // scale, height // scale)
        reach = context_frames * stride
        shots = [np.arange(shot.start + reach, shot.stop) for shot in story.shots]
        shots = [targets for targets in shots if len(targets)]
        if not shots:
            longest = max(len(shot) for shot in story.shots)
            remedy = "a smaller --stride" if stride > 1 else "a longer film, or a recipe with a smaller context"
            raise FilmError(
                f"no shot is long enough: the longest has {longest} frames, and a window of {context_frames} "
                f"context frames at stride {stride} takes {reach + 1}; give {remedy}"
            )
        self.targets = np.concatenate(shots)
        # The film as a circle: after each target comes the next of its shot, after a shot the next, then the first.
        self._next = np.full(len(film.frames), -1)
        self._cut = np.ones(len(film.frames), bool)
        for shot, following in zip(shots, shots[1:] + shots[:1], strict=True):
            self._next[shot] = np.where(shot + stride <= shot[-1], shot + stride, following[0])
            self._cut[shot] = shot + stride > shot[-1]
        self._moments: Tensor | None = None

    @property
    def last(self) -> int:
        """Film index of the last frame that a context leads up to: the seed."""
        return int(self.targets[-1])

    def draw(self, count: int, rng: torch.Generator) -> Tensor:
        """Film indices [count] of targets, even over the story."""
        return torch.from_numpy(self.targets)[torch.randint(len(self.targets), (count,), generator=rng)]

    def follow(self, targets: Tensor) -> tuple[Tensor, Tensor]:
        """The targets one step later on the circle, int64 [n] (−1 stays −1), and whether that is over a cut, [n]."""
        nexts = np.where(targets.numpy() < 0, -1, self._next[targets.numpy()])
        return torch.from_numpy(nexts), torch.from_numpy(self._cut[targets.numpy()])

    def windows(self, targets: Tensor) -> Tensor:
        """uint8 RGB [n, 3(K+1), h, w], oldest frame first, for film indices [n]."""
        offsets = np.arange(-self.context_frames, 1) * self.stride
        clips = [[self._small(i) for i in clip] for clip in targets.numpy()[:, None] + offsets]  # [n, K+1, h, w, 3]
        return torch.from_numpy(np.array(clips)).permute(0, 1, 4, 2, 3).flatten(1, 2)

    def pictures(self, targets: Tensor) -> Tensor:
        """uint8 RGB [n, 3, H, W]: the targets themselves at the film's size."""
        return torch.from_numpy(self.frames[targets.numpy()]).permute(0, 3, 1, 2)

    def _small(self, index: int) -> np.ndarray:
        return cv2.resize(self.frames[index], self.small_size, interpolation=cv2.INTER_AREA)

    # Which moment of the film is most like a state?

    def most_like(self, contexts: Tensor) -> Tensor:
        """The targets int64 [n] whose contexts are nearest to those given, uint8 [n, 3K, h, w]: in place and motion."""
        if self._moments is None:  # only some recipes ask
            every = torch.from_numpy(self.targets)
            self._moments = torch.cat([moment(self.windows(part)[:, :-3]) for part in every.split(64)])
        return torch.from_numpy(self.targets)[torch.cdist(moment(contexts), self._moments).argmin(1)]


def moment(contexts: Tensor) -> Tensor:
    """Where things are and where they go, coarsely: float [n, d] of contexts uint8 [n, 3K, h, w]."""
    newest = F.adaptive_avg_pool2d(contexts[:, -3:].float(), GRID).flatten(1)
    if contexts.shape[1] == 3:
        return newest
    before = F.adaptive_avg_pool2d(contexts[:, -6:-3].float(), GRID).flatten(1)
    return torch.cat([newest, 2 * (newest - before)], 1)  # motion is small, but says which way
