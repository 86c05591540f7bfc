"""What the networks see of a film: windows of K context frames and the frame that follows."""

from __future__ import annotations

from functools import cached_property

import cv2
import numpy as np
import torch
from torch import Tensor

from train.errors import FilmError
from train.film import Film
from train.measure import motion
from train.memory import FilmMemory, bands, describe
from train.step import from_bytes
from train.story import Story
from train.thumbnails import thumbnail

MOST_MOMENTS = 4096  # of a film that are known by heart; a feature film's are spread evenly
MOVES = 0.5  # of the film's median motion: what moves less is passed over on the circle
SECONDS_APART = 2.0  # within which moments are the same one, and the film may stand still


class FilmWindows:
    """Moments of a film, each with the K frames that lead up to it and the frames that may come next.

    A moment is named by the film index of the newest of these frames, which are `stride` apart and of one shot.
    """

    def __init__(
        self, film: Film, story: Story, *, context_frames: int, stride: int, scale: int = 1, cell: int = 4
    ) -> None:
        """`scale` is that of the generator: contexts are seen at 1/scale of the film's size; moments in cells of those.

        Raises:
            FilmError: no shot is long enough for a context and the frame after it.
        """
        self.frames = film.frames
        self.context_frames = context_frames
        self.stride = stride
        self.rate = float(film.frame_rate)
        width, height = film.size
        self.small_size = (width // scale, height // scale)
        self.cells = (height // scale // cell, width // scale // cell)  # rows, columns
        reach = (context_frames - 1) * stride
        shots = [np.arange(shot.start + reach, shot.stop) for shot in story.shots if len(shot) > reach + stride]
        if not shots:
            longest = max(len(shot) for shot in story.shots)
            remedy = "a smaller --stride" if stride > 1 else "a longer film, or a recipe with a smaller context"
            raise FilmError(
                f"no shot is long enough: the longest has {longest} frames, and a window of {context_frames} "
                f"context frames at stride {stride} takes {reach + stride + 1}; give {remedy}"
            )
        self.shots = shots  # the moments of each
        self.moments = np.concatenate(shots)

    @property
    def last(self) -> int:
        """Film index of the last frame that a context leads up to: the seed."""
        return int(self.moments[-1])

    # Pictures.

    def contexts(self, moments: Tensor) -> Tensor:
        """uint8 RGB [n, 3K, h, w], oldest frame first, for moments [n]."""
        offsets = np.arange(1 - self.context_frames, 1) * self.stride
        return self.small(torch.from_numpy(moments.numpy()[:, None] + offsets)).flatten(1, 2)

    def small(self, indices: Tensor) -> Tensor:
        """uint8 RGB [..., 3, h, w]: film frames as the recurrence sees them."""
        flat = [cv2.resize(self.frames[i], self.small_size, interpolation=cv2.INTER_AREA) for i in indices.flatten()]
        return torch.from_numpy(np.array(flat)).permute(0, 3, 1, 2).unflatten(0, indices.shape)

    def composed(self, indices: Tensor) -> Tensor:
        """uint8 RGB [n, 3, h, w]: film frames [n, BANDS], of each its band."""
        parts = bands(self.small_size[0])[:, None, None]
        return (self.small(indices) * parts).sum(1).round().to(torch.uint8)

    def pictures(self, indices: Tensor) -> Tensor:
        """uint8 RGB [n, 3, H, W]: film frames at the film's size."""
        return torch.from_numpy(self.frames[indices.numpy()]).permute(0, 3, 1, 2)

    # What comes next?

    def draw(self, count: int, rng: torch.Generator, *, circle: bool) -> Tensor:
        """Moments int64 [count], even over the story; without the circle only those with a next frame in their shot."""
        among = self.moments if circle else self._inner
        return torch.from_numpy(among)[torch.randint(len(among), (count,), generator=rng)]

    def straight(self, moments: Tensor) -> Tensor:
        """The frames one step later in the same shot, int64 [n]; −1 where it is over, or the moment itself is −1."""
        return torch.where(moments < 0, -1, torch.from_numpy(self._straight)[moments])

    def onward(self, moments: Tensor) -> Tensor:
        """The frames next on the circle, int64 [...].

        The film as a circle: after a shot comes the next, after the last the first; and where the film stands still,
        time runs until it has moved.
        """
        return torch.from_numpy(self._onward)[moments]

    def turned(self, moments: Tensor) -> Tensor:
        """The frames that come next at the moment most like each of these elsewhere in the film, int64 [...]."""
        return self.onward(torch.from_numpy(self._like)[moments])

    def most_like(self, contexts: Tensor) -> Tensor:
        """The moments int64 [n] whose contexts are nearest to those given, uint8 [n, 3K, h, w]: in place and motion."""
        return torch.from_numpy(self._known)[self.memory.most_like(from_bytes(contexts))]

    def bands_like(self, contexts: Tensor) -> Tensor:
        """The moments int64 [n, BANDS] that each band of these is most like."""
        return torch.from_numpy(self._known)[self.memory.look_up(from_bytes(contexts))]

    @cached_property
    def memory(self) -> FilmMemory:
        """The film's course, for a generator to know by heart."""
        known = torch.from_numpy(self._known)
        onward, turned = self.onward(known), self.turned(known)
        before = known - self.stride if self.context_frames > 1 else known[:0]
        frames, places = torch.cat([known, before, onward, turned]).unique(return_inverse=True)
        newest, before, onward, turned = places.split([len(known), len(before), len(known), len(known)])
        return FilmMemory(
            self.cells,
            pictures=self._coarse(frames),
            newest=newest,
            before=before,
            following=onward,
            turned=turned,
        )

    @cached_property
    def _straight(self) -> np.ndarray:
        nexts = np.full(len(self.frames), -1)
        for shot in self.shots:
            nexts[shot] = np.where(shot + self.stride <= shot[-1], shot + self.stride, -1)
        return nexts

    @cached_property
    def _inner(self) -> np.ndarray:
        return self.moments[self._straight[self.moments] >= 0]

    @cached_property
    def _onward(self) -> np.ndarray:
        nexts = self._straight.copy()
        inner = self._inner
        enough = MOVES * float(
            np.median([self._change(i, nexts[i]) for i in inner[:: -(-len(inner) // 1000)].tolist()])
        )
        patience = max(1, int(SECONDS_APART * self.rate / self.stride))
        for shot, following in zip(self.shots, self.shots[1:] + self.shots[:1], strict=True):
            for i in shot.tolist():
                later = range(i + self.stride, shot[-1] + 1, self.stride)[:patience]
                rest = later[-1] if len(later) == patience else following[0]
                nexts[i] = next((j for j in later if self._change(i, j) >= enough), rest)
        return nexts

    @cached_property
    def _known(self) -> np.ndarray:
        """Moments that can be looked up."""
        return self.moments[:: -(-len(self.moments) // MOST_MOMENTS)]

    @cached_property
    def _like(self) -> np.ndarray:
        known = torch.from_numpy(self._known)
        before = self._coarse(known - self.stride).float() if self.context_frames > 1 else None
        described = describe(self._coarse(known).float(), before)
        like = np.zeros(len(known), int)
        apart = min(SECONDS_APART * self.rate, len(known) / 4)
        for part in np.split(np.arange(len(known)), range(256, len(known), 256)):
            far = torch.cdist(described[part], described)
            far[(known[part][:, None] - known).abs() <= apart] = float("inf")
            like[part] = self._known[far.argmin(1)]
        every = np.zeros(len(self.frames), int)
        every[self.moments] = like[np.searchsorted(self._known, self.moments, side="right") - 1]
        return every

    def _coarse(self, indices: Tensor) -> Tensor:
        """uint8 [n, 3 · rows · columns]: film frames as they are known by heart."""
        size = self.cells[::-1]
        coarse = [cv2.resize(self.frames[i], size, interpolation=cv2.INTER_AREA) for i in indices.tolist()]
        return torch.from_numpy(np.array(coarse)).permute(0, 3, 1, 2).flatten(1)

    @cached_property
    def _thumbnails(self) -> dict[int, np.ndarray]:
        return {int(i): thumbnail(self.frames[i]) for i in self.moments}

    def _change(self, one: int, other: int) -> float:
        return motion(self._thumbnails[one], self._thumbnails[other])
