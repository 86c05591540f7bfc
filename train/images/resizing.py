"""Resizing of pictures to the model's size."""

from __future__ import annotations

from typing import Literal

import cv2
import numpy as np

ResizeMode = Literal["crop", "letterbox"]


def resize_picture(picture: np.ndarray, aspect: float, size: tuple[int, int], mode: ResizeMode) -> np.ndarray:
    """Resize a picture without distortion.

    Args:
        picture: uint8 RGB [h, w, 3].
        aspect: width over height at which the whole picture is meant to be seen.
        size: (W, H) of the result.
        mode: "crop" fills the result and crops the edges; "letterbox" keeps the whole picture and adds black bars.

    Returns:
        uint8 RGB [H, W, 3].
    """
    width, height = size
    wider = aspect > width / height
    if mode == "crop":
        h, w = picture.shape[:2]
        keep_w = round(w * (width / height) / aspect) if wider else w
        keep_h = h if wider else round(h * aspect / (width / height))
        x, y = (w - keep_w) // 2, (h - keep_h) // 2
        cropped = np.ascontiguousarray(picture[y : y + keep_h, x : x + keep_w])
        return _scaled(cropped, size)
    inner = (width, max(1, round(width / aspect))) if wider else (max(1, round(height * aspect)), height)
    x, y = (width - inner[0]) // 2, (height - inner[1]) // 2
    boxed = np.zeros((height, width, 3), np.uint8)
    boxed[y : y + inner[1], x : x + inner[0]] = _scaled(np.ascontiguousarray(picture), inner)
    return boxed


def _scaled(picture: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    shrinks = size[0] < picture.shape[1] or size[1] < picture.shape[0]
    return cv2.resize(picture, size, interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC)
