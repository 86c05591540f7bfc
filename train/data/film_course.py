"""The course of a film: what follows each film frame, and the targets for states of the show.

This module decides; `train.models.film_memory`, which is exported, executes. The recipe `paper` alone has a rule of its
own, in `train.data.film_pairs`: it trains a network without memory on frames and the next of the same shot, as pix2pix
is trained on pairs, and so knows neither the circle nor turns.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
import torch
from torch import Tensor

from live.images.frame_figures import motion
from train.data.film_windows import FilmWindows
from train.data.shots import LEAST_MOTION
from train.images.pixels import from_bytes
from train.images.thumbnails import thumbnail
from train.models.dramaturgy import LEAN, Dramaturgy
from train.models.film_memory import FilmMemory, describe, shifts
from train.models.generator import HALF_RANGE, LEAST_CHANGE
from train.models.guide import GUIDE_PITCH, find_evenness

LEAST_STEP = 0.25  # of the film's median motion: the course skips frames that move less; more than `STILL` of it
# A state that stands still is guided to a picture that moves two of the film's median steps farther, and of which some
# place of the thumbnail differs by twice what the generator drops: all changes of a slow fade could be dropped, and the
# state would stand for ever. There is no limit in seconds, as it would undo that: a hold may be long.
SKIP = 8.0  # least steps
SKIP_PLACE = 2 * LEAST_CHANGE * HALF_RANGE  # levels
SAME = 2.0  # least steps: the last frames of a shot that move less altogether may be its end
SECONDS_APART = 2.0  # from a film frame to another that a turn may lead to, at least
NEAR = 2.5  # of a usual step of the shot: a turn that goes this far at most hardly shows
ENDING_SECONDS = 1.0  # of a shot, or an eighth of it: no turn leads there, where it would be at the end at once
MEASURED_STEPS = 1000  # of the film, for its median motion
GUIDED_FRAMES = 48  # of the film, off which it is read where the guide says all that there is
COMPARED_AT_ONCE = 256  # film frames, with all others


@dataclass(frozen=True)
class Targets:
    """Targets for n states of the show."""

    next_pictures: Tensor  # int64 [n], pictures of the memory that come next
    frames: Tensor  # uint8 RGB [n, 3, h, w], the same as small frames
    film_indices: Tensor  # int64 [n], the same as film frames
    found: Tensor  # int64 [n], film frame that each state is most like


class FilmCourse:
    """Successors of each film frame: on the film's course, after a turn, and for a state that stands still.

    The film is a circle: the last shot is followed by the first. All methods take and return film indices of windows.

    Attributes:
        windows: the film.
        cells: (rows, columns) of the memory's pictures.
    """

    def __init__(self, windows: FilmWindows, *, cell: int = 4) -> None:
        """Make the course of a film.

        Args:
            windows: the film, with at least two context frames: where things go is seen from the last two.
            cell: pixels of a small frame, in width and height, that are one cell of the memory; a multiple of 4.

        Raises:
            ValueError: contexts have only one frame.
        """
        if windows.context_frames < 2:
            raise ValueError("a film's course needs windows of at least two context frames")
        self.windows = windows
        width, height = windows.small_size
        self._per_cell = cell // GUIDE_PITCH
        self.cells = (height // cell, width // cell)
        self._starts = torch.tensor([shot[0] for shot in windows.shots])

    # What follows a film frame.

    def onward(self, film_indices: Tensor) -> Tensor:
        """Return the film frames that come next on the circle, int64 [...].

        A shot is followed by the next. Where the film stands still, frames are skipped until it has moved. The last
        frames of a shot are all its end if the very last picture, held, cannot be told from them.
        """
        return torch.from_numpy(self._onward)[film_indices]

    def skipped(self, film_indices: Tensor) -> Tensor:
        """Return the film frames that come next for states that stand still at these, int64 [...].

        They are farther on the course, at a picture that differs enough to move the state, or at the last of the shot.
        """
        return torch.from_numpy(self._skipped)[film_indices]

    def turned(self, film_indices: Tensor) -> Tensor:
        """Return what comes next at the most similar film frame elsewhere in the shot, int64 [...]."""
        return torch.from_numpy(self._turns[0])[film_indices]

    def shot_of(self, film_indices: Tensor) -> Tensor:
        """Return the number of the shot of each film frame, int64 [...]."""
        return torch.searchsorted(self._starts, film_indices, right=True) - 1

    # What follows a state of the show.

    def targets(self, contexts: Tensor, turn: Tensor, enter: Tensor, lean: Tensor) -> Targets:
        """Return targets for states: the very pictures that the memory guides them to.

        Args:
            contexts: the states, uint8 RGB [n, 3K, h, w].
            turn: as of `FilmMemory.forward`, like the next two.
            enter: the shot that is entered.
            lean: how far the states lean.
        """
        found, next_pictures = self.memory(from_bytes(contexts), turn, enter, lean)
        film_indices = self.remembered[next_pictures]
        return Targets(
            next_pictures=next_pictures,
            frames=self.small(film_indices, lean),
            film_indices=film_indices,
            found=torch.from_numpy(self.windows.film_indices)[found],
        )

    def small(self, film_indices: Tensor, lean: Tensor) -> Tensor:
        """Return film frames [n] as the recurrence sees them, with time that leans: uint8 RGB [n, 3, h, w].

        Args:
            film_indices: what is in the middle of each, of `remembered`.
            lean: [n] float, by how many pictures of the memory the right edge is ahead of the left.
        """
        places = torch.searchsorted(self.remembered, film_indices)
        ahead = shifts(lean[:, None], self.memory.reach[places][:, None], self.windows.small_size[0]).long()
        frames = self.windows.small(film_indices)
        for number, place in enumerate(places.tolist()):
            for shift in set(ahead[number].tolist()) - {0}:
                columns = ahead[number] == shift
                moment = self.windows.small(self.remembered[place + shift : place + shift + 1])
                frames[number][..., columns] = moment[0][..., columns]
        return frames

    def contexts(self, film_indices: Tensor, lean: Tensor) -> Tensor:
        """Return the context frames of windows [n], oldest first, of which each leans: uint8 RGB [n, 3K, h, w]."""
        offsets = torch.arange(1 - self.windows.context_frames, 1) * self.windows.stride
        return torch.cat([self.small(film_indices + offset, lean) for offset in offsets], 1)

    def draw_leans(self, count: int, most: float, rng: torch.Generator) -> Tensor:
        """Draw how far states lean, even between both sides: float [count], in pictures of the memory.

        Args:
            count: number of states.
            most: the temperature up to which they lean.
            rng: randomness.
        """
        pictures = most * LEAN * self.windows.frame_rate
        return pictures * (2 * torch.rand(count, generator=rng) - 1)

    @cached_property
    def memory(self) -> FilmMemory:
        """The course as a module that a generator carries."""
        film_indices = torch.from_numpy(self.windows.film_indices)
        following = torch.stack([self.onward(film_indices), self.turned(film_indices), self.skipped(film_indices)])
        newest, before, following, entries = (
            torch.searchsorted(self.remembered, wanted)
            for wanted in (film_indices, film_indices - self.windows.stride, following, self._starts)
        )
        luma, chroma = self._luma_and_chroma(self.remembered)
        memory = FilmMemory(
            self.cells,
            reduced=self._in_cells,
            luma=luma,
            chroma=chroma,
            shot=self.shot_of(self.remembered),
            newest=newest,
            before=before,
            following=following,
            near=torch.from_numpy(self._turns[1])[film_indices],
            entries=entries,
            evenness=torch.tensor(0.0),  # found below, since it takes guides
        )
        some = torch.linspace(0, len(self.remembered) - 1, min(GUIDED_FRAMES, len(self.remembered))).long()
        frames = from_bytes(self.windows.small(self.remembered[some]))
        memory.evenness.copy_(find_evenness(memory.guide(some), frames))
        return memory

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
        windows, stride, thumbs = self.windows, self.windows.stride, self._thumbs
        nexts = np.full(len(windows.frames), -1)
        for shot, next_shot in zip(windows.shots, windows.shots[1:] + windows.shots[:1], strict=True):
            for i in reversed(shot.tolist()):
                j = i + stride
                while i < j <= shot[-1] and motion(thumbs[i], thumbs[j]) < self._least_step:
                    j = nexts[j].item()  # frames that the next one skips are skipped here too
                nexts[i] = j if i < j <= shot[-1] else next_shot[0]
            nexts[shot[shot >= self._end_begins(shot)]] = next_shot[0]
        return nexts

    def _end_begins(self, shot: np.ndarray) -> int:
        """Return the first of the last frames of a shot, int64 [m], that count as its end.

        A state that holds the last picture is found there, and no later frame differs. Were it not at the end, it would
        be guided to what it shows already.
        """
        others, last = shot[:-1].tolist(), int(shot[-1])
        thumbs, least = self._thumbs, SAME * self._least_step
        ends = (
            i
            for i in others
            if self._held_is_found(last, i)
            and not any(motion(thumbs[i], thumbs[j]) >= least for j in range(i + 1, last + 1))
        )
        return next(ends, last)

    @cached_property
    def _skipped(self) -> np.ndarray:
        """For every film frame that is a window, what comes next for a state that stands still there, int64 [T]."""
        skipped, onward = np.full(len(self.windows.frames), -1), self._onward
        for shot in self.windows.shots:
            last = int(shot[-1])
            for i in shot.tolist():
                j = onward[i].item()
                if i < j <= last:
                    j = onward[j].item()  # the very next picture did not move the state
                    while i < j <= last and not self._moves(i, j):
                        j = onward[j].item()
                skipped[i] = j if i < j <= last else last
        return skipped

    def _moves(self, here: int, there: int) -> bool:
        """Return whether a guide to a later film frame surely moves a state that stands still at film frame `here`."""
        a, b = self._thumbs[here], self._thumbs[there]
        differ = motion(a, b) >= SKIP * self._least_step and cv2.norm(a, b, cv2.NORM_INF) >= SKIP_PLACE
        return differ and not self._held_is_found(there, here)

    def _held_is_found(self, shown: int, at: int) -> bool:
        """Return whether a state that holds one film frame is as much like another, which may move less."""
        rows = np.searchsorted(self.windows.film_indices, [shown, at])
        (place, movement), (other_place, other_movement) = self._described[rows].unflatten(1, (2, -1))
        away = (place - other_place).square().sum() + other_movement.square().sum()
        return bool(away <= movement.square().sum())

    @cached_property
    def _thumbs(self) -> dict[int, np.ndarray]:
        """Thumbnails of all windows, by film index."""
        return {int(i): thumbnail(self.windows.frames[i]) for i in self.windows.film_indices}

    @cached_property
    def _least_step(self) -> float:
        """The motion, 0…1, that counts as a step of this film."""
        stride, starts, thumbs = self.windows.stride, self.windows.followed, self._thumbs
        some = starts[:: -(-len(starts) // MEASURED_STEPS)].tolist()
        moving = [change for i in some if (change := motion(thumbs[i], thumbs[i + stride])) > LEAST_MOTION]
        return LEAST_STEP * float(np.median(moving)) if moving else LEAST_MOTION

    @cached_property
    def _turns(self) -> tuple[np.ndarray, np.ndarray]:
        """For every film frame that is a window, what comes next at the most similar elsewhere in its shot: [T].

        A shot that is too short for another begins again. The second array says whether that is hardly farther than a
        usual step of the shot: bool [T].
        """
        windows, described = self.windows, self._described
        film_indices = torch.from_numpy(windows.film_indices)
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

    @cached_property
    def _described(self) -> Tensor:
        """Descriptors of all windows, as the memory compares them: float [m, d]."""
        film_indices = torch.from_numpy(self.windows.film_indices)
        newest, before = (
            from_bytes(self._in_cells[torch.searchsorted(self.remembered, wanted)])
            for wanted in (film_indices, film_indices - self.windows.stride)
        )
        return describe(newest, before)

    @cached_property
    def _in_cells(self) -> Tensor:
        """Pictures of the memory in cells: uint8 RGB [n, 3 · rows · columns]."""
        reduced = [self.windows.shrunk(i, self.cells[::-1]) for i in self.remembered.tolist()]
        return torch.from_numpy(np.array(reduced)).permute(0, 3, 1, 2).flatten(1)

    def _luma_and_chroma(self, film_indices: Tensor) -> tuple[Tensor, Tensor]:
        """Return film frames as the memory keeps them: uint8 [n, rows · columns] and [n, 2 · rows · columns]."""
        size = (self._per_cell * self.cells[1], self._per_cell * self.cells[0])
        half = (size[0] // 2, size[1] // 2)
        luma, chroma = [], []
        for film_index in film_indices.tolist():
            pixels = self.windows.shrunk(film_index, size).astype(np.float32) / 255
            # OpenCV's order of the chroma is red, blue, and 0.5 is none.
            planes = 255 * cv2.cvtColor(pixels, cv2.COLOR_RGB2YCrCb) + (0, 0.5, 0.5)
            smaller = cv2.resize(planes[..., 1:], half, interpolation=cv2.INTER_AREA)
            luma.append(planes[..., 0].round().clip(0, 255).astype(np.uint8))
            chroma.append(smaller.transpose(2, 0, 1).round().clip(0, 255).astype(np.uint8))
        return torch.from_numpy(np.array(luma)).flatten(1), torch.from_numpy(np.array(chroma)).flatten(1)
