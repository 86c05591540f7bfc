"""What the networks see of a film: windows of K context frames and the frame that follows."""

from __future__ import annotations

from functools import cached_property, lru_cache

import cv2
import numpy as np
import torch
from torch import Tensor

from train.data.film import Film
from train.data.shots import Story
from train.errors import FilmError
from train.images.frame_figures import LEAST_MOTION, motion
from train.images.pixels import from_bytes
from train.images.thumbnails import thumbnail
from train.models.film_memory import FilmMemory, bands, describe

MOST_MOMENTS = 8192  # of a film that are seen; of a longer one, pieces at even distances
PIECE_SECONDS = 8.0
MOVES = 0.5  # of the film's median motion: what moves less is passed over on the circle
SECONDS_APART = 2.0  # within which moments are the same one
KEPT_BYTES = 2**28  # of small frames that are kept in memory: seen again at every step, they need not be made again


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
        self.frame_rate = float(film.frame_rate)
        width, height = film.size
        self.small_size = (width // scale, height // scale)
        self.cells = (height // scale // cell, width // scale // cell)  # rows, columns
        self._small = lru_cache(KEPT_BYTES // (3 * width * height // scale**2))(self._reduced)
        reach = (context_frames - 1) * stride
        shots = [np.arange(shot.start + reach, shot.stop) for shot in story.shots if len(shot) > reach + stride]
        if not shots:
            longest = max(len(shot) for shot in story.shots)
            remedy = "a smaller --stride" if stride > 1 else "a longer film, or a recipe with a smaller context"
            raise FilmError(
                f"no shot is long enough: the longest has {longest} frames, and a window of {context_frames} "
                f"context frames at stride {stride} takes {reach + stride + 1}; give {remedy}"
            )
        self.shots = _spread(shots, MOST_MOMENTS, round(PIECE_SECONDS * self.frame_rate))  # the moments of each
        self.moments = np.concatenate(self.shots)

    @property
    def last(self) -> int:
        """Film index of the last frame that a context leads up to: the seed."""
        return int(self.moments[-1])

    # Pictures.

    def contexts(self, moments: Tensor, views: Tensor | None = None) -> Tensor:
        """uint8 RGB [n, 3K, h, w], oldest frame first, for moments [n]."""
        offsets = torch.arange(1 - self.context_frames, 1) * self.stride
        if views is not None:
            views = views[:, None].expand(-1, self.context_frames, -1)
        return self.small(moments[:, None] + offsets, views).flatten(1, 2)

    def small(self, indices: Tensor, views: Tensor | None = None) -> Tensor:
        """uint8 RGB [..., 3, h, w]: film frames as the recurrence sees them.

        `views` float [..., 4] say which part of each: left, top and size as shares of the frame; and 1 if mirrored.
        """
        wanted = indices.flatten().tolist()
        if views is None:
            flat = [self._small(i) for i in wanted]
        else:
            flat = [self._seen(i, *view) for i, view in zip(wanted, views.flatten(0, -2).tolist(), strict=True)]
        return torch.from_numpy(np.array(flat)).permute(0, 3, 1, 2).unflatten(0, indices.shape)

    def _seen(self, index: int, left: float, top: float, size: float, mirrored: float) -> np.ndarray:
        height, width = self.frames.shape[1:3]
        x, y = round(left * width), round(top * height)
        part = self.frames[index, y : y + round(size * height), x : x + round(size * width)]
        small = self._small(index) if size == 1 else self._shrunk(part)
        return small[:, ::-1] if mirrored else small

    def _reduced(self, index: int) -> np.ndarray:
        return self._shrunk(self.frames[index])

    def _shrunk(self, picture: np.ndarray) -> np.ndarray:
        return cv2.resize(picture, self.small_size, interpolation=cv2.INTER_AREA)

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
        return self.onward(torch.from_numpy(self._like)[0, moments])

    def inside(self, moments: Tensor) -> Tensor:
        """The frames next on the circle, or where these are of another shot, after a turn inside of it, int64 [...]."""
        onward = self.onward(moments)
        return torch.where(self.scene(onward) == self.scene(moments), onward, self.turned_inside(moments))

    def turned_inside(self, moments: Tensor) -> Tensor:
        """The frames that come next at the moment most like each of these elsewhere in its shot, int64 [...]."""
        return self.onward(torch.from_numpy(self._like)[1, moments])

    def scene(self, indices: Tensor) -> Tensor:
        """Number of the shot that frames are of, int64 [...]."""
        begins = torch.tensor([shot[0] for shot in self.shots])
        return torch.searchsorted(begins, indices, right=True) - 1

    def most_like(self, contexts: Tensor) -> Tensor:
        """The moments int64 [n] whose contexts are nearest to those given, uint8 [n, 3K, h, w]: in place and motion."""
        return torch.from_numpy(self.moments)[self.memory.most_like(from_bytes(contexts))]

    @cached_property
    def memory(self) -> FilmMemory:
        """The film's course, for a generator to know by heart."""
        moments = torch.from_numpy(self.moments)
        before = moments - self.stride if self.context_frames > 1 else moments[:0]
        nexts = [each(moments) for each in (self.onward, self.turned, self.inside, self.turned_inside)]
        newest, before, *following = (torch.searchsorted(self.remembered, each) for each in (moments, before, *nexts))
        return FilmMemory(
            self.cells,
            pictures=self._coarse(self.remembered),
            scene=self.scene(self.remembered),
            newest=newest,
            before=before,
            following=torch.stack(following),
        )

    @cached_property
    def remembered(self) -> Tensor:
        """The film frames, int64 [n], that the memory holds."""
        moments = torch.from_numpy(self.moments)
        return torch.cat([moments, moments - self.stride]).unique() if self.context_frames > 1 else moments

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
        thumbs = {int(i): thumbnail(self.frames[i]) for i in self.moments}
        nexts = self._straight.copy()
        some = self._inner[:: -(-len(self._inner) // 1000)]
        changes = [motion(thumbs[i], thumbs[j]) for i, j in zip(some.tolist(), nexts[some].tolist(), strict=True)]
        moving = [change for change in changes if change > LEAST_MOTION]
        enough = MOVES * float(np.median(moving)) if moving else LEAST_MOTION
        for shot, following in zip(self.shots, self.shots[1:] + self.shots[:1], strict=True):
            for i in reversed(shot.tolist()):
                j = i + self.stride
                while i < j <= shot[-1] and motion(thumbs[i], thumbs[j]) < enough:
                    j = nexts[j].item()  # what the next passes over, this one passes over too
                nexts[i] = j if i < j <= shot[-1] else following[0]
        return nexts

    @cached_property
    def _like(self) -> np.ndarray:
        """For every film frame that is a moment, that most like it elsewhere, and elsewhere in its shot: [2, T]."""
        moments = torch.from_numpy(self.moments)
        before = self._coarse(moments - self.stride).float() if self.context_frames > 1 else None
        described = describe(self._coarse(moments).float(), before)
        scenes = self.scene(moments)
        last = self.scene(self.onward(moments)) != scenes  # nothing of its shot follows
        like = np.zeros((2, len(self.frames)), int)
        sizes = torch.bincount(scenes)[scenes]
        apart = max(SECONDS_APART * self.frame_rate, self.stride)
        for part in torch.arange(len(moments)).split(256):
            far = torch.cdist(described[part], described)
            away = (moments[part][:, None] - moments).abs()
            elsewhere = away > min(apart, len(moments) / 4)
            inside = (scenes[part][:, None] == scenes) & ~last & (away > sizes[part][:, None].clamp(max=4 * apart) / 4)
            for row, reached in enumerate((elsewhere, inside)):
                found = torch.where(reached, far, float("inf")).argmin(1)
                like[row, moments[part]] = moments[torch.where(reached.any(1), found, part)]
        return like

    def _coarse(self, indices: Tensor) -> Tensor:
        """uint8 [n, 3 · rows · columns]: film frames as they are known by heart."""
        size = self.cells[::-1]
        coarse = [cv2.resize(self.frames[i], size, interpolation=cv2.INTER_AREA) for i in indices.tolist()]
        return torch.from_numpy(np.array(coarse)).permute(0, 3, 1, 2).flatten(1)


def _spread(shots: list[np.ndarray], most: int, length: int) -> list[np.ndarray]:
    """Shots in pieces of `length` frames, so many of them, at even distances, that there are about `most` moments."""
    every = -(-sum(len(shot) for shot in shots) // most)
    if every == 1:
        return shots
    pieces = [piece for shot in shots for piece in np.split(shot, range(len(shot) % length, len(shot), length))]
    return [piece for piece in pieces[::-1][::every][::-1] if len(piece)]
