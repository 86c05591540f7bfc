"""The course of a film: what follows each film frame, and the targets for states of the show.

This module decides; `train.models.film_memory`, which is exported, executes. The recipe `paper` alone has a rule of its
own, in `train.data.film_pairs`: it trains a network without memory on frames and the next of the same shot, as pix2pix
is trained on pairs, and so knows neither the circle nor turns.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import cv2
import numpy as np
import torch
from torch import Tensor

from train.data.film_windows import FilmWindows
from train.images.frame_figures import LEAST_MOTION, motion
from train.images.pixels import from_bytes
from train.images.thumbnails import thumbnail
from train.models.film_memory import MIDDLE, FilmMemory, bands, describe

LEAST_STEP = 0.5  # of the film's median motion: the course skips frames that move less
SECONDS_APART = 2.0  # from a film frame to another that a turn may lead to, at least
MEASURED_STEPS = 1000  # of the film, for its median motion
COMPARED_AT_ONCE = 256  # film frames, with all others


@dataclass(frozen=True)
class Targets:
    """Targets for n states of the show."""

    next_pictures: Tensor  # int64 [n, BANDS], pictures of the memory that come next, band by band
    frames: Tensor  # uint8 RGB [n, 3, h, w], the same as one small frame, composed of bands
    film_indices: Tensor  # int64 [n], film frame of the middle band
    whole: Tensor  # bool [n], True if all bands are of that film frame
    found: Tensor  # int64 [n], film frame that the middle band of the state is most like


class FilmCourse:
    """Successors of each film frame: on the film's course, and after a turn.

    The film is a circle: the last shot is followed by the first. All methods take and return film indices of windows.

    Attributes:
        windows: the film.
        cells: (rows, columns) of the memory's pictures.
    """

    def __init__(self, windows: FilmWindows, *, cell: int = 4) -> None:
        """Make the course of a film.

        Args:
            windows: the film, with at least two context frames: where things go is seen from the last two.
            cell: pixels of a small frame, in width and height, that are one cell of the memory.

        Raises:
            ValueError: contexts have only one frame.
        """
        if windows.context_frames < 2:
            raise ValueError("a film's course needs windows of at least two context frames")
        self.windows = windows
        width, height = windows.small_size
        self.cells = (height // cell, width // cell)

    # What follows a film frame.

    def onward(self, film_indices: Tensor) -> Tensor:
        """Return the film frames that come next on the circle, int64 [...].

        A shot is followed by the next. Where the film stands still, frames are skipped until it has moved.
        """
        return torch.from_numpy(self._onward)[film_indices]

    def in_view(self, film_indices: Tensor) -> Tensor:
        """Return what a camera sees that plays states at these film frames: what comes next there, int64 [...]."""
        return self.onward(film_indices)

    def turned(self, film_indices: Tensor) -> Tensor:
        """Return what comes next at the most similar film frame elsewhere in the film, int64 [...]."""
        return self.onward(torch.from_numpy(self._similar)[0, film_indices])

    def inside(self, film_indices: Tensor) -> Tensor:
        """Return what comes next on the circle, or where that is of another shot, after a turn inside, int64 [...]."""
        onward = self.onward(film_indices)
        return torch.where(self.shot_of(onward) == self.shot_of(film_indices), onward, self.turned_inside(film_indices))

    def turned_inside(self, film_indices: Tensor) -> Tensor:
        """Return what comes next at the most similar film frame elsewhere in the shot, int64 [...]."""
        return self.onward(torch.from_numpy(self._similar)[1, film_indices])

    def shot_of(self, film_indices: Tensor) -> Tensor:
        """Return the number of the shot of each film frame, int64 [...]."""
        starts = torch.tensor([shot[0] for shot in self.windows.shots])
        return torch.searchsorted(starts, film_indices, right=True) - 1

    # What follows a state of the show.

    def targets(
        self,
        contexts: Tensor,
        turn: Tensor,
        camera: Tensor | None = None,
        call: Tensor | None = None,
        mix: Tensor | None = None,
    ) -> Targets:
        """Return targets for states: the very pictures that the memory guides them to.

        Args:
            contexts: the states, uint8 RGB [n, 3K, h, w].
            turn: as of `FilmMemory.forward`, like the rest.
            camera: what a camera sees of each.
            call: where the camera chooses the film frame.
            mix: how closely it is followed.
        """
        found, next_pictures = self.memory(from_bytes(contexts), turn, camera, call, mix)
        film_indices = self.remembered[next_pictures]
        return Targets(
            next_pictures=next_pictures,
            frames=self.compose(film_indices),
            film_indices=film_indices[:, MIDDLE],
            whole=(film_indices == film_indices[:, :1]).all(1),
            found=torch.from_numpy(self.windows.film_indices)[found[:, MIDDLE]],
        )

    def targets_in_view(self, targets: Targets, states: Tensor, film_indices: Tensor, views: Tensor) -> Targets:
        """Return targets in which cameras decide for some states, which are film windows: the frame in view follows.

        Args:
            targets: for all n states.
            states: int64 [m], places of these states among all.
            film_indices: int64 [m], their windows.
            views: float [m, 4], the part of the frame that each camera sees, as in `FilmWindows.small`.
        """
        if not len(states):
            return targets
        where, in_view = (states,), self.in_view(film_indices)
        return replace(
            targets,
            frames=targets.frames.index_put(where, self.windows.small(in_view, views)),
            film_indices=targets.film_indices.index_put(where, in_view),
            whole=targets.whole.index_put(where, torch.tensor(True)),
            found=targets.found.index_put(where, film_indices),
        )

    def compose(self, film_indices: Tensor) -> Tensor:
        """Return small frames, uint8 RGB [n, 3, h, w], each composed of bands of film frames [n, BANDS]."""
        shares = bands(self.windows.small_size[0])[:, None, None]
        return (self.windows.small(film_indices) * shares).sum(1).round().to(torch.uint8)

    @cached_property
    def memory(self) -> FilmMemory:
        """The course as a module that a generator carries."""
        film_indices = torch.from_numpy(self.windows.film_indices)
        nexts = [follow(film_indices) for follow in (self.onward, self.turned, self.inside, self.turned_inside)]
        newest, before, *following = (
            torch.searchsorted(self.remembered, wanted)
            for wanted in (film_indices, film_indices - self.windows.stride, *nexts)
        )
        return FilmMemory(
            self.cells,
            pictures=self._coarse(self.remembered),
            shot=self.shot_of(self.remembered),
            newest=newest,
            before=before,
            following=torch.stack(following),
        )

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
    def _similar(self) -> np.ndarray:
        """For every film frame that is a window, the most similar elsewhere, and elsewhere in its shot: [2, T]."""
        windows = self.windows
        film_indices = torch.from_numpy(windows.film_indices)
        described = describe(self._coarse(film_indices).float(), self._coarse(film_indices - windows.stride).float())
        shots = self.shot_of(film_indices)
        lengths = torch.bincount(shots)[shots]
        is_last = self.shot_of(self.onward(film_indices)) != shots  # no frame of its shot follows
        apart = max(SECONDS_APART * windows.frame_rate, windows.stride)
        similar = np.zeros((2, len(windows.frames)), int)
        for some in torch.arange(len(film_indices)).split(COMPARED_AT_ONCE):
            distance = torch.cdist(described[some], described)
            away = (film_indices[some][:, None] - film_indices).abs()
            elsewhere = away > min(apart, len(film_indices) / 4)
            far_inside = away > lengths[some][:, None].clamp(max=4 * apart) / 4
            inside = (shots[some][:, None] == shots) & ~is_last & far_inside
            for row, allowed in enumerate((elsewhere, inside)):
                nearest = torch.where(allowed, distance, float("inf")).argmin(1)
                similar[row, film_indices[some]] = film_indices[torch.where(allowed.any(1), nearest, some)]
        return similar

    def _coarse(self, film_indices: Tensor) -> Tensor:
        """Return film frames in the memory's cells: uint8 RGB [n, 3 · rows · columns]."""
        size = self.cells[::-1]
        frames = self.windows.frames
        coarse = [cv2.resize(frames[i], size, interpolation=cv2.INTER_AREA) for i in film_indices.tolist()]
        return torch.from_numpy(np.array(coarse)).permute(0, 3, 1, 2).flatten(1)
