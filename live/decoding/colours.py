"""Colours of a decoded frame: RGB for a usual screen, on a ground where it is transparent."""

from functools import lru_cache

import av
import numpy as np
from av.filter import Graph
from numpy.typing import NDArray

from live.decoding.filters import filters_for, pulled
from live.frame import Pixels

GROUND = 255
"""Level on which transparent pictures are shown: white, like paper and like FFmpeg's GIFs."""
HD_LINES, HD_COLUMNS = 720, 1280
"""A film of either is HD: of a wide one the black bars are often cut off."""
UNSPECIFIED = 2
"""Colour space (ITU-T H.273, table 4)."""
HDR = (16, 18)
"""Transfers PQ and HLG (ITU-T H.273, table 3)."""


def is_hdr(frame: av.VideoFrame) -> bool:
    """Return True for a frame with more light than a usual screen has."""
    return frame.color_trc in HDR


def tone_mapped(frame: av.VideoFrame) -> av.VideoFrame:
    """Convert an HDR frame to RGB for a usual screen."""
    stamp = frame.pts, frame.time_base
    graph = _tone_mapping(frame.width, frame.height, frame.format.name)
    graph.push(frame)
    mapped = pulled(graph)
    mapped.pts, mapped.time_base = stamp
    return mapped


@lru_cache(maxsize=1)  # setting it up takes seconds, which a clip that is played in a loop would cost in each round
def _tone_mapping(width: int, height: int, pixel_format: str) -> Graph:
    """Return a filter of FFmpeg that converts HDR frames of a kind to RGB for a usual screen."""
    return filters_for(
        av.VideoFrame(width, height, pixel_format),
        ("scale", "out_primaries=bt709:out_transfer=bt709:intent=perceptual:flags=bicubic+accurate_rnd"),
        ("format", "pix_fmts=rgb24"),
    )


def to_rgb(frame: av.VideoFrame, size: tuple[int, int]) -> tuple[Pixels, bool]:
    """Convert a frame.

    Args:
        frame: Of any format.
        size: (W, H) of the result.

    Returns:
        The picture, uint8 RGB [H, W, 3], on the ground where it is transparent; and True if it is so anywhere.
    """
    # A palette may hold transparent colours, although PyAV does not say so.
    if frame.format.name != "pal8" and not any(component.is_alpha for component in frame.format.components):
        return _converted(frame, size, "rgb24"), False
    rgba = _converted(frame, size, "rgba")
    return on_ground(rgba), bool(rgba[:, :, 3].min() < 255)


def _converted(frame: av.VideoFrame, size: tuple[int, int], pixel_format: str) -> NDArray[np.uint8]:
    width, height = size
    matrix = "ITU709" if _is_untagged_hd(frame) else None
    pixels = frame.to_ndarray(format=pixel_format, width=width, height=height, src_colorspace=matrix)
    return pixels.astype(np.uint8, copy=False)


def _is_untagged_hd(frame: av.VideoFrame) -> bool:
    """Return True if a frame does not say how it stores colours, and is of HD, whose usual way is BT.709."""
    return frame.colorspace == UNSPECIFIED and (frame.height >= HD_LINES or frame.width >= HD_COLUMNS)


def on_ground(rgba: NDArray[np.uint8]) -> Pixels:
    """Return a picture of straight alpha, uint8 RGBA [h, w, 4], on the ground: uint8 RGB [h, w, 3]."""
    colour, alpha = rgba[:, :, :3].astype(np.uint16), rgba[:, :, 3:].astype(np.uint16)
    return ((colour * alpha + GROUND * (255 - alpha) + 127) // 255).astype(np.uint8)
