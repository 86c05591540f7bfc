"""Windows of a film: K context frames that lead up to a film frame, as the networks see them."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
import torch
from torch import Tensor

from live.images.frame_figures import motion
from train.data.film import Film
from train.data.long_films.pieces import MOST_WINDOWS, PIECE_SECONDS, pieces_of
from train.data.shots import Story
from train.errors import FilmError

CACHED_BYTES = 2**28  # of small frames: every training step sees them again


class FilmWindows:
    """Film frames with the K frames that lead up to each, and their pictures.

    A window is named by the film index of its newest frame. Its frames are `stride` apart and of one shot.

    Attributes:
        shots: film indices of the windows of each shot, int64 [m] each.
        film_indices: film indices of all windows, int64 [m].
        small_size: (w, h) of a picture as the recurrence sees it.
    """

    def __init__(
        self,
        film: Film,
        story: Story,
        *,
        context_frames: int,
        stride: int,
        scale: int = 1,
        padded: tuple[int, int] | None = None,
        most_windows: int = MOST_WINDOWS,
        piece_seconds: float = PIECE_SECONDS,
    ) -> None:
        """Find the windows of a film.

        Args:
            film: the film.
            story: its shots; what lies outside of them is not seen.
            context_frames: K.
            stride: film frames from one frame of a window to the next.
            scale: size of the film over that of the pictures that the recurrence sees.
            padded: (W, H) to which the film's frames are padded for the recurrence; None: as they are.
            most_windows: about as many windows are used of a longer film.
            piece_seconds: length of the pieces in which a longer film is seen.

        Raises:
            FilmError: no shot of the last file is long enough for a context and the frame after it.
        """
        self.frames = film.frames
        self.context_frames = context_frames
        self.stride = stride
        self.frame_rate = float(film.frame_rate)
        self.scale, self.padded = scale, padded or film.size
        width, height = self.small_size = (self.padded[0] // scale, self.padded[1] // scale)
        self._small_frame = lru_cache(CACHED_BYTES // (3 * width * height))(self._shrink_frame)
        reach = (context_frames - 1) * stride
        shots = [np.arange(shot.start + reach, shot.stop) for shot in story.shots if len(shot) > reach + stride]
        last_file = film.starts[-1]  # where the show goes on
        if not any(shot[0] >= last_file for shot in shots):
            longest = max(len(shot) for shot in story.shots if shot.start >= last_file)
            where = " of the last film" if film.parts else ""
            remedy = "a smaller --stride" if stride > 1 else "a longer film"
            raise FilmError(
                f"no shot{where} is long enough: the longest has {longest} frames, and a window of {context_frames} "
                f"context frames at stride {stride} takes {reach + stride + 1}; give {remedy}"
            )
        every = 1 if film.every > 1 else -(-sum(len(shot) for shot in shots) // most_windows)
        self.shots = shots if every == 1 else _spread(shots, round(piece_seconds * self.frame_rate), every)
        self.film_indices = np.concatenate(self.shots)

    @property
    def last_frame(self) -> int:
        """Film index of the last frame that a context leads up to: the show goes on from there."""
        return int(self.film_indices[-1])

    @property
    def followed(self) -> np.ndarray:
        """Film indices of the windows whose shot goes on for another step, int64 [m]."""
        return np.concatenate([shot[shot + self.stride <= shot[-1]] for shot in self.shots])

    def context_pictures(self, film_index: int) -> np.ndarray:
        """Return the context frames of a window at the film's size, oldest first: uint8 RGB [K, H, W, 3]."""
        return np.asarray(self.frames[film_index + self.stride * np.arange(1 - self.context_frames, 1)])

    def draw(self, count: int, rng: torch.Generator) -> Tensor:
        """Draw windows, even over the story: film indices, int64 [count]."""
        return torch.from_numpy(self.film_indices)[torch.randint(len(self.film_indices), (count,), generator=rng)]

    def contexts(self, film_indices: Tensor) -> Tensor:
        """Return the context frames of windows [n], oldest first: uint8 RGB [n, 3K, h, w]."""
        offsets = torch.arange(1 - self.context_frames, 1) * self.stride
        return self.small(film_indices[:, None] + offsets).flatten(1, 2)

    def small(self, film_indices: Tensor) -> Tensor:
        """Return film frames [...] as the recurrence sees them: uint8 RGB [..., 3, h, w]."""
        frames = [self._small_frame(i) for i in film_indices.flatten().tolist()]
        small: Tensor = torch.from_numpy(np.array(frames)).permute(0, 3, 1, 2).unflatten(0, film_indices.shape)
        return small

    def crops(self, count: int, side: int, rng: torch.Generator) -> Tensor:
        """Draw crops of film frames at the film's size: uint8 RGB [count, 3, side, side].

        Every other crop is of the more moving one of two places: what moves is small, and most of a film stands.

        Args:
            count: number of crops.
            side: width and height of a crop, rounded down where the film is smaller.
            rng: randomness.
        """
        film_indices = self.draw(count, rng).tolist()
        scale, (height, width) = self.scale, self.frames.shape[1:3]
        # An even number of places: the enlarger halves them.
        rows, columns = (min(side, whole) // scale // 2 * 2 for whole in (height, width))
        tops = scale * torch.randint(height // scale - rows + 1, (count, 2), generator=rng)
        lefts = scale * torch.randint(width // scale - columns + 1, (count, 2), generator=rng)
        crops = []
        for i, film_index in enumerate(film_indices):
            places = [
                (slice(y, y + rows * scale), slice(x, x + columns * scale))
                for y, x in zip(tops[i].tolist(), lefts[i].tolist(), strict=True)
            ]
            frame, before = self.frames[film_index], self.frames[film_index - self.stride]
            moving = max(places, key=lambda place: motion(frame[place], before[place])) if i % 2 else places[0]
            crops.append(frame[moving])
        return torch.from_numpy(np.array(crops)).permute(0, 3, 1, 2)

    def pictures(self, film_indices: Tensor) -> Tensor:
        """Return film frames [n] at the film's size: uint8 RGB [n, 3, H, W]."""
        return torch.from_numpy(self.frames[film_indices.numpy()]).permute(0, 3, 1, 2)

    def shrunk(self, film_index: int, size: tuple[int, int]) -> np.ndarray:
        """Return a film frame, padded, at a smaller size (w, h): uint8 RGB [h, w, 3]."""
        frame = np.asarray(self.frames[film_index])
        right, below = self.padded[0] - frame.shape[1], self.padded[1] - frame.shape[0]
        if right or below:
            frame = cv2.copyMakeBorder(frame, 0, below, 0, right, cv2.BORDER_REPLICATE)
        return cv2.resize(frame, size, interpolation=cv2.INTER_AREA)

    def _shrink_frame(self, film_index: int) -> np.ndarray:
        return self.shrunk(film_index, self.small_size)


def _spread(shots: list[np.ndarray], length: int, every: int) -> list[np.ndarray]:
    """Return pieces of the shots, as `pieces_of` chooses them."""
    spans = [(int(shot[0]), int(shot[-1]) + 1) for shot in shots]
    return [np.arange(start, stop) for start, stop in pieces_of(spans, length, every)]
