"""Aligned pairs of pictures, and folders of pictures alone: decoded once into memory, a tenth held out."""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import av
import cv2
import numpy as np

from live.decoding import decoding
from live.decoding.findings import Findings
from live.decoding.stills import JPEG, READ_HEIC, is_cut_off
from train.errors import PicturesError
from train.images.resizing import ResizeMode, resize_picture

Use = Literal["pairs", "pictures"]
Direction = Literal["AtoB", "BtoA"]
Size = tuple[int, int]  # (W, H) in pixels

SUFFIXES = {
    ".avif", ".bmp", ".gif", ".heic", ".heif", ".hif", ".jfif", ".jp2", ".jpe", ".jpeg", ".jpg", ".pgm", ".png", ".ppm",
    ".tif", ".tiff", ".webp",
}  # fmt: skip
OF_SYSTEMS = {"desktop.ini", "thumbs.db"}  # files that no person puts into a folder
NAMED_SUFFIXES = 5  # of files that are left out
SPLIT_FOLDERS = {"test", "train", "val"}  # folders of the pix2pix datasets: splits, not sides
HEIF = b"ftyp"  # bytes from the fifth on of AVIF and HEIC
TRANSPARENT = "with transparent parts, shown on white"
FEW_LEVELS = "of 16 bits in a small part of their range, of which few grey levels are left: stretch their levels first"
MANY_LEVELS = 32  # below which a picture shows steps
MIN_SIDE = 32  # pixels of the shorter side
ASPECT_TOLERANCE = 0.02  # relative difference between the aspect ratios of two aligned pictures
HELD_OUT_ONE_IN = 10
SPLIT_SEED = 0


@dataclass(frozen=True)
class Pairs:
    """Pictures in memory, in the order of their names. Without pairs (`use` is "pictures"), `a` is `b`."""

    use: Use
    names: tuple[str, ...]
    a: np.ndarray  # uint8 RGB [N, H, W, 3], the camera's side
    b: np.ndarray  # like a, the pictures to show
    source_hash: str  # SHA-256 of the names and bytes of all files, in hex
    summary: str  # source of the pictures, and which files were skipped or left out

    @property
    def held_out_indices(self) -> list[int]:
        """Indices never trained on: a tenth, at least one, always the same ones for a folder."""
        order = np.random.default_rng(SPLIT_SEED).permutation(len(self.names))
        return sorted(order[: max(1, len(order) // HELD_OUT_ONE_IN)].tolist())

    @property
    def train_indices(self) -> list[int]:
        """All other indices."""
        return sorted(set(range(len(self.names))) - set(self.held_out_indices))


@dataclass(frozen=True)
class _Source:
    """Files of one folder. A pair is one file with both sides, or two files of the same name."""

    summary: str
    files: list[tuple[Path, ...]]
    unmatched: int  # files without a counterpart
    left_out: str  # what else lies beside the pictures, for a person; empty if nothing does


class _Unusable(Exception):
    """Picture or pair that cannot be used; the text is the reason."""


def read_pairs(
    folder: Path,
    use: Use,
    direction: Direction,
    mode: ResizeMode,
    choose_size: Callable[[Size], Size],
    on_progress: Callable[[float], None] = lambda share: None,
) -> Pairs:
    """Read a folder of pairs (A|B side by side, or two subfolders with equal file names) or of pictures alone.

    Args:
        folder: the folder.
        use: "pairs" or "pictures".
        direction: "BtoA" makes B the camera's side.
        mode: how pictures of another shape are resized, see `train.images.resizing.resize_picture`.
        choose_size: maps the size of the first picture (of one side) to the size of all.
        on_progress: called with the share read so far, 0…1.

    Raises:
        PicturesError: the folder holds fewer than two usable pairs or pictures.
    """
    source = _find_files(folder, use)
    skipped = Counter({"without a counterpart": source.unmatched})
    digest, names = hashlib.sha256(), []
    sides: tuple[list[np.ndarray], list[np.ndarray]] = ([], [])
    size: Size | None = None
    remarks = Counter[str]()
    for number, files in enumerate(source.files):
        on_progress(number / len(source.files))
        contents = [_read_bytes(path) for path in files]
        try:
            pictures, its_remarks = _decode_sides(files, contents, use)
        except _Unusable as reason:
            skipped[str(reason)] += 1
            continue
        size = size or choose_size((pictures[-1].shape[1], pictures[-1].shape[0]))
        for side, picture in zip(sides, pictures, strict=False):
            side.append(resize_picture(picture, picture.shape[1] / picture.shape[0], size, mode))
        remarks.update(its_remarks)
        name = files[0].name
        names.append(name)
        for part in (os.fsencode(name), *contents):
            digest.update(len(part).to_bytes(8, "big") + part)
    reasons = ", ".join(f"{count} {reason}" for reason, count in skipped.items() if count)
    clauses = [f"skipped: {reasons}"] * bool(reasons) + [f"left out: {source.left_out}"] * bool(source.left_out)
    if len(names) < 2:
        why = f" ({'; '.join(clauses)})" if clauses else ""
        raise PicturesError(
            f"{folder} holds {len(names)} usable {use}{why}; "
            f"give at least two, one to train on and one to hold out ({_read_kinds()} are read)"
        )
    first = np.stack(sides[0])
    second = np.stack(sides[1]) if use == "pairs" else first
    a, b = (second, first) if direction == "BtoA" else (first, second)
    summary = "; ".join([source.summary, *(f"{count} {remark}" for remark, count in remarks.items()), *clauses])
    return Pairs(use, tuple(names), a, b, digest.hexdigest(), summary)


def _find_files(folder: Path, use: Use) -> _Source:
    if not folder.is_dir():
        raise PicturesError(f"there is no folder {folder}; give a folder of pictures")
    files = _pictures_in(folder)
    if use == "pictures":
        return _Source(f"pictures of {folder}", [(path,) for path in files], 0, _others_in(folder))
    if files:
        return _Source(f"pairs A|B side by side in {folder}", [(path,) for path in files], 0, _others_in(folder))
    sides = sorted(path for path in folder.iterdir() if path.is_dir() and _pictures_in(path))
    if {side.name for side in sides} <= SPLIT_FOLDERS and sides:
        raise PicturesError(f"{folder} is divided into parts; give one of them, such as {sides[-1]}")
    if len(sides) != 2:
        raise PicturesError(
            f"{folder} holds no pairs (folders of pictures in it: {len(sides)}); "
            f"give pictures A|B side by side, or two folders of pictures with equal names ({_read_kinds()} are read)"
        )
    first, second = ({path.stem: path for path in _pictures_in(side)} for side in sides)
    common = sorted(first.keys() & second.keys())
    unmatched = len(first.keys() ^ second.keys())
    summary = f"pairs of {folder}: A is {sides[0].name}, B is {sides[1].name}"
    return _Source(summary, [(first[name], second[name]) for name in common], unmatched, _others_in(*sides))


def _pictures_in(folder: Path) -> list[Path]:
    return [path for path in _visible_in(folder) if path.suffix.lower() in SUFFIXES and path.is_file()]


def _others_in(*folders: Path) -> str:
    """Return what lies in folders and is not read, for a person: "2 .jxl, 1 folder"; empty if nothing does."""
    others = [path for folder in folders for path in _visible_in(folder)]
    counts = Counter(
        path.suffix.lower() or path.name for path in others if path.is_file() and path.suffix.lower() not in SUFFIXES
    )
    named = counts.most_common(NAMED_SUFFIXES)
    more = counts.total() - sum(count for _, count in named)
    nested = sum(path.is_dir() for path in others)
    said = [f"{count} {kind}" for kind, count in named] + [f"{more} more"] * bool(more)
    return ", ".join(said + [f"{nested} folder{'s' * (nested > 1)}"] * bool(nested))


def _visible_in(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.name[0] != "." and path.name.lower() not in OF_SYSTEMS)


def _read_kinds() -> str:
    """Return the kinds of pictures that are read, for a person."""
    return ", ".join(sorted(suffix.removeprefix(".").upper() for suffix in SUFFIXES))


def _read_bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""  # counted as unreadable


def _decode_sides(files: Sequence[Path], contents: Sequence[bytes], use: Use) -> tuple[list[np.ndarray], set[str]]:
    """Decode the sides A and B of a pair, or one picture, each to uint8 RGB [h, w, 3].

    Returns:
        the pictures, and what there is to say about them.

    Raises:
        _Unusable: a picture cannot be read, is too small, or the sides do not match.
    """
    decoded = [_decode(path, content) for path, content in zip(files, contents, strict=True)]
    remarks = set[str]().union(*(each for _, each in decoded))
    pictures = [picture for picture, _ in decoded]
    if use == "pairs" and len(pictures) == 1:
        width = pictures[0].shape[1]
        if width % 2:
            raise _Unusable("of odd width")
        pictures = [pictures[0][:, : width // 2], pictures[0][:, width // 2 :]]
    if min(min(picture.shape[:2]) for picture in pictures) < MIN_SIDE:
        raise _Unusable(f"smaller than {MIN_SIDE} pixels")
    aspects = [picture.shape[1] / picture.shape[0] for picture in pictures]
    if max(aspects) > (1 + ASPECT_TOLERANCE) * min(aspects):
        raise _Unusable("of different shapes")
    return pictures, remarks


def _decode(path: Path, content: bytes) -> tuple[np.ndarray, set[str]]:
    """Decode a picture, upright, to uint8 RGB [h, w, 3]; and return what there is to say about it.

    OpenCV reads most kinds and has the better colours, but leaves out transparency, and does not turn HEIF files.
    """
    picture = None
    remarks = set[str]()
    if is_cut_off(content):
        raise _Unusable("cut off")
    if content and not content.startswith(JPEG):  # the one kind that has no transparency
        findings = Findings()
        picture = _by_ffmpeg(path, findings)
        if findings.left_out:
            raise _Unusable(f"{findings.left_out} ({READ_HEIC})")
        if findings.transparent:
            remarks.add(TRANSPARENT)
        elif content[4:8] != HEIF:
            picture = None
            stored = _by_opencv(content, cv2.IMREAD_UNCHANGED)
            if stored is not None and _loses_levels(stored):
                remarks.add(FEW_LEVELS)
    if picture is None:
        picture = _by_opencv(content, cv2.IMREAD_COLOR_RGB)
    if picture is None:
        raise _Unusable("unreadable")
    return picture, remarks


def _loses_levels(stored: np.ndarray) -> bool:
    """Return True if a picture of 16 bits uses so little of its range that few levels are left of it in 8 bits."""
    if stored.dtype != np.uint16:
        return False
    levels = len(np.unique(stored))
    return levels > 2 * MANY_LEVELS and len(np.unique(stored >> 8)) < MANY_LEVELS


def _by_opencv(content: bytes, mode: int) -> np.ndarray | None:
    """Return the picture of a file as OpenCV reads it; None if it cannot."""
    try:
        return cv2.imdecode(np.frombuffer(content, np.uint8), mode) if content else None
    except cv2.error:
        return None


def _by_ffmpeg(path: Path, findings: Findings) -> np.ndarray | None:
    """Return the picture of a file as the camera shows it, uint8 RGB [h, w, 3]; None if it cannot be read."""
    with contextlib.suppress(av.FFmpegError, OSError, ValueError), decoding.open_media(path) as container:
        for picture in decoding.pictures(container, findings):
            return picture.pixels
    return None
