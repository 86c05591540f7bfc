"""Orientation of a decoded picture: turned and mirrored as its file says, like FFmpeg's autorotate."""

from typing import TypeAlias

import av
import numpy as np
from av.sidedata.sidedata import SideData, SideDataContainer

from live.decoding.filters import filtered
from live.frame import Pixels

Matrix: TypeAlias = tuple[int, int, int, int]
"""a, b, c, d of any scale: the pixel at (x, y) is shown at (a x + c y, b x + d y)."""
UPRIGHT: Matrix = (1, 0, 0, 1)
ORIENTATIONS: dict[int, Matrix] = {  # of EXIF
    1: UPRIGHT,
    2: (-1, 0, 0, 1),
    3: (-1, 0, 0, -1),
    4: (1, 0, 0, -1),
    5: (0, 1, 1, 0),
    6: (0, 1, -1, 0),
    7: (0, -1, -1, 0),
    8: (0, -1, 1, 0),
}

_MOST_UNKNOWN_KINDS = 8


def display_matrix(frame: av.VideoFrame) -> Matrix:
    """Return how a frame is meant to be shown; as it is stored, if the file does not say."""
    for _ in range(_MOST_UNKNOWN_KINDS):
        try:
            # A frame keeps its `side_data`, and that keeps the frame: it would wait for the garbage collection.
            stored = SideDataContainer(frame).get("DISPLAYMATRIX")  # type: ignore[call-arg]  # not in its stub
        except ValueError as error:
            # Beside a kind that PyAV does not know, such as EXIF, it reads none at all: "31 is not a valid Type".
            unknown = str(error).split()[0]
            if not unknown.isdecimal():
                break
            frame = filtered(frame, "sidedata", f"mode=delete:type={unknown}")
            continue
        if not isinstance(stored, SideData):
            break
        a, b, _, c, d = np.frombuffer(bytes(stored), np.int32)[:5].tolist()
        return a, b, c, d
    return UPRIGHT


def exchanges_sides(matrix: Matrix) -> bool:
    """Return True if width and height are exchanged."""
    a, b, c, d = matrix
    return abs(b) + abs(c) > abs(a) + abs(d)


def upright(pixels: Pixels, matrix: Matrix) -> Pixels:
    """Return a picture [h, w, c] turned and mirrored as its matrix says, to the nearest quarter turn."""
    a, b, c, d = matrix
    if exchanges_sides(matrix):
        pixels, a, d = pixels.transpose(1, 0, 2), c, b
    if a < 0:
        pixels = pixels[:, ::-1]
    if d < 0:
        pixels = pixels[::-1]
    return np.ascontiguousarray(pixels)
