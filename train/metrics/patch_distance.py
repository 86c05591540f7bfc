"""Descriptors of a second of pictures, whose mean absolute difference is a distance.

Sliced Wasserstein distance of Laplacian-pyramid patches (Karras et al. 2018, Progressive Growing of GANs, §5): two
sets of patches are projected onto many random directions, and in each the two sets of numbers are compared in order.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import torch

from train.images.thumbnails import THUMB

PATCH = 7  # pixels a side, as in the paper
PATCHES = 96  # of each level of each frame; the places are fixed, so that a still picture adds no sampling noise
DIRECTIONS = 48
QUANTILES = 32  # of each direction; PATCHES and COLOURS are multiples, so that all quantiles average equally many
SMALLEST = 14  # least height and width of the coarsest level, in pixels
COLOURS = 192  # pixels of a thumbnail whose colours are compared
SEED = 0  # of places and directions, so that figures of different days are comparable

Projected = tuple[np.ndarray, np.ndarray]


class Describer:
    """Projects the patches of frames, and turns those of a second into a descriptor."""

    def __init__(self, sample: Sequence[np.ndarray]) -> None:
        """Choose places and directions, and take the units of every level from the film.

        The paper divides each set by its own deviation. Here all are divided by the film's, so that lost contrast
        counts.

        Args:
            sample: frames from all over the film, uint8 RGB [H, W, 3].
        """
        pyramids = [_pyramid(frame) for frame in sample]
        rng = np.random.default_rng(SEED)
        directions = _unit(rng.standard_normal((PATCH * PATCH * 3, DIRECTIONS)))
        self._places: list[np.ndarray] = []  # [PATCHES, 7·7·3] into the flat level
        self._directions: list[np.ndarray] = []  # [7·7·3, DIRECTIONS] float32
        inside = np.arange(PATCH)
        for level in range(len(pyramids[0])):
            pictures = np.stack([pyramid[level] for pyramid in pyramids])
            height, width = pictures.shape[1:3]
            columns = width - PATCH + 1
            corners = np.resize(rng.permutation((height - PATCH + 1) * columns), PATCHES)
            rows = (corners // columns)[:, None, None] + inside[:, None]
            pixels = rows * width + (corners % columns)[:, None, None] + inside
            self._places.append((3 * pixels[..., None] + np.arange(3)).reshape(PATCHES, -1))
            deviation = np.maximum(pictures.std((0, 1, 2)), 1e-3)  # of each channel; a black film has none
            self._directions.append((directions / np.tile(deviation, PATCH * PATCH)[:, None]).astype(np.float32))
        self._colours = rng.permutation(THUMB[0] * THUMB[1])[:COLOURS]
        self._hues = _unit(rng.standard_normal((3, DIRECTIONS // 3))).astype(np.float32)

    def project(self, frame: np.ndarray, thumb: np.ndarray) -> Projected:
        """Project the patches and colours of one frame.

        Args:
            frame: uint8 RGB [H, W, 3].
            thumb: its thumbnail.

        Returns:
            patches float [levels, PATCHES, DIRECTIONS] and colours float [COLOURS, DIRECTIONS / 3].
        """
        pyramid = zip(_pyramid(frame), self._places, self._directions, strict=True)
        patches = np.stack([level.ravel()[places] @ directions for level, places, directions in pyramid])
        return patches, thumb.reshape(-1, 3)[self._colours].astype(np.float32) / 255 @ self._hues

    @staticmethod
    def describe(frames: Sequence[Projected]) -> tuple[np.ndarray, np.ndarray]:
        """Describe a second.

        Args:
            frames: its projected frames; every window has the same number of them.

        Returns:
            descriptors of patches, float [levels · DIRECTIONS · QUANTILES], and of colours, float [·].
        """
        patches = np.concatenate([patches for patches, _ in frames], 1)  # [levels, N, DIRECTIONS]
        colours = np.concatenate([colours for _, colours in frames])  # [N, DIRECTIONS / 3]
        return _quantiles(patches.transpose(0, 2, 1)), _quantiles(colours.T)


def distances(ours: np.ndarray, theirs: np.ndarray) -> np.ndarray:
    """Return the sliced Wasserstein distances of descriptors [n, d] and [m, d]; float [n, m]."""
    sums = torch.cdist(torch.from_numpy(ours), torch.from_numpy(theirs), p=1)
    found: np.ndarray = sums.numpy() / ours.shape[1]
    return found


def median_distance(descriptors: np.ndarray) -> float:
    """Return the median distance between any two of descriptors [n, d]; 0 if there is only one."""
    between = distances(descriptors, descriptors)[np.triu_indices(len(descriptors), 1)]
    return float(np.median(between)) if len(between) else 0.0


def _pyramid(frame: np.ndarray) -> list[np.ndarray]:
    """Return the Laplacian pyramid of uint8 RGB [H, W, 3], finest level first, the last one plain; float [h, w, 3]."""
    picture: np.ndarray = frame.astype(np.float32) / 255
    levels = []
    while min(picture.shape[:2]) >= 2 * SMALLEST:
        smaller = cv2.pyrDown(picture)
        levels.append(picture - cv2.pyrUp(smaller, dstsize=picture.shape[1::-1]))
        picture = smaller
    return [*levels, picture]


def _unit(directions: np.ndarray) -> np.ndarray:
    unit: np.ndarray = directions / np.linalg.norm(directions, axis=0)
    return unit


def _quantiles(numbers: np.ndarray) -> np.ndarray:
    """Return the means of QUANTILES equal parts of the sorted numbers along the last axis; flat float32."""
    ordered = np.sort(np.ascontiguousarray(numbers), axis=-1)
    means: np.ndarray = ordered.reshape(*numbers.shape[:-1], QUANTILES, -1).mean(-1, dtype=np.float32)
    return means.ravel()
