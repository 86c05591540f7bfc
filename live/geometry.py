"""Where a picture stands in a window. Neither way distorts it."""

from typing import Literal

ResizeMode = Literal["letterbox", "fill"]


def placed(picture: tuple[int, int], window: tuple[int, int], fit: ResizeMode) -> tuple[int, int, int, int]:
    """(left, top, width, height) of a picture of (width, height) in a window of (width, height), in pixels.

    "letterbox" shows all of the picture with borders; "fill" covers all of the window, and what juts out is cut off.
    """
    scales = (window[0] / picture[0], window[1] / picture[1])
    scale = min(scales) if fit == "letterbox" else max(scales)
    width, height = (max(1, round(length * scale)) for length in picture)
    return (window[0] - width) // 2, (window[1] - height) // 2, width, height


def first_size(picture: tuple[int, int], desktop: tuple[int, int]) -> tuple[int, int]:
    """(width, height) for a new window: the largest whole multiple of the picture that leaves the desktop some room."""
    multiple = min(4 * desktop[0] // (5 * picture[0]), 4 * desktop[1] // (5 * picture[1]))
    return picture[0] * max(1, multiple), picture[1] * max(1, multiple)
