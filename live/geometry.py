"""Place of a picture in a window, in whole pixels. Neither mode distorts it."""

from typing import Literal

ResizeMode = Literal["letterbox", "fill"]
"""letterbox: the whole picture, with borders; fill: no borders, the overflow is cropped."""


def placed(picture: tuple[int, int], window: tuple[int, int], mode: ResizeMode) -> tuple[int, int, int, int]:
    """Return (left, top, width, height) of a picture in a window, in pixels.

    Args:
        picture: (width, height) of the picture.
        window: (width, height) of the window.
        mode: Shows the whole picture or covers the whole window. With "fill", `left` or `top` may be negative.
    """
    scales = (window[0] / picture[0], window[1] / picture[1])
    scale = min(scales) if mode == "letterbox" else max(scales)
    width, height = (max(1, round(length * scale)) for length in picture)
    return (window[0] - width) // 2, (window[1] - height) // 2, width, height


def first_size(picture: tuple[int, int], desktop: tuple[int, int]) -> tuple[int, int]:
    """Return (width, height) of a new window: the largest whole multiple of the picture within 4/5 of the desktop.

    A picture that is larger than that keeps its own size.
    """
    multiple = min(4 * desktop[0] // (5 * picture[0]), 4 * desktop[1] // (5 * picture[1]))
    return picture[0] * max(1, multiple), picture[1] * max(1, multiple)
