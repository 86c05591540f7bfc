"""The memory of a film's course, which a generator carries: coarse pictures, and which of them may follow which.

For a state of the show the memory finds the most similar film frame, by place and motion, as video textures find their
transitions (Schödl et al. 2000). What followed there guides the painting of the next frame. Each third of the picture
is looked up by itself, so thirds that never stood side by side in the film may do so in the show.

The memory has two index spaces. A memory index, 0…m−1, names a film frame that a state can be compared with. A picture
index, 0…n−1, names one of the coarse pictures, of which there are a few more. `train.data.film_course` makes memories
and translates both into film indices.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from train.models.camera_guide import camera_guide

MOTION = 2.0  # weight of motion over place: differences between frames are small, but tell the direction
BANDS = 3  # thirds of the picture, from left to right
MIDDLE = BANDS // 2
SEAM = 1 / 8  # of the width, over which one band fades into the next
STILL = 0.2  # of the median change between successive film frames: a state that changes less stands still
OWN = 0.2  # weight that the state keeps in the look-up when a camera is followed as closely as possible
ELSEWHERE = 1e3  # added to the distance of film frames in other shots: farther than any two pictures are apart
# Rows of `following`: on the film's course; after a turn; and both without leaving the shot.
ONWARD, TURNED, INSIDE, TURNED_INSIDE = range(4)


class Keys(NamedTuple):
    """Descriptors of m film frames, and the weights with which each band is compared."""

    keys: Tensor  # float [m, d]
    weights: Tensor  # float [BANDS, d]
    squares: Tensor  # float [BANDS, m], the keys' weighted squares

    @classmethod
    def of(cls, keys: Tensor, weights: Tensor) -> Keys:
        """Return keys with their squares."""
        return cls(keys, weights, weights @ keys.square().T)

    def distances(self, descriptors: Tensor) -> Tensor:
        """Return squared distances of descriptors [B, d] to all keys, less a constant for each: [B, BANDS, m]."""
        with torch.autocast(descriptors.device.type, enabled=False):  # half precision cannot tell film frames apart
            return self.squares - 2 * (descriptors.float()[:, None] * self.weights) @ self.keys.T


class FilmMemory(nn.Module):
    """Coarse pictures of a film, and for each film frame the pictures that may follow.

    It is part of the exported graph, so the show finds what the training found.
    """

    pictures: Tensor  # uint8 [n, 3 · rows · columns] RGB
    shot: Tensor  # int64 [n], number of the shot of each picture
    newest: Tensor  # int64 [m], picture of each film frame itself
    before: Tensor  # int64 [m], picture of the frame one step before it
    following: Tensor  # int64 [4, m], pictures that may follow: ONWARD, TURNED, INSIDE, TURNED_INSIDE

    def __init__(
        self,
        cells: tuple[int, int],
        *,
        pictures: Tensor,
        shot: Tensor,
        newest: Tensor,
        before: Tensor,
        following: Tensor,
    ) -> None:
        """Make a memory of these tensors, which are described above; `cells` are (rows, columns) of a picture."""
        super().__init__()
        self.cells = cells
        self._cached_keys: tuple[Keys, Keys] | None = None
        tensors = {"pictures": pictures, "shot": shot, "newest": newest, "before": before, "following": following}
        for name, tensor in tensors.items():
            self.register_buffer(name, tensor)
        changes = (self._floats(following[ONWARD]) - self._floats(newest)).abs().mean(1)
        self._still = STILL * float(changes.median())

    def forward(
        self,
        contexts: Tensor,
        turn: Tensor,
        camera: Tensor | None = None,
        call: Tensor | None = None,
        mix: Tensor | None = None,
    ) -> tuple[Tensor, Tensor]:
        """Return what each state is most like, and what follows.

        Args:
            contexts: the states, [B, 3K, h, w] float −1…1.
            turn: [B, BANDS] float, 1 where a band takes a turn, else 0.
            camera: [B, 1, rows, columns] float −1…1, of `train.models.camera_guide`; None: there is no camera.
            call: [B] float 0…1, how far the camera chooses the film frame instead of the state.
            mix: [B] float 0…1, how closely the camera is followed.

        Returns:
            memory indices, int64 [B, BANDS], and picture indices of what follows, int64 [B, BANDS].
        """
        memory_indices = self.look_up(contexts, camera, call)
        return memory_indices, self.follow(memory_indices, contexts, turn, mix)

    def look_up(self, contexts: Tensor, camera: Tensor | None = None, call: Tensor | None = None) -> Tensor:
        """Return the memory indices, int64 [B, BANDS], of the film frames that bands are most like.

        The middle band leads: the others are looked up in its shot. With a camera, what follows should look like the
        camera picture, as far as `call` says. Arguments are those of `forward`.
        """
        return self._distances(contexts, camera, call).argmin(2)

    def follow(self, memory_indices: Tensor, contexts: Tensor, turn: Tensor, mix: Tensor | None = None) -> Tensor:
        """Return the picture indices, int64 [B, BANDS], of what follows film frames `memory_indices` [B, BANDS].

        A state that stands still takes a turn. Where the middle band goes to another shot, all bands follow it. The
        other arguments are those of `forward`.
        """
        turn = torch.maximum(turn, self.stands_still(contexts, mix).to(turn.dtype)[:, None])
        middle = memory_indices[:, MIDDLE]
        leading = torch.where(turn[:, MIDDLE] > 0.5, self.following[TURNED][middle], self.following[ONWARD][middle])
        staying = torch.where(
            turn > 0.5, self.following[TURNED_INSIDE][memory_indices], self.following[INSIDE][memory_indices]
        )
        cut = self.shot[leading] != self.shot[self.newest[middle]]
        at_side = torch.arange(BANDS, device=memory_indices.device) != MIDDLE
        return torch.where(at_side & ~cut[:, None], staying, leading[:, None])

    def stands_still(self, contexts: Tensor, mix: Tensor | None = None) -> Tensor:
        """Return which states [B, 3K, h, w] stand still: bool [B].

        The more closely a camera is followed, `mix` [B] 0…1, the less a state must move.
        """
        cell = contexts.shape[2] // self.cells[0]
        coarse = F.avg_pool2d(contexts[:, -6:].float(), cell)
        change = (coarse[:, -3:] - coarse[:, :3]).abs().mean((1, 2, 3))
        return change < (self._still if mix is None else self._still * (1 - mix))

    def guide(self, next_pictures: Tensor) -> Tensor:
        """Return the guide, float −1…1 [B, 3, rows, columns], composed of bands of pictures [B, BANDS]."""
        parts: Tensor = self._floats(next_pictures).unflatten(2, (3, *self.cells))  # [B, BANDS, 3, rows, columns]
        return (parts * bands(self.cells[1]).to(parts.device)[:, None, None]).sum(1)

    def margin(self, contexts: Tensor, camera: Tensor | None = None, call: Tensor | None = None) -> float:
        """Return by how much the film frames of `look_up` are nearer than the second nearest, at the least."""
        nearest = self._distances(contexts, camera, call).topk(min(2, len(self.newest)), dim=2, largest=False).values
        return float((nearest[..., -1] - nearest[..., 0]).min())

    def _distances(self, contexts: Tensor, camera: Tensor | None, call: Tensor | None) -> Tensor:
        """Return the distance of each band to each film frame, [B, BANDS, m]; other shots are out of reach."""
        cell = contexts.shape[2] // self.cells[0]
        coarse = F.avg_pool2d(contexts[:, -6:], cell).flatten(2)
        state_keys, camera_keys = self._keys(contexts.device)
        distances = state_keys.distances(describe(coarse[:, -3:].flatten(1), coarse[:, :3].flatten(1)))
        if camera is not None and call is not None:
            call = call[:, None, None]
            distances = (1 - (1 - OWN) * call) * distances + call * camera_keys.distances(camera.flatten(1))
        shots = self.shot[self.newest]
        leading = shots[distances[:, MIDDLE].argmin(1)]
        return distances + ELSEWHERE * (shots != leading[:, None]).float()[:, None]

    def _keys(self, device: torch.device) -> tuple[Keys, Keys]:
        """Return the keys that states and camera pictures are compared with.

        States are compared with film frames by place and motion. Camera pictures are compared with what a camera would
        see of the frames that follow.
        """
        cached = self._cached_keys
        if cached is not None and cached[0].keys.device == device and not torch.onnx.is_in_onnx_export():
            return cached
        rows, columns = self.cells
        shares = bands(columns).to(device) * BANDS
        states = describe(self._floats(self.newest), self._floats(self.before))
        nexts = self._floats(self.following[ONWARD]).unflatten(1, (3, rows, columns))
        seen = camera_guide(nexts, self.cells).flatten(1)
        keys = (
            Keys.of(states, _repeat_rows(shares, 6 * rows) / (3 * rows * columns)),
            Keys.of(seen, _repeat_rows(shares, rows) / (rows * columns)),
        )
        if (
            not torch.onnx.is_in_onnx_export()
        ):  # a graph computes them from bytes when it is opened, and is a tenth of the size
            self._cached_keys = keys
        return keys

    def _floats(self, picture_indices: Tensor) -> Tensor:
        return self.pictures[picture_indices].float() / 127.5 - 1


def describe(newest: Tensor, before: Tensor) -> Tensor:
    """Return descriptors of place and motion, float [n, 2c], of flat coarse pictures [n, c] and those before them."""
    return torch.cat([newest, MOTION * (newest - before)], 1)


def bands(width: int) -> Tensor:
    """Return the share of each column that belongs to each band: float 0…1 [BANDS, width], adding up to 1."""
    place = (torch.arange(width) + 0.5) / width
    seams = torch.arange(BANDS + 1)[:, None] / BANDS
    past = ((place - seams) / SEAM + 0.5).clamp(0, 1)  # how far a column is beyond each seam
    past[0], past[-1] = 1, 0
    return past[:-1] - past[1:]


def _repeat_rows(weights: Tensor, rows: int) -> Tensor:
    """Return weights of columns [bands, columns], the same for every row: [bands, rows · columns]."""
    return weights[:, None].expand(-1, rows, -1).flatten(1)
