"""Scale a picture into another size, and mirror it. Nothing here distorts it."""

import cv2
import numpy as np

from live.frame import Pixels
from live.geometry import ResizeMode, placed


def scaled(pixels: Pixels, size: tuple[int, int], mode: ResizeMode) -> Pixels:
    """Return a picture in another size.

    Args:
        pixels: uint8 [h, w, 3].
        size: (height, width) of the result.
        mode: "letterbox" adds black borders, "fill" crops the overflow.
    """
    return filled(pixels, size) if mode == "fill" else letterboxed(pixels, size)


def filled(pixels: Pixels, size: tuple[int, int]) -> Pixels:
    """Return the middle of `pixels`, uint8 [h, w, 3], cropped to the shape of `size` (height, width) and scaled."""
    height, width = pixels.shape[:2]
    scale = max(size[0] / height, size[1] / width)
    crop_height, crop_width = (
        max(1, min(length, round(wanted / scale))) for length, wanted in zip((height, width), size, strict=True)
    )
    top, left = (height - crop_height) // 2, (width - crop_width) // 2
    return _resized(pixels[top : top + crop_height, left : left + crop_width], size)


def letterboxed(pixels: Pixels, size: tuple[int, int]) -> Pixels:
    """Return the whole of `pixels`, uint8 [h, w, 3], scaled into the middle of `size` (height, width) on black."""
    left, top, width, height = placed((pixels.shape[1], pixels.shape[0]), (size[1], size[0]), "letterbox")
    inside = _resized(pixels, (height, width))
    if (height, width) == size:
        return inside
    whole = np.zeros((*size, 3), np.uint8)
    whole[top : top + height, left : left + width] = inside
    return whole


def mirrored(pixels: Pixels) -> Pixels:
    """Return `pixels` with left and right exchanged, contiguous."""
    return np.ascontiguousarray(pixels[:, ::-1])


def _resized(pixels: Pixels, size: tuple[int, int]) -> Pixels:
    shrinks = size[0] < pixels.shape[0] or size[1] < pixels.shape[1]
    # An average over the pixels that become one keeps a sensor's noise and a grid's moiré out of small pictures.
    interpolation = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(pixels, (size[1], size[0]), interpolation=interpolation), np.uint8)
