"""What a generator knows by heart: the course of its film, in pictures of a few cells.

Of a state of the show the moment of the film most like it is looked up, in place and motion (as video textures find
their transitions, Schödl et al. 2000), and what followed there is the guide by which the next frame is painted.
Each third of the picture is looked up by itself: what is seen side by side need never have been so in the film.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

MOTION = 2.0  # weight of where things go over where they are: motion is small, but says which way
BANDS = 3  # parts of a picture, from left to right, that keep a time of their own
MIDDLE = BANDS // 2
SEAM = 1 / 8  # of the width, over which one band gives way to the next
STILL = 0.2  # of the median change from a moment to the next: a state that moves less stands still
ELSEWHERE = 1e3  # added to a distance: farther than any two pictures are apart
# What may come next at a moment: on the film's course; after a turn; and both without leaving the scene.
ONWARD, TURNED, INSIDE, TURNED_INSIDE = range(4)


class FilmMemory(nn.Module):
    """Coarse pictures of a film, and for each of its moments which of them came before and which may come next.

    Part of the exported graph, so that the stage looks up what the training looked up.
    """

    pictures: Tensor  # uint8 [n, 3 · rows · columns] RGB
    scene: Tensor  # int64 [n], number of the shot that each is of
    newest: Tensor  # int64 [m], index of each moment's own picture
    before: Tensor  # int64 [m], of the one a step earlier; empty if contexts hold but one frame
    following: Tensor  # int64 [4, m], of the one that comes next: ONWARD, TURNED, INSIDE, TURNED_INSIDE

    def __init__(
        self,
        cells: tuple[int, int],
        *,
        pictures: Tensor,
        scene: Tensor,
        newest: Tensor,
        before: Tensor,
        following: Tensor,
    ) -> None:
        """`cells` are (rows, columns) of a picture; the rest is described above."""
        super().__init__()
        self.cells = cells
        self._sees_motion = len(before) > 0
        self._known_keys: tuple[Tensor, Tensor, Tensor] | None = None
        known = {"pictures": pictures, "scene": scene, "newest": newest, "before": before, "following": following}
        for name, tensor in known.items():
            self.register_buffer(name, tensor)
        moves = (self._floats(following[ONWARD]) - self._floats(newest)).abs().mean(1)
        self._still = STILL * float(moves.median())

    def look_up(self, contexts: Tensor) -> Tensor:
        """Which moments, int64 [B, BANDS] of 0…m−1, the bands of contexts [B, 3K, h, w] float −1…1 are most like.

        The middle one leads: the others are looked for in its scene.
        """
        return self._apart(contexts).argmin(2)

    def most_like(self, contexts: Tensor) -> Tensor:
        """Which moments, int64 [B] of 0…m−1, these contexts are most like as a whole."""
        return self._unlikeness(contexts)[:, BANDS].argmin(1)

    def lead(self, contexts: Tensor) -> float:
        """By how much the moments that `look_up` finds are nearer than the next ones: the least of all."""
        nearest = self._apart(contexts).topk(min(2, len(self.newest)), dim=2, largest=False).values
        return float((nearest[..., -1] - nearest[..., 0]).min())

    def stalled(self, contexts: Tensor) -> Tensor:
        """Which contexts [B, 3K, h, w] stand still: bool [B]. One frame alone does not say."""
        cell = contexts.shape[2] // self.cells[0]
        coarse = F.avg_pool2d(contexts[:, -6:].float(), cell)
        moves = (coarse[:, -3:] - coarse[:, :3]).abs().mean((1, 2, 3))
        return moves < (self._still if self._sees_motion else 0.0)

    def follow(self, moments: Tensor, contexts: Tensor, turn: Tensor) -> Tensor:
        """Which pictures come next at moments, or where `turn` is 1 after a turn; all [B, BANDS].

        What stands still turns. Where the middle goes to another scene, all go there with it.

        Args:
            moments: what `look_up` found for `contexts` [B, 3K, h, w] float −1…1.
            contexts: the states themselves.
            turn: 0 or 1.
        """
        turn = torch.maximum(turn, self.stalled(contexts).to(turn.dtype)[:, None])
        middle = moments[:, MIDDLE]
        leading = torch.where(turn[:, MIDDLE] > 0.5, self.following[TURNED][middle], self.following[ONWARD][middle])
        staying = torch.where(turn > 0.5, self.following[TURNED_INSIDE][moments], self.following[INSIDE][moments])
        cut = self.scene[leading] != self.scene[self.newest[middle]]
        aside = torch.arange(BANDS, device=moments.device) != MIDDLE
        return torch.where(aside & ~cut[:, None], staying, leading[:, None])

    def guide(self, following: Tensor) -> Tensor:
        """What comes next, float −1…1 [B, 3, rows, columns], composed of pictures [B, BANDS]."""
        parts = self._floats(following).unflatten(2, (3, *self.cells))  # [B, BANDS, 3, rows, columns]
        return (parts * bands(self.cells[1]).to(parts.device)[:, None, None]).sum(1)

    def _apart(self, contexts: Tensor) -> Tensor:
        """How far each band is from that of each moment, [B, BANDS, m]; beyond reach where that is of another scene."""
        unlike = self._unlikeness(contexts)[:, :BANDS]
        scenes = self.scene[self.newest]
        leading = scenes[unlike[:, MIDDLE].argmin(1)]
        return unlike + ELSEWHERE * (scenes != leading[:, None]).float()[:, None]

    def _unlikeness(self, contexts: Tensor) -> Tensor:
        """Squared distance of each band to that of each moment, and last of the whole: float [B, BANDS + 1, m].

        Less what is the same for all moments.
        """
        cell = contexts.shape[2] // self.cells[0]
        coarse = F.avg_pool2d(contexts[:, -6:], cell).flatten(2)
        newest = coarse[:, -3:].flatten(1)
        before = coarse[:, :3].flatten(1) if self._sees_motion else None
        with torch.autocast(contexts.device.type, enabled=False):  # moments differ by less than half precision tells
            keys, offsets, weights = self._keys(contexts.device)
            own = describe(newest, before).float()
            return offsets - 2 * (own[:, None] * weights) @ keys.T

    def _keys(self, device: torch.device) -> tuple[Tensor, Tensor, Tensor]:
        """What moments are found by [m, d], their weighted squares [BANDS + 1, m], and the weights [BANDS + 1, d]."""
        if self._known_keys is None or self._known_keys[0].device != device or torch.jit.is_tracing():
            keys = describe(self._floats(self.newest), self._floats(self.before) if self._sees_motion else None)
            weights = self._weights().to(device)
            found = keys, weights @ keys.square().T, weights
            if torch.jit.is_tracing():
                return found  # a graph works them out of the bytes when it is opened, and is a tenth of the size
            self._known_keys = found
        return self._known_keys

    def _weights(self) -> Tensor:
        """How much each cell counts for each band, and for the whole: [BANDS + 1, d], each adding up to about 1."""
        rows, columns = self.cells
        parts = torch.cat([bands(columns) * BANDS, torch.ones(1, columns)])
        repeated = parts[:, None].expand(-1, (6 if self._sees_motion else 3) * rows, -1)
        return repeated.flatten(1) / (3 * rows * columns)

    def _floats(self, indices: Tensor) -> Tensor:
        return self.pictures[indices].float() / 127.5 - 1


def describe(newest: Tensor, before: Tensor | None) -> Tensor:
    """Where things are and where they go: float [n, d] of flat coarse pictures [n, c]."""
    return newest if before is None else torch.cat([newest, MOTION * (newest - before)], 1)


def bands(width: int) -> Tensor:
    """How much of each column belongs to each band: float 0…1 [BANDS, width], adding up to 1."""
    place = (torch.arange(width) + 0.5) / width
    seams = torch.arange(BANDS + 1)[:, None] / BANDS
    past = ((place - seams) / SEAM + 0.5).clamp(0, 1)  # how far a column is beyond each seam
    past[0], past[-1] = 1, 0
    return past[:-1] - past[1:]
