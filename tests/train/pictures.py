"""Pairs for the tests: the place of a disc on one side, its colours on the other."""

from pathlib import Path

import cv2
import numpy as np

Pair = tuple[np.ndarray, np.ndarray]


def discs(count: int, size: tuple[int, int] = (48, 48)) -> list[Pair]:
    """Draw pairs uint8 RGB: a white disc on black, and the same disc red with a blue rim on green."""
    rng = np.random.default_rng(0)
    width, height = size
    pairs = []
    for _ in range(count):
        edge = min(size) // 4
        centre = (int(rng.integers(edge, width - edge)), int(rng.integers(edge, height - edge)))
        radius = int(rng.integers(edge // 2, edge))
        a = np.zeros((height, width, 3), np.uint8)
        b = np.full((height, width, 3), (40, 200, 60), np.uint8)
        cv2.circle(a, centre, radius, (255, 255, 255), -1)
        cv2.circle(b, centre, radius, (160, 20, 20), -1)
        cv2.circle(b, centre, radius, (20, 20, 160), 2)
        pairs.append((a, b))
    return pairs


def write(path: Path, picture: np.ndarray) -> None:
    """Write uint8 RGB [H, W, 3] in the format of the file name's suffix."""
    path.parent.mkdir(parents=True, exist_ok=True)
    assert cv2.imwrite(str(path), picture[:, :, ::-1])


def write_side_by_side(folder: Path, pairs: list[Pair]) -> Path:
    """Write each pair as one picture A|B, and return the folder."""
    for number, pair in enumerate(pairs):
        write(folder / f"{number:03d}.png", np.hstack(pair))
    return folder
