"""Aligned pairs of pictures, and folders of pictures alone: decoded once into memory, a tenth kept aside."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import cv2
import numpy as np

from train.data.film import ResizeMode, resize_picture
from train.errors import PicturesError

Use = Literal["pairs", "pictures"]
Direction = Literal["AtoB", "BtoA"]
Size = tuple[int, int]  # (W, H) in pixels

SUFFIXES = {".bmp", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp"}
SPLITS = {"test", "train", "val"}  # what the pix2pix datasets call their folders: parts, not sides
LEAST = 32  # pixels of the shorter side
ALIGNED = 0.02  # by which the shapes of two aligned pictures may differ
HELD_OUT = 10  # one of so many is never learnt from
SPLIT_SEED = 0


@dataclass(frozen=True)
class Pairs:
    """Pictures in memory, in the order of their names; of a folder of pictures alone, `a` is `b`."""

    use: Use
    names: tuple[str, ...]
    a: np.ndarray  # uint8 RGB [N, H, W, 3], what the camera would see
    b: np.ndarray  # like a, what is to be shown
    source_hash: str  # SHA-256 of the names and bytes of all files, in hex
    told: str  # where they are from, and what was skipped

    @property
    def held_out(self) -> list[int]:
        """Which of them are kept aside: a tenth, at least one, always the same ones of a folder."""
        order = np.random.default_rng(SPLIT_SEED).permutation(len(self.names))
        return sorted(order[: max(1, len(order) // HELD_OUT)].tolist())

    @property
    def learnt(self) -> list[int]:
        """The others."""
        return sorted(set(range(len(self.names))) - set(self.held_out))


@dataclass(frozen=True)
class _Source:
    """The files of one folder: of a pair, both sides in one picture or two pictures of the same name."""

    told: str
    files: list[tuple[Path, ...]]
    lonely: int  # files that have no counterpart


def read_pairs(
    folder: Path,
    use: Use,
    direction: Direction,
    fit: ResizeMode,
    choose_size: Callable[[Size], Size],
    on_progress: Callable[[float], None] = lambda share: None,
) -> Pairs:
    """Read a folder of pairs (A|B side by side, or two subfolders of equal names) or of pictures alone.

    Args:
        folder: where they are.
        use: which of both it is.
        direction: "BtoA" makes B the camera's side.
        fit: how pictures of another shape are fitted, see `train.data.film.resize_picture`.
        choose_size: from the size of the first picture (of one side) to that of all.
        on_progress: called with the share read, 0…1.

    Raises:
        PicturesError: there are fewer than two.
    """
    source = _source_of(folder, use)
    skipped = Counter({"have no counterpart": source.lonely})
    digest, names = hashlib.sha256(), []
    sides: tuple[list[np.ndarray], list[np.ndarray]] = ([], [])
    size: Size | None = None
    for number, files in enumerate(source.files):
        on_progress(number / len(source.files))
        contents = [_bytes_of(path) for path in files]
        pictures = [_decoded(content) for content in contents]
        fault = _fault(pictures, use)
        if fault:
            skipped[fault] += 1
            continue
        whole = [picture for picture in pictures if picture is not None]
        pair = list(_halves(whole[0])) if use == "pairs" and len(whole) == 1 else whole
        size = size or choose_size((pair[-1].shape[1], pair[-1].shape[0]))
        for side, picture in zip(sides, pair, strict=False):
            side.append(resize_picture(picture, picture.shape[1] / picture.shape[0], size, fit))
        name = files[0].name
        names.append(name)
        for part in (name.encode(), *contents):
            digest.update(len(part).to_bytes(8, "big") + part)
    faults = ", ".join(f"{count} {fault}" for fault, count in skipped.items() if count)
    if len(names) < 2:
        wanted = "pairs of pictures" if use == "pairs" else "pictures"
        raise PicturesError(
            f"{folder} holds {len(names)} {wanted} that can be used ({faults or 'nothing else'}); at least two are "
            "needed, one to learn from and one to be judged by"
        )
    first = np.stack(sides[0])
    second = np.stack(sides[1]) if use == "pairs" else first
    a, b = (second, first) if direction == "BtoA" else (first, second)
    told = source.told + (f"; skipped: {faults}" if faults else "")
    return Pairs(use, tuple(names), a, b, digest.hexdigest(), told)


def _source_of(folder: Path, use: Use) -> _Source:
    if not folder.is_dir():
        raise PicturesError(f"there is no folder {folder}; give one that holds pictures")
    files = _pictures_in(folder)
    if use == "pictures":
        return _Source(f"pictures of {folder}", [(path,) for path in files], 0)
    sides = sorted(path for path in folder.iterdir() if path.is_dir() and _pictures_in(path))
    if files:
        return _Source(f"pairs A|B side by side in {folder}", [(path,) for path in files], 0)
    if {side.name for side in sides} <= SPLITS and sides:
        raise PicturesError(f"{folder} is divided into parts; give one of them, such as {sides[-1]}")
    if len(sides) != 2:
        raise PicturesError(
            f"{folder} holds no pairs: neither pictures (A|B side by side) nor two folders of pictures with equal "
            f"names, but {len(sides)}"
        )
    first, second = ({path.stem: path for path in _pictures_in(side)} for side in sides)
    both = sorted(first.keys() & second.keys())
    lonely = len(first.keys() ^ second.keys())
    told = f"pairs of {folder}: A is {sides[0].name}, B is {sides[1].name}"
    return _Source(told, [(first[name], second[name]) for name in both], lonely)


def _pictures_in(folder: Path) -> list[Path]:
    return sorted(
        path
        for path in folder.iterdir()
        if path.suffix.lower() in SUFFIXES and not path.name.startswith(".") and path.is_file()
    )


def _bytes_of(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""  # counted as what cannot be decoded


def _decoded(content: bytes) -> np.ndarray | None:
    """uint8 RGB [h, w, 3], upright; None if it is no picture."""
    try:
        picture = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR_RGB) if content else None
    except cv2.error:
        return None
    return picture


def _fault(pictures: list[np.ndarray | None], use: Use) -> str:
    """Why this cannot be learnt from; empty if it can."""
    shapes = [picture.shape[:2] for picture in pictures if picture is not None]
    if len(shapes) < len(pictures):
        return "cannot be read"
    if use == "pairs" and len(shapes) == 1:
        height, width = shapes[0]
        if width % 2:
            return "have an odd width, and so no halves"
        shapes = [(height, width // 2)]
    if min(min(shape) for shape in shapes) < LEAST:
        return f"are smaller than {LEAST} pixels"
    aspects = [width / height for height, width in shapes]
    return "differ in shape" if max(aspects) > (1 + ALIGNED) * min(aspects) else ""


def _halves(picture: np.ndarray) -> Iterator[np.ndarray]:
    middle = picture.shape[1] // 2
    yield picture[:, :middle]
    yield picture[:, middle:]
