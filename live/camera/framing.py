"""How a live picture gets the shape of the bundle's: its middle, as much of it as fits, scaled and never distorted."""

import cv2
import numpy as np

from live.frame import Pixels


def filled(pixels: Pixels, size: tuple[int, int]) -> Pixels:
    """The middle of `pixels`, uint8 [h, w, 3], in the shape of `size` (height, width) and scaled to it."""
    height, width = pixels.shape[:2]
    scale = max(size[0] / height, size[1] / width)
    cut_height, cut_width = (
        max(1, min(length, round(wanted / scale))) for length, wanted in zip((height, width), size, strict=True)
    )
    top, left = (height - cut_height) // 2, (width - cut_width) // 2
    cut = pixels[top : top + cut_height, left : left + cut_width]
    # Averaging over what becomes one pixel keeps a sensor's noise and a grid's moiré out of small pictures.
    interpolation = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    return cv2.resize(cut, (size[1], size[0]), interpolation=interpolation).astype(np.uint8, copy=False)


def mirrored(pixels: Pixels) -> Pixels:
    """`pixels` with left and right exchanged, contiguous."""
    return np.ascontiguousarray(pixels[:, ::-1])
