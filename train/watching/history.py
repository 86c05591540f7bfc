"""Curves of earlier sessions, from the files that a training writes for TensorBoard."""

from __future__ import annotations

import logging
from pathlib import Path

from train.watching.board import POINTS, Point


def read_history(folder: Path, first_step: int) -> list[Point]:
    """Return the points of earlier sessions, curve by curve.

    Args:
        folder: of TensorBoard's files.
        first_step: of the present session; points from it on are left out.
    """
    if not folder.is_dir():
        return []
    # Half a second of imports, which a training without a page does not need.
    from tensorboard.backend.event_processing.event_accumulator import (  # type: ignore[import-untyped]  # no stubs
        SCALARS,
        EventAccumulator,
    )

    logging.getLogger("tensorboard").setLevel(logging.ERROR)  # of points that a resumed training replaced
    events = EventAccumulator(str(folder), size_guidance={SCALARS: POINTS})
    try:
        events.Reload()
    except Exception:  # what a damaged file lets TensorBoard raise has no common parent
        return []
    return [
        Point(event.step, curve, event.value)
        for curve in events.Tags()[SCALARS]
        for event in events.Scalars(curve)
        if event.step < first_step
    ]
