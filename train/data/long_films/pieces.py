"""Pieces of a long film: the parts that are used of a film that has more frames than a training sees."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

MOST_WINDOWS = 8192  # of a film; a longer one is seen in pieces at even distances
PIECE_SECONDS = 8.0  # length of such a piece

Span = tuple[int, int]  # frames [start, stop)


def pieces_of(shots: Sequence[Span], length: int, every: int) -> list[Span]:
    """Return one of every `every` pieces of `length` frames, counted from the end of the last shot; the last is one.

    A shot is divided from its end, so that its first piece may be shorter.
    """
    pieces = [
        piece
        for start, stop in shots
        for piece in pairwise([start, *range(stop - (stop - start - 1) // length * length, stop, length), stop])
    ]
    return pieces[::-1][::every][::-1]


def joined_spans(spans: Sequence[Span], borders: set[int]) -> list[Span]:
    """Return spans in order; those that overlap become one, and those that touch unless a border lies between them."""
    joined: list[Span] = []
    for start, stop in sorted(spans):
        last = joined[-1][1] if joined else -1
        if start < last or (start == last and start not in borders):
            joined[-1] = joined[-1][0], max(joined[-1][1], stop)
        else:
            joined.append((start, stop))
    return joined
