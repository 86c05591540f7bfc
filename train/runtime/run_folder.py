"""The run folder of a training: facts, checkpoints, film tail and samples."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import numpy as np

from live.reading.regular_file import check_regular_file, read_regular_file
from live.reading.text import one_line, printable
from live.reading.values import LONGEST_JSON, read_json
from train.console import command_names
from train.errors import RunError
from train.runtime.archive import check_stored
from train.runtime.old_runs import convert_run

FORMAT_VERSION = 2  # of run.json; files of version 1 have no version in them
LARGEST_ARRAYS_BYTES = 4 * 2**30
LONGEST_TEXT = 200  # characters of each of the next
TEXTS = ("title", "rights")  # facts that may come from a file's name or a person
DESCRIPTIVE = {*TEXTS, "sources"}  # facts that may change when a training is resumed


@dataclass(frozen=True)
class FilmFacts:
    """Facts of a film that go into the bundle."""

    title: str
    rights: str
    source_hash: str  # SHA-256 of the film file; of several files that of their hashes
    size: tuple[int, int]  # (W, H)
    frame_rate: str  # steps a second of the continuation, as a fraction: "12", "12000/1001"
    stride: int  # film frames a step
    story_seconds: float  # length of the film that the network saw
    fit: str
    end: float  # seconds: the time of the last film frame, in the last file
    life_signs: dict[str, Any]  # limits of the stage's collapse guard, of `train.metrics.film_statistics`
    sources: dict[str, str] = field(default_factory=dict)  # of several files: their SHA-256, and their titles

    def __post_init__(self) -> None:
        _make_printable(self)


@dataclass(frozen=True)
class PictureFacts:
    """Facts of pairs or pictures that go into the bundle."""

    title: str
    rights: str
    source_hash: str  # SHA-256 of the names and bytes of all files
    size: tuple[int, int]  # (W, H)
    fit: str
    use: str  # "pairs" or "pictures"
    direction: str
    count: int
    held_out: int  # number of these that are kept aside

    def __post_init__(self) -> None:
        _make_printable(self)


Facts = FilmFacts | PictureFacts


def _make_printable(facts: Facts) -> None:
    """Replace the parts of the texts that no bundle can hold."""
    for name in TEXTS:
        object.__setattr__(facts, name, one_line(printable(getattr(facts, name)), LONGEST_TEXT))


KINDS: dict[str, type[Facts]] = {"film": FilmFacts, "pictures": PictureFacts}


@dataclass(frozen=True)
class Run:
    """A run folder."""

    folder: Path

    @property
    def checkpoint(self) -> Path:
        """Networks, optimisers and pool at the last save."""
        return self.folder / "checkpoint.pt"

    @property
    def best(self) -> Path:
        """The averaged generator whose rollout scored best; it is the one that is exported."""
        return self.folder / "best.pt"

    @property
    def samples(self) -> Path:
        """Rollouts made while training."""
        return self.folder / "samples"

    def save_facts(self, facts: Facts, settings: dict[str, Any]) -> None:
        """Write run.json; `settings` are dictionaries of dataclasses, by name.

        Raises:
            RunError: the folder holds a training with other settings.
        """
        self.samples.mkdir(parents=True, exist_ok=True)
        path = self.folder / "run.json"
        kind = next(name for name, kind in KINDS.items() if isinstance(facts, kind))
        wanted = json.loads(json.dumps({"format_version": FORMAT_VERSION, kind: asdict(facts), "settings": settings}))
        if path.is_file() and self.checkpoint.is_file():
            self._check_resumable(wanted)
        partial = path.with_suffix(".partial")
        partial.write_text(json.dumps(wanted, indent=1), encoding="utf-8")
        partial.replace(path)

    def load_facts(self) -> tuple[Facts, dict[str, Any]]:
        """Read facts and settings.

        Raises:
            RunError: run.json is missing, damaged, or of a version that cannot be read.
        """
        stored = self._load()
        if stored.get("format_version", FORMAT_VERSION) != FORMAT_VERSION:
            raise RunError(f"{self.folder} is of a newer version of this program; use that version")
        try:
            if "format_version" not in stored:
                stored = convert_run(stored)
            kind = next(kind for kind in KINDS if kind in stored)
            width, height = stored[kind].pop("size")
            return KINDS[kind](size=(width, height), **stored[kind]), _as_tuples(stored["settings"])
        except (AttributeError, KeyError, StopIteration, TypeError, ValueError) as error:
            raise RunError(f"{self.folder}/run.json is not as `fit` writes it; run the same `fit` again") from error

    def _check_resumable(self, wanted: dict[str, Any]) -> None:
        stored = self._load()
        if stored.get("format_version") != FORMAT_VERSION:
            raise RunError(
                f"{self.folder} holds a training of another version of this program, which cannot be resumed; give "
                "another --out"
            )
        if differ := list(_differences(stored, wanted)):
            raise RunError(
                f"{self.folder} holds a training with other settings ({'; '.join(differ)}); use the same to "
                "resume it, give another --out, or delete the folder to start again"
            )

    def _load(self) -> dict[str, Any]:
        path = self.folder / "run.json"
        try:
            return dict(read_json(read_regular_file(path, LONGEST_JSON).decode("utf-8-sig")))
        except (OSError, ValueError, TypeError) as error:
            raise RunError(
                f"{self.folder} is no run folder (no readable run.json); train first: {command_names()[0]} fit"
            ) from error

    # The film's tail is part of the run, so that an export needs no film.

    def save_tail(self, frames: np.ndarray, shot_starts: list[int]) -> None:
        """Keep the film's last seconds at the model's stride: uint8 RGB [n, H, W, 3] and where shots begin in them."""
        self._save_arrays("seed", frames=frames, shot_starts=np.array(shot_starts))

    def load_tail(self) -> tuple[np.ndarray, list[int]]:
        """Return the frames and shot starts of `save_tail`.

        Raises:
            RunError: they are missing or damaged.
        """
        frames, starts = self._load_arrays("seed", "frames", "shot_starts")
        return frames, starts.tolist()

    def save_sound(self, samples: np.ndarray | None) -> None:
        """Keep the sound of the tail, int16 [n, 2]; None if the film has none."""
        if samples is None:
            (self.folder / "sound.npz").unlink(missing_ok=True)
        else:
            self._save_arrays("sound", samples=samples)

    def load_sound(self) -> np.ndarray | None:
        """Return the samples of `save_sound`; None if there are none, as in runs of 0.1.0.

        Raises:
            RunError: they are damaged.
        """
        if not (self.folder / "sound.npz").exists():
            return None
        (samples,) = self._load_arrays("sound", "samples")
        if samples.dtype != np.int16 or samples.ndim != 2 or samples.shape[1] != 2:
            raise RunError(f"{self.folder}/sound.npz is no sound in stereo; run the same `fit` again to fix it")
        return samples

    # Likewise some of the pictures that were kept aside.

    def save_examples(self, a: np.ndarray, b: np.ndarray) -> None:
        """Keep pairs, uint8 RGB [n, H, W, 3], that are not trained on."""
        self._save_arrays("examples", a=a, b=b)

    def load_examples(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the pairs of `save_examples`.

        Raises:
            RunError: they are missing or damaged.
        """
        a, b = self._load_arrays("examples", "a", "b")
        return a, b

    def _save_arrays(self, stem: str, **arrays: np.ndarray) -> None:
        partial = self.folder / f"{stem}.partial.npz"
        try:
            np.savez(partial, **arrays)  # type: ignore[arg-type]  # NumPy's own option has the same type in its stub
            partial.replace(self.folder / f"{stem}.npz")
        finally:
            partial.unlink(missing_ok=True)

    def _load_arrays(self, stem: str, *names: str) -> list[np.ndarray]:
        try:
            path = self.folder / f"{stem}.npz"
            check_regular_file(path, LARGEST_ARRAYS_BYTES)
            with ZipFile(path) as archive:
                check_stored(archive, path)  # as `np.savez` writes it
            # Opened here, since NumPy forgets to close what it cannot read.
            with path.open("rb") as file, np.load(file) as arrays:
                return [arrays[name] for name in names]
        except Exception as error:  # what a damaged file lets NumPy raise has no common parent
            raise RunError(f"{self.folder} has no readable {stem}.npz; run the same `fit` again to fix it") from error


def _differences(stored: dict[str, Any], wanted: dict[str, Any], prefix: str = "") -> Iterator[str]:
    """Yield each value that differs between two nested dictionaries, as "outer.inner old → new"."""
    for name, value in wanted.items():
        if name in DESCRIPTIVE:
            continue
        if isinstance(value, dict):
            inner = stored[name] if isinstance(stored.get(name), dict) else {}
            yield from _differences(inner, value, f"{prefix}{name}." if name not in (*KINDS, "settings") else "")
        elif stored.get(name) != value:
            yield f"{prefix}{name} {stored.get(name)} → {value}"


def _as_tuples(value: Any) -> Any:
    """Turn the lists of JSON, in nested dictionaries, into the tuples that were saved."""
    if isinstance(value, dict):
        return {name: _as_tuples(inner) for name, inner in value.items()}
    return tuple(map(_as_tuples, value)) if isinstance(value, list) else value
