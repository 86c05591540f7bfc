"""Real pairs for the tests: what a thing is shows on one side, where it is on the other."""

from pathlib import Path

import cv2
import numpy as np

Pair = tuple[np.ndarray, np.ndarray]


def discs(count: int, size: tuple[int, int] = (48, 48)) -> list[Pair]:
    """A white disc on black, and the same disc red with a blue rim on green; uint8 RGB."""
    chance = np.random.default_rng(0)
    width, height = size
    pairs = []
    for _ in range(count):
        edge = min(size) // 4
        centre = (int(chance.integers(edge, width - edge)), int(chance.integers(edge, height - edge)))
        radius = int(chance.integers(edge // 2, edge))
        a = np.zeros((height, width, 3), np.uint8)
        b = np.full((height, width, 3), (40, 200, 60), np.uint8)
        cv2.circle(a, centre, radius, (255, 255, 255), -1)
        cv2.circle(b, centre, radius, (160, 20, 20), -1)
        cv2.circle(b, centre, radius, (20, 20, 160), 2)
        pairs.append((a, b))
    return pairs


def write(path: Path, picture: np.ndarray) -> None:
    """uint8 RGB, as what the suffix says."""
    path.parent.mkdir(parents=True, exist_ok=True)
    assert cv2.imwrite(str(path), picture[:, :, ::-1])


def write_side_by_side(folder: Path, pairs: list[Pair]) -> Path:
    for number, pair in enumerate(pairs):
        write(folder / f"{number:03d}.png", np.hstack(pair))
    return folder
