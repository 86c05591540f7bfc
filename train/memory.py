"""What a generator knows by heart: the course of its film, in pictures of a few cells.

Of a state of the show the moment of the film most like it is looked up, in place and motion (as video textures find
their transitions, Schödl et al. 2000), and what followed there is the guide by which the next frame is painted.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

MOTION = 2.0  # weight of where things go over where they are: motion is small, but says which way


class FilmMemory(nn.Module):
    """Coarse pictures of a film, and for each of its moments which of them came before and which come next.

    Part of the exported graph, so that the stage looks up what the training looked up.
    """

    pictures: Tensor  # uint8 [n, 3 · rows · columns] RGB
    newest: Tensor  # int64 [m], index of each moment's own picture
    before: Tensor  # int64 [m], of the one a step earlier; empty if contexts hold but one frame
    following: Tensor  # int64 [m], of the one that comes next
    turned: Tensor  # int64 [m], of the one that comes next where the dream turns

    def __init__(
        self,
        cells: tuple[int, int],
        *,
        pictures: Tensor,
        newest: Tensor,
        before: Tensor,
        following: Tensor,
        turned: Tensor,
    ) -> None:
        """`cells` are (rows, columns) of a picture; the rest is described above."""
        super().__init__()
        self.cells = cells
        self._sees_motion = len(before) > 0
        known = {"pictures": pictures, "newest": newest, "before": before, "following": following, "turned": turned}
        for name, tensor in known.items():
            self.register_buffer(name, tensor)

    def look_up(self, contexts: Tensor) -> Tensor:
        """Which moments [B], int64 0…m−1, are most like contexts [B, 3K, h, w] float −1…1."""
        cell = contexts.shape[2] // self.cells[0]
        coarse = F.avg_pool2d(contexts[:, -6:], cell).flatten(2)
        newest = coarse[:, -3:].flatten(1)
        before = coarse[:, :3].flatten(1) if self._sees_motion else None
        with torch.autocast(contexts.device.type, enabled=False):  # moments differ by less than half precision tells
            own, keys = describe(newest, before).float(), self.keys()
            # The square of the distance, less what is the same for all moments.
            return (keys.square().sum(1) - 2 * own @ keys.T).argmin(1)

    def keys(self) -> Tensor:
        """What each moment is found by, float [m, d]."""
        return describe(self._floats(self.newest), self._floats(self.before) if self._sees_motion else None)

    def guide(self, moments: Tensor, turn: Tensor) -> Tensor:
        """What comes next at moments [B], or where `turn` [B] is 1 after a turn: float −1…1 [B, 3, rows, columns]."""
        chosen = torch.where(turn > 0.5, self.turned[moments], self.following[moments])
        return self._floats(chosen).unflatten(1, (3, *self.cells))

    def _floats(self, indices: Tensor) -> Tensor:
        return self.pictures[indices].float() / 127.5 - 1


def describe(newest: Tensor, before: Tensor | None) -> Tensor:
    """Where things are and where they go: float [n, d] of flat coarse pictures [n, c]."""
    return newest if before is None else torch.cat([newest, MOTION * (newest - before)], 1)
