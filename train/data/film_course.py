"""The course of a film: what follows each film frame, and the targets for states of the show.

This module decides; `train.models.film_memory`, which is exported, executes. The recipe `paper` alone has a rule of its
own, in `train.data.film_pairs`: it trains a network without memory on frames and the next of the same shot, as pix2pix
is trained on pairs, and so knows neither the circle nor turns.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from train.data.film_windows import FilmWindows
from train.images.frame_figures import LEAST_MOTION, motion
from train.images.pixels import from_bytes
from train.images.thumbnails import thumbnail
from train.models.dramaturgy import Dramaturgy
from train.models.film_memory import FilmMemory, describe

LEAST_STEP = 0.25  # of the film's median motion: the course skips frames that move less; more than `STILL` of it
SECONDS_APART = 2.0  # from a film frame to another that a turn may lead to, at least
NEAR = 2.5  # of a usual step of the shot: a turn that goes this far at most hardly shows
ENDING_SECONDS = 1.0  # of a shot, or an eighth of it: no turn leads there, where it would be at the end at once
MEASURED_STEPS = 1000  # of the film, for its median motion
COMPARED_AT_ONCE = 256  # film frames, with all others


@dataclass(frozen=True)
class Targets:
    """Targets for n states of the show."""

    next_pictures: Tensor  # int64 [n], pictures of the memory that come next
    frames: Tensor  # uint8 RGB [n, 3, h, w], the same as small frames
    film_indices: Tensor  # int64 [n], the same as film frames
    found: Tensor  # int64 [n], film frame that each state is most like


class FilmCourse:
    """Successors of each film frame: on the film's course, and after a turn.

    The film is a circle: the last shot is followed by the first. All methods take and return film indices of windows.

    Attributes:
        windows: the film.
        cells: (rows, columns) of the memory's pictures.
    """

    def __init__(self, windows: FilmWindows, *, cell: int = 4, guide_pitch: int = 2) -> None:
        """Make the course of a film.

        Args:
            windows: the film, with at least two context frames: where things go is seen from the last two.
            cell: pixels of a small frame, in width and height, that are one cell of the memory.
            guide_pitch: the same for one place of its pictures, which are the guide; it divides `cell`.

        Raises:
            ValueError: contexts have only one frame.
        """
        if windows.context_frames < 2:
            raise ValueError("a film's course needs windows of at least two context frames")
        self.windows = windows
        width, height = windows.small_size
        self._per_cell = cell // guide_pitch
        self.cells = (height // cell, width // cell)
        self._starts = torch.tensor([shot[0] for shot in windows.shots])

    # What follows a film frame.

    def onward(self, film_indices: Tensor) -> Tensor:
        """Return the film frames that come next on the circle, int64 [...].

        A shot is followed by the next. Where the film stands still, frames are skipped until it has moved.
        """
        return torch.from_numpy(self._onward)[film_indices]

    def turned(self, film_indices: Tensor) -> Tensor:
        """Return what comes next at the most similar film frame elsewhere in the shot, int64 [...]."""
        return torch.from_numpy(self._turns[0])[film_indices]

    def shot_of(self, film_indices: Tensor) -> Tensor:
        """Return the number of the shot of each film frame, int64 [...]."""
        return torch.searchsorted(self._starts, film_indices, right=True) - 1

    # What follows a state of the show.

    def targets(self, contexts: Tensor, turn: Tensor, enter: Tensor) -> Targets:
        """Return targets for states: the very pictures that the memory guides them to.

        Args:
            contexts: the states, uint8 RGB [n, 3K, h, w].
            turn: as of `FilmMemory.forward`, like the next.
            enter: the shot that is entered.
        """
        found, next_pictures = self.memory(from_bytes(contexts), turn, enter)
        film_indices = self.remembered[next_pictures]
        return Targets(
            next_pictures=next_pictures,
            frames=self.windows.small(film_indices),
            film_indices=film_indices,
            found=torch.from_numpy(self.windows.film_indices)[found],
        )

    @cached_property
    def memory(self) -> FilmMemory:
        """The course as a module that a generator carries."""
        film_indices = torch.from_numpy(self.windows.film_indices)
        onward, turned = self.onward(film_indices), self.turned(film_indices)
        newest, before, onward, turned, entries = (
            torch.searchsorted(self.remembered, wanted)
            for wanted in (film_indices, film_indices - self.windows.stride, onward, turned, self._starts)
        )
        return FilmMemory(
            self.cells,
            pictures=self._coarse(self.remembered, self._per_cell),
            shot=self.shot_of(self.remembered),
            newest=newest,
            before=before,
            following=torch.stack([onward, turned]),
            near=torch.from_numpy(self._turns[1])[film_indices],
            entries=entries,
        )

    @cached_property
    def dramaturgy(self) -> Dramaturgy:
        """Lengths of the shots, for the order in which they are shown."""
        windows = self.windows
        lengths = torch.tensor([len(shot) / windows.frame_rate for shot in windows.shots], dtype=torch.float32)
        return Dramaturgy(lengths, torch.tensor(windows.stride / windows.frame_rate))

    @cached_property
    def remembered(self) -> Tensor:
        """Film indices of the memory's pictures, int64 [n]."""
        film_indices = torch.from_numpy(self.windows.film_indices)
        remembered: Tensor = torch.cat([film_indices, film_indices - self.windows.stride]).unique()
        return remembered

    # How that is decided.

    @cached_property
    def _onward(self) -> np.ndarray:
        """For every film frame that is a window, the next one on the circle, int64 [T]; elsewhere −1."""
        windows, stride = self.windows, self.windows.stride
        thumbs = {int(i): thumbnail(windows.frames[i]) for i in windows.film_indices}
        enough = self._least_step(thumbs)
        nexts = np.full(len(windows.frames), -1)
        for shot, next_shot in zip(windows.shots, windows.shots[1:] + windows.shots[:1], strict=True):
            for i in reversed(shot.tolist()):
                j = i + stride
                while i < j <= shot[-1] and motion(thumbs[i], thumbs[j]) < enough:
                    j = nexts[j].item()  # frames that the next one skips are skipped here too
                nexts[i] = j if i < j <= shot[-1] else next_shot[0]
        return nexts

    def _least_step(self, thumbs: dict[int, np.ndarray]) -> float:
        """Return the motion, 0…1, that counts as a step of this film."""
        stride, starts = self.windows.stride, self.windows.followed
        some = starts[:: -(-len(starts) // MEASURED_STEPS)].tolist()
        moving = [change for i in some if (change := motion(thumbs[i], thumbs[i + stride])) > LEAST_MOTION]
        return LEAST_STEP * float(np.median(moving)) if moving else LEAST_MOTION

    @cached_property
    def _turns(self) -> tuple[np.ndarray, np.ndarray]:
        """For every film frame that is a window, what comes next at the most similar elsewhere in its shot: [T].

        A shot that is too short for another begins again. The second array says whether that is hardly farther than a
        usual step of the shot: bool [T].
        """
        windows = self.windows
        film_indices = torch.from_numpy(windows.film_indices)
        described = describe(
            from_bytes(self._coarse(film_indices, 1)), from_bytes(self._coarse(film_indices - windows.stride, 1))
        )
        onward, shots = self.onward(film_indices), self.shot_of(film_indices)
        lengths = torch.bincount(shots)[shots]
        is_last = torch.isin(onward, self._starts)  # no frame of its shot follows
        ends = torch.tensor([shot[-1] for shot in windows.shots])[shots]
        is_ending = ends - film_indices < (lengths / 8).clamp(max=ENDING_SECONDS * windows.frame_rate)
        apart = max(SECONDS_APART * windows.frame_rate, windows.stride)
        turned = torch.zeros_like(film_indices)
        for some in torch.arange(len(film_indices)).split(COMPARED_AT_ONCE):
            distance = torch.cdist(described[some], described)
            away = (film_indices[some][:, None] - film_indices).abs()
            far = away > lengths[some][:, None].clamp(max=4 * apart) / 4
            allowed = (shots[some][:, None] == shots) & ~is_ending & far
            nearest = onward[torch.where(allowed, distance, float("inf")).argmin(1)]
            turned[some] = torch.where(allowed.any(1), nearest, self._starts[shots[some]])

        def distances(to: Tensor) -> Tensor:
            far: Tensor = (described - described[torch.searchsorted(film_indices, to)]).norm(dim=1)
            return far

        steps = distances(onward)
        usual = torch.zeros_like(steps)  # of a shot of a single window, nothing is near
        for shot in shots.unique():
            inside = (shots == shot) & ~is_last
            usual[shots == shot] = steps[inside].median() if inside.any() else 0.0
        near = distances(turned) <= NEAR * usual
        indexed, is_near = np.zeros(len(windows.frames), int), np.zeros(len(windows.frames), bool)
        indexed[film_indices], is_near[film_indices] = turned, near
        return indexed, is_near

    def _coarse(self, film_indices: Tensor, per_cell: int) -> Tensor:
        """Return film frames at `per_cell` pixels along each side of a cell: uint8 RGB [n, 3 · rows · columns]."""
        size = (per_cell * self.cells[1], per_cell * self.cells[0])
        coarse = [self.windows.shrunk(i, size) for i in film_indices.tolist()]
        return torch.from_numpy(np.array(coarse)).permute(0, 3, 1, 2).flatten(1)
