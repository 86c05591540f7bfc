"""The run folder: everything that one training knows and has made."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from train.dataset import FilmWindows
from train.errors import RunError
from train.film import Film
from train.story import Story

SEED_SECONDS = 10.0  # how much of the film's end a bundle carries
ONLY_TOLD = {"title", "rights"}  # facts that may change when a training is resumed


@dataclass(frozen=True)
class FilmFacts:
    """What a bundle must know of its film."""

    title: str
    rights: str
    source_hash: str  # SHA-256 of the film file
    size: tuple[int, int]  # (W, H)
    frame_rate: str  # of the continuation, steps a second, as a fraction: "12", "12000/1001"
    stride: int  # film frames a step
    story_seconds: float  # how much film the network saw
    fit: str
    end: float  # seconds: the time of the last film frame


@dataclass(frozen=True)
class Run:
    """A run folder."""

    folder: Path

    @property
    def checkpoint(self) -> Path:
        """Networks, optimisers and pool, as of the last save."""
        return self.folder / "checkpoint.pt"

    @property
    def best(self) -> Path:
        """The averaged generator whose rollout scored best: what is exported."""
        return self.folder / "best.pt"

    @property
    def samples(self) -> Path:
        """Rollouts made while training."""
        return self.folder / "samples"

    def save_facts(self, facts: FilmFacts, settings: dict[str, Any]) -> None:
        """Write run.json.

        Raises:
            RunError: the folder holds a training that other settings have shaped.
        """
        self.samples.mkdir(parents=True, exist_ok=True)
        path = self.folder / "run.json"
        wanted = json.loads(json.dumps({"film": asdict(facts), "training": settings}))
        if path.is_file() and self.checkpoint.is_file():
            known = self._load()
            differ = [
                f"{key} {known[part].get(key)} → {value}"
                for part in ("film", "training")
                for key, value in wanted[part].items()
                if key not in ONLY_TOLD and known[part].get(key) != value
            ]
            if differ:
                raise RunError(
                    f"{self.folder} holds a training with other settings ({'; '.join(differ)}); use the same to go "
                    "on with it, another --out to begin another, or delete the folder to begin anew"
                )
        partial = path.with_suffix(".partial")
        partial.write_text(json.dumps(wanted, indent=1), encoding="utf-8")
        partial.replace(path)

    def load_facts(self) -> tuple[FilmFacts, dict[str, Any]]:
        """What `save_facts` wrote."""
        known = self._load()
        try:
            width, height = known["film"].pop("size")
            return FilmFacts(size=(width, height), **known["film"]), known["training"]
        except (KeyError, TypeError, ValueError) as error:
            raise RunError(f"{self.folder}/run.json is not as `fit` writes it; run the same `fit` again") from error

    def _load(self) -> dict[str, dict[str, Any]]:
        path = self.folder / "run.json"
        try:
            return json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise RunError(
                f"{self.folder} is no run folder (no readable run.json); train first: python -m train fit"
            ) from error

    # The film's end goes with the run, so that an export needs no film.

    def save_seed(self, frames: np.ndarray, shot_starts: list[int]) -> None:
        """Keep the film's last seconds at the model's stride: uint8 RGB [n, H, W, 3] and where shots begin in them."""
        partial = self.folder / "seed.partial.npz"
        np.savez(partial, frames=frames, shot_starts=np.array(shot_starts))
        partial.replace(self.folder / "seed.npz")

    def load_seed(self) -> tuple[np.ndarray, list[int]]:
        """What `save_seed` kept."""
        try:
            # Opened here, since NumPy forgets to close what it cannot read.
            with (self.folder / "seed.npz").open("rb") as file, np.load(file) as seed:
                return seed["frames"], seed["shot_starts"].tolist()
        except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
            raise RunError(f"{self.folder} has no readable seed.npz; run the same `fit` again to mend it") from error


def seed_of(film: Film, story: Story, windows: FilmWindows) -> tuple[np.ndarray, list[int]]:
    """The film's last seconds at the model's stride: uint8 RGB [n, H, W, 3], and where shots begin in them.

    They end with the last frame that a context leads up to: the last film frame, if its shot is long enough.
    """
    # At a slow rate more than ten seconds: a context and the frame before it must always be there.
    count = max(windows.context_frames + 1, int(SEED_SECONDS * float(rate_of(film, windows.stride))))
    indices = list(range(windows.last, -1, -windows.stride))[:count][::-1]
    told = [(i, shot) for i in indices if (shot := story.shot_of(i)) is not None]
    starts = [n for n, (_, shot) in enumerate(told) if n == 0 or shot != told[n - 1][1]]
    return np.asarray(film.frames[[i for i, _ in told]]), starts


def rate_of(film: Film, stride: int) -> Fraction:
    """Steps a second of the continuation."""
    return film.frame_rate / stride
