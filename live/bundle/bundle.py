"""Read a bundle, the folder that a training leaves."""

import math
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Literal

from live.bundle.archive import has_part, read_part
from live.bundle.bounds import FRAME_RATES, LARGEST_MODEL_BYTES, LARGEST_STRIDE, LONGEST_TITLE
from live.bundle.checksums import Checksums, read_checksums
from live.bundle.graph_contract import GraphFacts, check_graph
from live.bundle.life_signs import LifeSigns, read_life_signs
from live.bundle.seed_film import SeedFilm, no_film, read_seed_film
from live.errors import BundleError
from live.reading.text import one_line
from live.reading.values import quoted, read_fraction, read_json, read_whole_number

Precision = Literal["fp32", "fp16", "int8"]
LONGEST_TAIL = 3600.0
"""Seconds. No bundle has as many."""


@dataclass(frozen=True)
class Bundle:
    """Checked bundle. The network is kept as the very bytes that were checked."""

    folder: Path
    model_bytes: bytes
    graph: GraphFacts
    title: str
    frame_rate: Fraction
    """Steps of the network for one second of the show."""
    stride: int
    """Film frames for one step of the network."""
    film: SeedFilm
    """Its last frames; none if the model has no memory."""
    life_signs: LifeSigns | None
    """Ranges that the film's own pictures never leave; None if the bundle does not give them."""
    checksums: Checksums
    """SHA-256 of each file, as far as the bundle gives it."""

    @property
    def name(self) -> str:
        """The folder's name, or that of the .zip without its suffix."""
        name = self.folder.resolve().name
        return name.removesuffix(".zip")

    def has(self, precision: Precision) -> bool:
        """Return True if the folder holds the network in that precision."""
        return has_part(network_path(self.folder, precision))

    def in_precision(self, precision: Precision) -> "Bundle":
        """Return the same bundle with the network in another precision, checked like the plain one.

        Raises `BundleError` if it breaks the contract, or is of another form than the plain one.
        """
        if precision == "fp32":
            return self
        path = network_path(self.folder, precision)
        model_bytes = _read_model(path)
        self.checksums.check(path, model_bytes)
        graph = check_graph(model_bytes, str(path))
        if graph != self.graph:
            raise BundleError(f"{path} is another model than generator.onnx; export it again")
        return replace(self, model_bytes=model_bytes, graph=graph)


def read_bundle(folder: Path, tail_seconds: float) -> Bundle:
    """Read and check a bundle, with as much of its film as a tail of `tail_seconds` needs.

    `folder` is a folder, or a .zip of it. Raises `BundleError` for anything but a whole bundle of this format.
    """
    path = network_path(folder, "fp32")
    model_bytes = _read_model(path)
    checksums = read_checksums(folder)
    checksums.check(path, model_bytes)
    facts = check_graph(model_bytes, str(path))
    metadata = facts.metadata
    frame_rate = _frame_rate(metadata["frame_rate"], path)
    if "context" in facts.inputs:
        film = read_seed_film(
            folder / "seed.mkv",
            height=facts.height,
            width=facts.width,
            context_frames=facts.context_frames,
            frame_rate=frame_rate,
            shot_starts=_shot_starts(metadata["seed_shot_starts"], path),
            # The show may be reseeded from the tail's first frame, too, which needs its context.
            keep=math.ceil(min(tail_seconds, LONGEST_TAIL) * frame_rate) + facts.context_frames,
            checksums=checksums,
        )
    else:
        film = no_film(facts.height, facts.width)
    return Bundle(
        folder=folder,
        model_bytes=model_bytes,
        graph=facts,
        title=one_line(metadata["title"], LONGEST_TITLE),
        frame_rate=frame_rate,
        stride=_stride(metadata["stride"], path),
        film=film,
        life_signs=read_life_signs(metadata["life_signs"], path) if "life_signs" in metadata else None,
        checksums=checksums,
    )


def network_path(folder: Path, precision: Precision) -> Path:
    """Return the file of a bundle's network in a precision."""
    return folder / ("generator.onnx" if precision == "fp32" else f"generator.{precision}.onnx")


def _read_model(path: Path) -> bytes:
    try:
        return read_part(path, LARGEST_MODEL_BYTES)
    except (FileNotFoundError, NotADirectoryError) as error:
        if isinstance(error, NotADirectoryError) or not path.parent.exists():
            raise BundleError(
                f"there is no model folder {path.parent}; give --model a folder that holds generator.onnx, or its .zip"
            ) from error
        raise BundleError(f"{path} is missing; give --model a folder that `python -m train export` wrote") from error
    except OSError as error:
        raise BundleError(f"{path} cannot be read ({error.strerror}); export the model again") from error


def _frame_rate(text: str, path: Path) -> Fraction:
    try:
        return read_fraction(text, *FRAME_RATES)
    except ValueError as error:
        raise BundleError(
            f"{path}: frame_rate is {quoted(text)}, not a fraction between 1/60 and 240; export it again"
        ) from error


def _stride(text: str, path: Path) -> int:
    try:
        return read_whole_number(text, 1, LARGEST_STRIDE)
    except ValueError as error:
        raise BundleError(
            f"{path}: stride is {quoted(text)}, not a whole number from 1 to {LARGEST_STRIDE}; export it again"
        ) from error


def _shot_starts(text: str, path: Path) -> list[int]:
    try:
        starts = read_json(text)
    except ValueError:
        starts = None
    if not isinstance(starts, list) or not all(type(start) is int for start in starts):
        raise BundleError(f"{path}: seed_shot_starts is {quoted(text)}, not a list of whole numbers; export it again")
    return starts
