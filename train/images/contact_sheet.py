"""Pictures about films: contact sheets, and the story as it was found."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

PAPER = 24  # grey level of the sheet behind the pictures
INK = (225, 225, 225)


def contact_sheet(
    pictures: Sequence[np.ndarray],
    captions: Sequence[str],
    columns: int,
    tints: Sequence[tuple[int, int, int]] = (),
) -> np.ndarray:
    """Lay pictures (uint8 RGB, all [H, W, 3]) out in rows with a caption below each; uint8 RGB."""
    height, width = pictures[0].shape[:2]
    rows = -(-len(pictures) // columns)
    gap, line = 6, 18
    sheet = np.full((gap + rows * (height + line + gap), gap + columns * (width + gap), 3), PAPER, np.uint8)
    for i, (picture, caption) in enumerate(zip(pictures, captions, strict=True)):
        y = gap + (i // columns) * (height + line + gap)
        x = gap + (i % columns) * (width + gap)
        sheet[y : y + height, x : x + width] = picture
        ink = tints[i] if tints else INK
        cv2.putText(sheet, caption, (x, y + height + 13), cv2.FONT_HERSHEY_SIMPLEX, 0.4, ink, 1, cv2.LINE_AA)
    return sheet


def write_picture(path: Path, picture: np.ndarray) -> None:
    """Write uint8 RGB [H, W, 3] as PNG, whole or not at all."""
    partial = path.with_suffix(".partial.png")
    if not cv2.imwrite(str(partial), picture[:, :, ::-1]):
        raise OSError(f"cannot write {partial}")
    os.replace(partial, path)
