"""One video of several rollouts beside each other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, closing
from fractions import Fraction
from math import ceil, sqrt
from pathlib import Path

import cv2
import numpy as np

from train.images.contact_sheet import BACKGROUND, contact_sheet
from train.images.video import read_video, video_rate, write_video

LEAST_WIDTH, MOST_WIDTH = 320, 1920  # pixels: of a rollout, so that its name fits; and of all that stand in a row


def write_side_by_side(path: Path, videos: Sequence[Path]) -> None:
    """Write a video of the pictures of others at the same times, each with the name of its file below it.

    It is as long as the shortest of them, and runs at the highest of their rates.

    Args:
        path: file to write.
        videos: at least one; of any sizes and rates.
    """
    rates, columns = [video_rate(video) for video in videos], ceil(sqrt(len(videos)))
    names, rate = [video.stem for video in videos], max(rates)
    with ExitStack() as open_files:
        frames = [open_files.enter_context(closing(read_video(video))) for video in videos]
        paced = [_at_rate(each, own, rate) for each, own in zip(frames, rates, strict=True)]
        write_video(path, _sheets(paced, names, columns), rate)


def _sheets(videos: Sequence[Iterator[np.ndarray]], names: Sequence[str], columns: int) -> Iterator[np.ndarray]:
    shape: tuple[int, int] | None = None
    for pictures in zip(*videos, strict=False):
        shape = shape or _shown_shape(pictures, columns)
        yield _even(contact_sheet([_fitted(picture, shape) for picture in pictures], names, columns))


def _at_rate(frames: Iterable[np.ndarray], own: Fraction, rate: Fraction) -> Iterator[np.ndarray]:
    """Repeat frames of one rate so that they play at another one, which is not lower."""
    shown = 0
    for number, frame in enumerate(frames, start=1):
        while shown < number * rate / own:
            yield frame
            shown += 1


def _shown_shape(pictures: Sequence[np.ndarray], columns: int) -> tuple[int, int]:
    """Return the (height, width) at which every picture is shown: that of the largest, within the limits."""
    height, width = max((picture.shape[:2] for picture in pictures), key=lambda shape: shape[0] * shape[1])
    shown = min(max(width, LEAST_WIDTH), MOST_WIDTH // columns)
    return round(shown * height / width), shown


def _fitted(picture: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Scale a picture so that it fits into (height, width), and fill the rest."""
    height, width = picture.shape[:2]
    scale = min(shape[0] / height, shape[1] / width)
    size = min(shape[1], round(scale * width)), min(shape[0], round(scale * height))
    filled = np.full((*shape, 3), BACKGROUND, np.uint8)
    y, x = (shape[0] - size[1]) // 2, (shape[1] - size[0]) // 2
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    filled[y : y + size[1], x : x + size[0]] = cv2.resize(picture, size, interpolation=how)
    return filled


def _even(picture: np.ndarray) -> np.ndarray:
    """Return a picture of even height and width, as H.264 takes them."""
    return picture[: picture.shape[0] // 2 * 2, : picture.shape[1] // 2 * 2]
