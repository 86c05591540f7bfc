"""Deinterlacing: frames whose two fields are of two moments become frames of one."""

from collections import deque
from collections.abc import Iterator
from fractions import Fraction

import av
from av.filter import Graph

from live.decoding.filters import filters_for, pulled

PROGRESSIVE = {"apng", "png"}  # codecs that call the order of their lines interlaced
LEAST_COLUMNS, LEAST_LINES = 3, 4  # that the filter takes

Stamps = tuple[int | None, int | None, Fraction | None, int, Fraction | None]


def is_interlaced(frame: av.VideoFrame, codec: str) -> bool:
    """Return True for a frame of two fields, as its decoder, a codec of FFmpeg, marks it."""
    large = frame.width >= LEAST_COLUMNS and frame.height >= LEAST_LINES
    return large and codec not in PROGRESSIVE and frame.interlaced_frame


def deinterlaced(
    frames: Iterator[tuple[av.VideoFrame, Fraction | None]], codec: str
) -> Iterator[tuple[av.VideoFrame, Fraction | None]]:
    """Yield each frame, and the aspect of its pixels; frames of two fields show only the first of these moments.

    Lines of the second field stay where nothing moves, and are interpolated elsewhere, as in the first frame and the
    last. From the first frame of two fields on, each is yielded when the next has come.
    """
    graph: Graph | None = None
    kind: tuple[int, int, str] | None = None
    waiting = deque[Stamps]()
    for frame, aspect in frames:
        if graph is not None and kind != _kind(frame):
            yield from _pass(graph, None, waiting)
            graph = None
        if graph is None and is_interlaced(frame, codec):
            graph, kind = filters_for(frame, ("bwdif", "mode=send_frame:deint=interlaced")), _kind(frame)
        if graph is None:
            yield frame, aspect
        else:
            waiting.append((frame.pts, frame.dts, frame.time_base, frame.duration, aspect))
            yield from _pass(graph, frame, waiting)
    if graph is not None:
        yield from _pass(graph, None, waiting)


def _kind(frame: av.VideoFrame) -> tuple[int, int, str]:
    return frame.width, frame.height, frame.format.name


def _pass(
    graph: Graph, frame: av.VideoFrame | None, waiting: deque[Stamps]
) -> Iterator[tuple[av.VideoFrame, Fraction | None]]:
    """Pass a frame, or the end, to the filter, and yield what is ready, with the times that it had before."""
    graph.push(frame)
    while waiting:
        try:
            done = pulled(graph)
        except (BlockingIOError, av.EOFError):
            return
        done.pts, done.dts, done.time_base, done.duration, aspect = waiting.popleft()
        yield done, aspect
