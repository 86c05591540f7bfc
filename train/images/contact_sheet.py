"""Contact sheets, and picture files."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from live.reading.text import printable

BACKGROUND = 24  # grey level behind the pictures
CAPTION_COLOUR = (225, 225, 225)
JPEG_QUALITY = 90  # percent


def contact_sheet(
    pictures: Sequence[np.ndarray],
    captions: Sequence[str],
    columns: int,
    tints: Sequence[tuple[int, int, int]] = (),
) -> np.ndarray:
    """Lay out pictures in rows, each with a caption below it.

    Args:
        pictures: uint8 RGB, all of the same shape [H, W, 3].
        captions: one for each picture.
        columns: pictures in a row.
        tints: colours of the captions, RGB; default: light grey.

    Returns:
        the sheet, uint8 RGB.
    """
    height, width = pictures[0].shape[:2]
    rows = -(-len(pictures) // columns)
    gap, line = 6, 18
    sheet = np.full((gap + rows * (height + line + gap), gap + columns * (width + gap), 3), BACKGROUND, np.uint8)
    for i, (picture, caption) in enumerate(zip(pictures, captions, strict=True)):
        y = gap + (i // columns) * (height + line + gap)
        x = gap + (i % columns) * (width + gap)
        sheet[y : y + height, x : x + width] = picture
        colour = tints[i] if tints else CAPTION_COLOUR
        cv2.putText(
            sheet, printable(caption), (x, y + height + 13), cv2.FONT_HERSHEY_SIMPLEX, 0.4, colour, 1, cv2.LINE_AA
        )
    return sheet


def reduced(picture: np.ndarray, width: int) -> np.ndarray:
    """Return a picture, uint8 RGB [H, W, 3], at most `width` pixels wide, in its proportions."""
    if picture.shape[1] <= width:
        return picture
    height = max(1, round(width * picture.shape[0] / picture.shape[1]))
    return np.asarray(cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA))


def write_picture(path: Path, picture: np.ndarray) -> None:
    """Write uint8 RGB [H, W, 3] as PNG or JPEG, by the suffix; an interruption leaves no half file at `path`."""
    partial = path.with_suffix(f".partial{path.suffix}")
    # OpenCV prints a warning where a PNG is given a quality.
    quality = [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY] if path.suffix == ".jpg" else []
    encoded = cv2.imencode(path.suffix, picture[:, :, ::-1], quality)[1]
    try:
        # OpenCV itself writes no file whose name is not UTF-8, and does not say that a disk is full.
        partial.write_bytes(encoded.tobytes())
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)
