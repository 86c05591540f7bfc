"""Frames through filters of FFmpeg."""

from fractions import Fraction

import av
from av.filter import Graph


def filters_for(frame: av.VideoFrame, *filters: tuple[str, str]) -> Graph:
    """Return filters for frames of the size, format and time base of `frame`.

    Args:
        frame: A frame; it is not changed.
        filters: Name and arguments of each filter, in order.
    """
    graph = Graph()
    source = graph.add_buffer(
        width=frame.width, height=frame.height, format=frame.format, time_base=frame.time_base or Fraction(1)
    )
    graph.link_nodes(source, *(graph.add(*each) for each in filters), graph.add("buffersink")).configure()
    return graph


def pulled(graph: Graph) -> av.VideoFrame:
    """Return the next frame that a filter has ready.

    Raises:
        BlockingIOError, av.EOFError: It has none yet, or none any more.
    """
    frame = graph.pull()
    assert isinstance(frame, av.VideoFrame)
    return frame


def filtered(frame: av.VideoFrame, name: str, arguments: str) -> av.VideoFrame:
    """Return what a filter makes of a single frame."""
    graph = filters_for(frame, (name, arguments))
    graph.push(frame)
    return pulled(graph)
