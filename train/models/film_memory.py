"""The memory of a film's course, which a generator carries: coarse pictures, and which of them may follow which.

For a state of the show the memory finds the most similar film frame, by place and motion, as video textures find their
transitions (Schödl et al. 2000). What followed there guides the painting of the next frame. Where parts of the picture
had times of their own, things were cut in two (`docs/continuation.md`). So time only leans: from one column to the next
it differs by a film frame at most. States are looked up as they lean.

The memory has two index spaces. A memory index, 0…m−1, names a film frame that a state can be compared with. A picture
index, 0…n−1, names one of the coarse pictures, of which there are a few more. `train.data.film_course` makes memories
and translates both into film indices.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from train.images.pixels import from_bytes

MOTION = 2.0  # weight of motion over place: differences between frames are small, but tell the direction
STILL = 0.05  # of the median change between successive film frames: a state that changes less stands still
NO_SHOT = -1  # of `enter`: the state goes on in its shot
# Rows of `following`: on the film's course, which is a circle; after a turn inside of the shot; and farther on the
# course, for a state that stands still.
ONWARD, TURNED, SKIPPED = range(3)


class Keys(NamedTuple):
    """Descriptors of m film frames, by columns of cells.

    They are kept as the n pictures that they are made of. A state that is compared with pictures and not with
    descriptors reads half as much memory, and that takes nearly all of the time.
    """

    pictures: Tensor  # float −1…1 [columns, n, 3 · rows]
    newest: Tensor  # int64 [m], picture of each film frame
    before: Tensor  # int64 [m], picture of the frame one step before it
    squares: Tensor  # float [columns, m, rows], means of the squares in each cell

    @classmethod
    def of(cls, pictures: Tensor, newest: Tensor, before: Tensor, cells: tuple[int, int]) -> Keys:
        """Return pictures [n, 3 · rows · columns] in this form; `cells` are (rows, columns)."""
        described = _columns(describe(pictures[newest], pictures[before]), cells)
        return cls(_columns(pictures, cells).flatten(2), newest, before, described.square().mean(2))

    def distances(self, descriptors: Tensor, weights: Tensor) -> Tensor:
        """Return the parts that columns have in the mean squared distances to all keys: [columns, B, m].

        Their sums are less by a constant for each descriptor.

        Args:
            descriptors: [B, d · columns] float.
            weights: [B, rows, columns] float 0…1, how much each cell counts.
        """
        cells = (int(weights.shape[1]), int(weights.shape[2]))
        with torch.autocast(descriptors.device.type, enabled=False):  # half precision cannot tell film frames apart
            by_column = weights.permute(2, 0, 1)
            squares = by_column @ self.squares.transpose(1, 2) / (cells[0] * cells[1])
            place, motion = (by_column[:, :, None] * _columns(descriptors.float(), cells)).flatten(2).chunk(2, 2)
            # In a descriptor, motion is the difference of two pictures.
            to_both = torch.cat([place + MOTION * motion, -MOTION * motion], 1)
            to_newest, to_before = (to_both @ self.pictures.transpose(1, 2)).chunk(2, 1)
            each = cells[1], int(descriptors.shape[0]), int(self.newest.shape[0])
            product = to_newest.gather(2, self.newest.expand(each)) + to_before.gather(2, self.before.expand(each))
            distances: Tensor = squares - 2 / descriptors.shape[1] * product
            return distances


def _columns(descriptors: Tensor, cells: tuple[int, int]) -> Tensor:
    """Return descriptors [n, planes · rows · columns] by columns: [columns, n, planes, rows]."""
    planes: Tensor = descriptors.unflatten(1, (-1, *cells))
    return planes.permute(3, 0, 1, 2)


class FilmMemory(nn.Module):
    """Coarse pictures of a film, and for each film frame the pictures that may follow.

    It is part of the exported graph, so the show finds what the training found.
    """

    reduced: Tensor  # uint8 RGB [n, 3 · rows · columns], the same in cells: to find states, a graph needs no more
    luma: Tensor  # uint8 [n, rows · columns of the guide]
    chroma: Tensor  # uint8 [n, 2 · rows · columns], red and blue, 128 for none: at half the size, as in video
    shot: Tensor  # int64 [n], number of the shot of each picture
    newest: Tensor  # int64 [m], picture of each film frame itself
    before: Tensor  # int64 [m], picture of the frame one step before it
    following: Tensor  # int64 [3, m], pictures that may follow: ONWARD, TURNED, SKIPPED
    near: Tensor  # bool [m], True if a turn goes hardly farther than a step
    entries: Tensor  # int64 [shots], picture with which each shot begins
    evenness: Tensor  # float [], of `train.models.guide`
    reach: Tensor  # float [n], pictures from each to the nearer end of its shot

    def __init__(
        self,
        cells: tuple[int, int],
        *,
        reduced: Tensor,
        luma: Tensor,
        chroma: Tensor,
        shot: Tensor,
        newest: Tensor,
        before: Tensor,
        following: Tensor,
        near: Tensor,
        entries: Tensor,
        evenness: Tensor,
    ) -> None:
        """Make a memory of these tensors, which are described above; `cells` are (rows, columns) of a descriptor."""
        super().__init__()
        self.cells = cells
        self.per_cell = math.isqrt(luma.shape[1] // (cells[0] * cells[1]))
        self.pictures_per_step = int(newest[0] - before[0])
        self._cached_keys: Keys | None = None
        tensors = {
            "reduced": reduced,
            "luma": luma,
            "chroma": chroma,
            "shot": shot,
            "newest": newest,
            "before": before,
            "following": following,
            "near": near,
            "entries": entries,
            "evenness": evenness,
        }
        for name, tensor in tensors.items():
            self.register_buffer(name, tensor)
        last = torch.zeros_like(entries).scatter_reduce(0, shot[newest], newest, "amax")
        places = torch.arange(len(shot), device=shot.device)
        reach = torch.minimum(places - entries[shot], last[shot] - places).clamp(min=0)
        self.register_buffer("reach", reach.float(), persistent=False)
        changes = (self._cells(following[ONWARD]) - self._cells(newest)).abs().mean(1)
        self._still = STILL * float(changes.median())

    def forward(self, contexts: Tensor, turn: Tensor, enter: Tensor, lean: Tensor) -> tuple[Tensor, Tensor]:
        """Return what each state is most like, and what follows.

        Args:
            contexts: the states, [B, 3K, h, w] float −1…1.
            turn: [B] float, 1 where a state takes a turn if there is a near one, else 0.
            enter: int64 [B], the shot that a state leaves its own for, or NO_SHOT.
            lean: that of `look_up`.

        Returns:
            memory indices, int64 [B], and picture indices of what follows, int64 [B].
        """
        memory_indices = self.look_up(contexts, None, lean)
        return memory_indices, self.follow(memory_indices, contexts, turn, enter)

    def look_up(self, contexts: Tensor, weights: Tensor | None = None, lean: Tensor | None = None) -> Tensor:
        """Return the memory indices, int64 [B], of the film frames that states are most like.

        Args:
            contexts: those of `forward`.
            weights: [B, 1, rows, columns] float 0…1, how much each cell counts; None: all count.
            lean: float [B], that of the guide with which the states were painted; None: they do not lean.
        """
        return self._distances(contexts, weights, lean).argmin(1)

    def follow(
        self, memory_indices: Tensor, contexts: Tensor, turn: Tensor, enter: Tensor, held: Tensor | None = None
    ) -> Tensor:
        """Return the picture indices, int64 [B], of what follows film frames `memory_indices` [B].

        A state at the end of its shot takes a turn, which may be a jump, unless it leaves the shot. One that stands
        still elsewhere goes farther on the course. `held`, [B] float 0…1, says how far time is held for a state; the
        other arguments are those of `forward`.
        """
        onward, turned, skipped = (self.following[row][memory_indices] for row in (ONWARD, TURNED, SKIPPED))
        turns = (turn > 0.5) & self.near[memory_indices]
        goes_on = torch.where(self.stands_still(contexts, held), skipped, onward)
        inside = torch.where(turns | self.at_end(memory_indices), turned, goes_on)
        return torch.where(enter >= 0, self.entries[torch.where(enter >= 0, enter, 0)], inside)

    def shot_of(self, memory_indices: Tensor) -> Tensor:
        """Return the number of the shot of film frames, int64 [...]."""
        shots: Tensor = self.shot[self.newest[memory_indices]]
        return shots

    def at_end(self, memory_indices: Tensor) -> Tensor:
        """Return which film frames are the last of their shot, bool [...]."""
        # Of a film of one shot, the next shot is the same one.
        # In floats: not every provider computes with integers, to which an exported `any` adds up.
        is_entry = self.following[ONWARD][memory_indices][..., None] == self.entries
        ends: Tensor = is_entry.float().amax(-1) > 0
        return ends

    def jumps(self, memory_indices: Tensor) -> Tensor:
        """Return at which film frames a state that stays in its shot has to jump: at an end without a near turn.

        bool [...]
        """
        jumps: Tensor = self.at_end(memory_indices) & ~self.near[memory_indices]
        return jumps

    def stands_still(self, contexts: Tensor, held: Tensor | None = None) -> Tensor:
        """Return which states [B, 3K, h, w] stand still: bool [B].

        The more time is held, `held` [B] 0…1, the less a state must move.
        """
        newest, before = self._reduced(contexts)
        change = (newest - before).abs().mean(1)
        return change < (self._still if held is None else self._still * (1 - held))

    def guide(self, next_pictures: Tensor, lean: Tensor | None = None) -> Tensor:
        """Return pictures [B] as guides, float −1…1 [B, 3, rows, columns] of the guide.

        Args:
            next_pictures: int64 [B], what is in the middle.
            lean: float [B], how many pictures the right edge is ahead of the left. It is less near the ends of a shot.
                None: not at all.
        """
        rows, columns = (self.per_cell * side for side in self.cells)
        luma = self._kept(self.luma, next_pictures, lean, columns).unflatten(1, (1, rows, columns))
        chroma = self._kept(self.chroma, next_pictures, lean, columns // 2).unflatten(1, (2, rows // 2, columns // 2))
        red, blue = F.interpolate(chroma - 128, scale_factor=2.0, mode="bilinear").split(1, 1)  # of ITU-R BT.601
        levels = torch.cat([luma + 1.403 * red, luma - 0.714 * red - 0.344 * blue, luma + 1.773 * blue], 1)
        return levels / 127.5 - 1

    def _kept(self, kept: Tensor, pictures: Tensor, lean: Tensor | None, columns: int) -> Tensor:
        """Return what is kept of pictures [B], in rows of so many columns: float [B, numbers of a picture]."""
        if lean is None:
            return kept[pictures].float()
        # In floats: not every provider computes with integers.
        moments = pictures.float()[:, None] + shifts(lean[:, None], self.reach[pictures][:, None], columns)
        return kept.gather(0, moments.long().repeat(1, int(kept.shape[1]) // columns)).float()

    def margin(self, contexts: Tensor, weights: Tensor | None = None) -> float:
        """Return by how much the film frames of `look_up` are nearer than the second nearest, at the least."""
        nearest = self._distances(contexts, weights).topk(min(2, len(self.newest)), dim=1, largest=False).values
        return float((nearest[:, -1] - nearest[:, 0]).min())

    def _distances(self, contexts: Tensor, weights: Tensor | None, lean: Tensor | None = None) -> Tensor:
        """Return the distance of each state to each film frame, [B, m]."""
        rows, columns = self.cells
        if weights is None:
            weights = torch.ones(len(contexts), 1, rows, columns, device=contexts.device)
        distances = self._keys(contexts.device).distances(describe(*self._reduced(contexts)), weights[:, 0])
        if lean is not None:
            reach = self.reach[self.newest]
            moved = shifts(lean[:, None, None], reach[None, :, None], columns).permute(2, 0, 1)
            count = torch.arange(int(self.newest.shape[0]), device=reach.device, dtype=torch.float32)
            distances = distances.gather(2, (count + moved).long())
        return distances.sum(0)

    def _reduced(self, contexts: Tensor) -> tuple[Tensor, Tensor]:
        """Return the newest frame of states and the one before it, in cells: float [B, 3 · rows · columns] each."""
        coarse = F.avg_pool2d(contexts[:, -6:].float(), int(contexts.shape[2]) // self.cells[0])
        return coarse[:, -3:].flatten(1), coarse[:, :3].flatten(1)

    def _keys(self, device: torch.device) -> Keys:
        """Return the keys that states are compared with, by place and motion."""
        cached, exporting = self._cached_keys, torch.onnx.is_in_onnx_export()
        if cached is not None and cached.pictures.device == device and not exporting:
            return cached
        keys = Keys.of(from_bytes(self.reduced), self.newest, self.before, self.cells)
        # A graph computes them from bytes when it is opened, and is smaller for it.
        if not exporting:
            self._cached_keys = keys
        return keys

    def _cells(self, picture_indices: Tensor) -> Tensor:
        """Return pictures [n] in cells, float −1…1 [n, 3 · rows · columns]."""
        return from_bytes(self.reduced[picture_indices])


def describe(newest: Tensor, before: Tensor) -> Tensor:
    """Return descriptors of place and motion, float [n, 2c], of flat coarse pictures [n, c] and those before them."""
    return torch.cat([newest, MOTION * (newest - before)], 1)


def shifts(lean: Tensor, reach: Tensor, columns: int) -> Tensor:
    """Return by how many pictures each column is ahead of the middle: float, whole numbers, [..., columns].

    Args:
        lean: [..., 1] float, by how many the right edge is ahead of the left.
        reach: [..., 1] float, pictures to the nearer end of the shot: no column shows another shot, and at its ends
            time is upright.
        columns: number of them.
    """
    places = (torch.arange(columns, device=lean.device, dtype=torch.float32) + 0.5) / columns - 0.5
    whole: Tensor = torch.round(torch.minimum(torch.maximum(lean, -reach), reach) * places)
    return whole
