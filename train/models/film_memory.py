"""What a generator knows by heart: the course of its film, in pictures of a few cells.

Of a state of the show the moment of the film most like it is looked up, in place and motion (as video textures find
their transitions, Schödl et al. 2000), and what followed there is the guide by which the next frame is painted.
Each third of the picture is looked up by itself: what is seen side by side need never have been so in the film.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from train.models.camera_guide import camera_guide

MOTION = 2.0  # weight of where things go over where they are: motion is small, but says which way
BANDS = 3  # parts of a picture, from left to right, that keep a time of their own
MIDDLE = BANDS // 2
EACH_BAND, WHOLE = slice(BANDS), slice(BANDS, None)  # of what a picture is looked up by
SEAM = 1 / 8  # of the width, over which one band gives way to the next
STILL = 0.2  # of the median change from a moment to the next: a state that moves less stands still
OWN = 0.2  # share that a state keeps in where the dream goes, when a camera is followed as closely as may be
ELSEWHERE = 1e3  # added to a distance: farther than any two pictures are apart
# What may come next at a moment: on the film's course; after a turn; and both without leaving the scene.
ONWARD, TURNED, INSIDE, TURNED_INSIDE = range(4)


class Keys(NamedTuple):
    """What moments are found by, and how much of that counts for each part of a picture."""

    keys: Tensor  # float [m, d]
    weights: Tensor  # float [parts, d]
    squares: Tensor  # float [parts, m], the keys' weighted squares

    @classmethod
    def of(cls, keys: Tensor, weights: Tensor) -> Keys:
        """With the squares worked out."""
        return cls(keys, weights, weights @ keys.square().T)

    def unlike(self, own: Tensor, parts: slice = slice(None)) -> Tensor:
        """Squared distance of own descriptors [B, d] to each moment's, less what is the same for all: [B, parts, m]."""
        with torch.autocast(own.device.type, enabled=False):  # moments differ by less than half precision tells
            return self.squares[parts] - 2 * (own.float()[:, None] * self.weights[parts]) @ self.keys.T


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
        self._known_keys: tuple[Keys, Keys] | None = None
        known = {"pictures": pictures, "scene": scene, "newest": newest, "before": before, "following": following}
        for name, tensor in known.items():
            self.register_buffer(name, tensor)
        moves = (self._floats(following[ONWARD]) - self._floats(newest)).abs().mean(1)
        self._still = STILL * float(moves.median())

    def look_up(self, contexts: Tensor, camera: Tensor | None = None, mix: Tensor | None = None) -> Tensor:
        """Which moments, int64 [B, BANDS] of 0…m−1, the bands of contexts [B, 3K, h, w] float −1…1 are most like.

        The middle one leads: the others are looked for in its scene. Before a camera, what comes next is to look like
        `camera` [B, 1, rows, columns], of `train.models.camera_guide`, as far as `mix` [B] 0…1 says.
        """
        return self._apart(contexts, camera, mix).argmin(2)

    def most_like(self, contexts: Tensor) -> Tensor:
        """Which moments, int64 [B] of 0…m−1, these contexts are most like as a whole."""
        return self._unlikeness(contexts, WHOLE)[:, 0].argmin(1)

    def lead(self, contexts: Tensor, camera: Tensor | None = None, mix: Tensor | None = None) -> float:
        """By how much the moments that `look_up` finds are nearer than the next ones: the least of all."""
        nearest = self._apart(contexts, camera, mix).topk(min(2, len(self.newest)), dim=2, largest=False).values
        return float((nearest[..., -1] - nearest[..., 0]).min())

    def stalled(self, contexts: Tensor, mix: Tensor | None = None) -> Tensor:
        """Which contexts [B, 3K, h, w] stand still: bool [B]. One frame alone does not say.

        The more closely a camera is followed, `mix` [B] 0…1, the stiller they may be.
        """
        cell = contexts.shape[2] // self.cells[0]
        coarse = F.avg_pool2d(contexts[:, -6:].float(), cell)
        moves = (coarse[:, -3:] - coarse[:, :3]).abs().mean((1, 2, 3))
        still = self._still if self._sees_motion else 0.0
        return moves < (still if mix is None else still * (1 - mix))

    def follow(self, moments: Tensor, contexts: Tensor, turn: Tensor, mix: Tensor | None = None) -> Tensor:
        """Which pictures come next at moments, or where `turn` is 1 after a turn; all [B, BANDS].

        What stands still turns. Where the middle goes to another scene, all go there with it.

        Args:
            moments: what `look_up` found for `contexts` [B, 3K, h, w] float −1…1.
            contexts: the states themselves.
            turn: 0 or 1.
            mix: how closely a camera is followed, float [B] 0…1; None: there is none.
        """
        turn = torch.maximum(turn, self.stalled(contexts, mix).to(turn.dtype)[:, None])
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

    def _apart(self, contexts: Tensor, camera: Tensor | None, mix: Tensor | None) -> Tensor:
        """How far each band is from that of each moment, [B, BANDS, m]; beyond reach where that is of another scene."""
        unlike = self._unlikeness(contexts, EACH_BAND)
        if camera is not None and mix is not None:
            mix = mix[:, None, None]
            seen = self._keys(contexts.device)[1].unlike(camera.flatten(1))
            unlike = (1 - (1 - OWN) * mix) * unlike + mix * seen
        scenes = self.scene[self.newest]
        leading = scenes[unlike[:, MIDDLE].argmin(1)]
        return unlike + ELSEWHERE * (scenes != leading[:, None]).float()[:, None]

    def _unlikeness(self, contexts: Tensor, parts: slice) -> Tensor:
        """Squared distance of EACH_BAND to that of each moment, or of the WHOLE: float [B, parts, m].

        Less what is the same for all moments.
        """
        cell = contexts.shape[2] // self.cells[0]
        coarse = F.avg_pool2d(contexts[:, -6:], cell).flatten(2)
        newest = coarse[:, -3:].flatten(1)
        before = coarse[:, :3].flatten(1) if self._sees_motion else None
        return self._keys(contexts.device)[0].unlike(describe(newest, before), parts)

    def _keys(self, device: torch.device) -> tuple[Keys, Keys]:
        """What moments are found by: how they look and go on; and what a camera would see of what comes next."""
        known = self._known_keys
        if known is None or known[0].keys.device != device or torch.jit.is_tracing():
            rows, columns = self.cells
            parts = bands(columns).to(device) * BANDS
            states = describe(self._floats(self.newest), self._floats(self.before) if self._sees_motion else None)
            whole = torch.cat([parts, torch.ones(1, columns, device=device)])
            nexts = self._floats(self.following[ONWARD]).unflatten(1, (3, rows, columns))
            seen = camera_guide(nexts, self.cells).flatten(1)
            known = (
                Keys.of(states, _each_row(whole, (6 if self._sees_motion else 3) * rows) / (3 * rows * columns)),
                Keys.of(seen, _each_row(parts, rows) / (rows * columns)),
            )
            if torch.jit.is_tracing():
                return known  # a graph works them out of the bytes when it is opened, and is a tenth of the size
            self._known_keys = known
        return known

    def _floats(self, indices: Tensor) -> Tensor:
        return self.pictures[indices].float() / 127.5 - 1


def describe(newest: Tensor, before: Tensor | None) -> Tensor:
    """Where things are and where they go: float [n, d] of flat coarse pictures [n, c]."""
    return newest if before is None else torch.cat([newest, MOTION * (newest - before)], 1)


def _each_row(weights: Tensor, rows: int) -> Tensor:
    """Weights of columns [parts, columns], the same for every row: [parts, rows · columns]."""
    return weights[:, None].expand(-1, rows, -1).flatten(1)


def bands(width: int) -> Tensor:
    """How much of each column belongs to each band: float 0…1 [BANDS, width], adding up to 1."""
    place = (torch.arange(width) + 0.5) / width
    seams = torch.arange(BANDS + 1)[:, None] / BANDS
    past = ((place - seams) / SEAM + 0.5).clamp(0, 1)  # how far a column is beyond each seam
    past[0], past[-1] = 1, 0
    return past[:-1] - past[1:]
