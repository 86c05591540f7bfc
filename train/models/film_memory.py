"""The memory of a film's course, which a generator carries: coarse pictures, and which of them may follow which.

For a state of the show the memory finds the most similar film frame, by place and motion, as video textures find their
transitions (Schödl et al. 2000). What followed there guides the painting of the next frame. The whole picture has one
time: where parts of it had times of their own, things were cut in two (`docs/continuation.md`).

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

from train.models.camera_guide import camera_guide

MOTION = 2.0  # weight of motion over place: differences between frames are small, but tell the direction
STILL = 0.05  # of the median change between successive film frames: a state that changes less stands still
OWN = 0.2  # weight that the state keeps in the look-up when a camera is followed as closely as possible
NO_SHOT = -1  # of `enter`: the state goes on in its shot
# Rows of `following`: on the film's course, which is a circle; after a turn inside of the shot; and farther on the
# course, for a state that stands still.
ONWARD, TURNED, SKIPPED = range(3)


class Keys(NamedTuple):
    """Descriptors of m film frames."""

    keys: Tensor  # float [m, d]
    squares: Tensor  # float [m], mean of the squares

    @classmethod
    def of(cls, keys: Tensor) -> Keys:
        """Return keys with their squares."""
        return cls(keys, keys.square().mean(1))

    def distances(self, descriptors: Tensor) -> Tensor:
        """Return mean squared distances of descriptors [B, d] to all keys, less a constant for each: [B, m]."""
        with torch.autocast(descriptors.device.type, enabled=False):  # half precision cannot tell film frames apart
            return self.squares - 2 / descriptors.shape[1] * descriptors.float() @ self.keys.T


class FilmMemory(nn.Module):
    """Coarse pictures of a film, and for each film frame the pictures that may follow.

    It is part of the exported graph, so the show finds what the training found.
    """

    pictures: Tensor  # uint8 [n, 3 · rows · columns of the guide] RGB
    shot: Tensor  # int64 [n], number of the shot of each picture
    newest: Tensor  # int64 [m], picture of each film frame itself
    before: Tensor  # int64 [m], picture of the frame one step before it
    following: Tensor  # int64 [3, m], pictures that may follow: ONWARD, TURNED, SKIPPED
    near: Tensor  # bool [m], True if a turn goes hardly farther than a step
    entries: Tensor  # int64 [shots], picture with which each shot begins

    def __init__(
        self,
        cells: tuple[int, int],
        *,
        pictures: Tensor,
        shot: Tensor,
        newest: Tensor,
        before: Tensor,
        following: Tensor,
        near: Tensor,
        entries: Tensor,
    ) -> None:
        """Make a memory of these tensors, which are described above; `cells` are (rows, columns) of a descriptor.

        Raises:
            ValueError: `following` has other rows, as that of an older training has.
        """
        super().__init__()
        if len(following) != 3:
            raise ValueError(f"`following` has {len(following)} rows instead of 3")
        self.cells = cells
        self.per_cell = math.isqrt(pictures.shape[1] // (3 * cells[0] * cells[1]))
        self._cached_keys: tuple[Keys, Keys] | None = None
        tensors = {
            "pictures": pictures,
            "shot": shot,
            "newest": newest,
            "before": before,
            "following": following,
            "near": near,
            "entries": entries,
        }
        for name, tensor in tensors.items():
            self.register_buffer(name, tensor)
        changes = (self._cells(following[ONWARD]) - self._cells(newest)).abs().mean(1)
        self._still = STILL * float(changes.median())

    def forward(
        self,
        contexts: Tensor,
        turn: Tensor,
        enter: Tensor,
        camera: Tensor | None = None,
        call: Tensor | None = None,
        mix: Tensor | None = None,
    ) -> tuple[Tensor, Tensor]:
        """Return what each state is most like, and what follows.

        Args:
            contexts: the states, [B, 3K, h, w] float −1…1.
            turn: [B] float, 1 where a state takes a turn if there is a near one, else 0.
            enter: int64 [B], the shot that a state leaves its own for, or NO_SHOT.
            camera: [B, 1, rows, columns] float −1…1, of `train.models.camera_guide`; None: there is no camera.
            call: [B] float 0…1, how far the camera chooses the film frame instead of the state.
            mix: [B] float 0…1, how closely the camera is followed.

        Returns:
            memory indices, int64 [B], and picture indices of what follows, int64 [B].
        """
        memory_indices = self.look_up(contexts, camera, call)
        return memory_indices, self.follow(memory_indices, contexts, turn, enter, mix)

    def look_up(self, contexts: Tensor, camera: Tensor | None = None, call: Tensor | None = None) -> Tensor:
        """Return the memory indices, int64 [B], of the film frames that states are most like.

        With a camera, what follows should look like the camera picture, as far as `call` says. Arguments are those of
        `forward`.
        """
        return self._distances(contexts, camera, call).argmin(1)

    def follow(
        self, memory_indices: Tensor, contexts: Tensor, turn: Tensor, enter: Tensor, mix: Tensor | None = None
    ) -> Tensor:
        """Return the picture indices, int64 [B], of what follows film frames `memory_indices` [B].

        A state at the end of its shot takes a turn, which may be a jump, unless it leaves the shot. One that stands
        still elsewhere goes farther on the course. The other arguments are those of `forward`.
        """
        onward, turned, skipped = (self.following[row][memory_indices] for row in (ONWARD, TURNED, SKIPPED))
        turns = (turn > 0.5) & self.near[memory_indices]
        goes_on = torch.where(self.stands_still(contexts, mix), skipped, onward)
        inside = torch.where(turns | self.at_end(memory_indices), turned, goes_on)
        return torch.where(enter >= 0, self.entries[enter.clamp(min=0)], inside)

    def shot_of(self, memory_indices: Tensor) -> Tensor:
        """Return the number of the shot of film frames, int64 [...]."""
        shots: Tensor = self.shot[self.newest[memory_indices]]
        return shots

    def at_end(self, memory_indices: Tensor) -> Tensor:
        """Return which film frames are the last of their shot, bool [...]."""
        # Of a film of one shot, the next shot is the same one.
        ends: Tensor = (self.following[ONWARD][memory_indices][..., None] == self.entries).any(-1)
        return ends

    def jumps(self, memory_indices: Tensor) -> Tensor:
        """Return at which film frames a state that stays in its shot has to jump: at an end without a near turn.

        bool [...]
        """
        jumps: Tensor = self.at_end(memory_indices) & ~self.near[memory_indices]
        return jumps

    def stands_still(self, contexts: Tensor, mix: Tensor | None = None) -> Tensor:
        """Return which states [B, 3K, h, w] stand still: bool [B].

        The more closely a camera is followed, `mix` [B] 0…1, the less a state must move.
        """
        newest, before = self._reduced(contexts)
        change = (newest - before).abs().mean(1)
        return change < (self._still if mix is None else self._still * (1 - mix))

    def guide(self, next_pictures: Tensor) -> Tensor:
        """Return pictures [B] as guides, float −1…1 [B, 3, rows, columns] of the guide."""
        rows, columns = self.cells
        levels = self.pictures[next_pictures].float() / 127.5 - 1
        guides: Tensor = levels.unflatten(1, (3, self.per_cell * rows, self.per_cell * columns))
        return guides

    def margin(self, contexts: Tensor, camera: Tensor | None = None, call: Tensor | None = None) -> float:
        """Return by how much the film frames of `look_up` are nearer than the second nearest, at the least."""
        nearest = self._distances(contexts, camera, call).topk(min(2, len(self.newest)), dim=1, largest=False).values
        return float((nearest[:, -1] - nearest[:, 0]).min())

    def _distances(self, contexts: Tensor, camera: Tensor | None, call: Tensor | None) -> Tensor:
        """Return the distance of each state to each film frame, [B, m]."""
        state_keys, camera_keys = self._keys(contexts.device)
        distances = state_keys.distances(describe(*self._reduced(contexts)))
        if camera is not None and call is not None:
            call = call[:, None]
            distances = (1 - (1 - OWN) * call) * distances + call * camera_keys.distances(camera.flatten(1))
        return distances

    def _reduced(self, contexts: Tensor) -> tuple[Tensor, Tensor]:
        """Return the newest frame of states and the one before it, in cells: float [B, 3 · rows · columns] each."""
        coarse = F.avg_pool2d(contexts[:, -6:].float(), int(contexts.shape[2]) // self.cells[0])
        return coarse[:, -3:].flatten(1), coarse[:, :3].flatten(1)

    def _keys(self, device: torch.device) -> tuple[Keys, Keys]:
        """Return the keys that states and camera pictures are compared with.

        States are compared with film frames by place and motion. Camera pictures are compared with what a camera would
        see of the frames that follow.
        """
        cached = self._cached_keys
        if cached is not None and cached[0].keys.device == device and not torch.onnx.is_in_onnx_export():
            return cached
        states = describe(self._cells(self.newest), self._cells(self.before))
        nexts = self._cells(self.following[ONWARD]).unflatten(1, (3, *self.cells))
        keys = Keys.of(states), Keys.of(camera_guide(nexts, self.cells).flatten(1))
        if (
            not torch.onnx.is_in_onnx_export()
        ):  # a graph computes them from bytes when it is opened, and is a tenth of the size
            self._cached_keys = keys
        return keys

    def _cells(self, picture_indices: Tensor) -> Tensor:
        """Return pictures [n] in cells, float −1…1 [n, 3 · rows · columns]."""
        return F.avg_pool2d(self.guide(picture_indices), self.per_cell).flatten(1)


def describe(newest: Tensor, before: Tensor) -> Tensor:
    """Return descriptors of place and motion, float [n, 2c], of flat coarse pictures [n, c] and those before them."""
    return torch.cat([newest, MOTION * (newest - before)], 1)
