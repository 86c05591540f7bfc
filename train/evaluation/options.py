"""Options of an evaluation."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter
from cyclopts.types import PositiveFloat, PositiveInt
from cyclopts.validators import Number

from train.data.film import ResizeMode


@dataclass(frozen=True)
class EvaluateConfig:
    """How continuations are rolled out, and how their film is read."""

    seconds: Annotated[float, Parameter(validator=Number(gte=4))] = 90.0
    """Length of each rollout."""
    starts: PositiveInt = 5
    """Film frames to go on from: the last one, and others even over the story."""
    seeds: PositiveInt = 3
    """Rollouts from each of them."""
    temperature: Annotated[float, Parameter(validator=Number(gte=0, lte=2))] = 1.0
    """How much chance enters each step."""
    camera: tuple[Path, ...] = ()
    """Video files, each of which plays the bundles as a camera would, over and over; default: the film goes on by
    itself."""
    camera_mix: tuple[Annotated[float, Parameter(validator=Number(gte=0, lte=1))], ...] = (1.0,)
    """How closely these are followed; of each a column of the table."""
    fit: ResizeMode | None = None
    """How the film was fitted to the model's size; default: as the bundle says, else crop."""
    end: PositiveFloat | None = None
    """Second of the film at which the story ends; default: as the bundle says, else found."""
    cache: Path = Path(".cache/films")
    """Folder of decoded films."""
    provider: Literal["cpu", "cuda", "tensorrt"] = "cpu"
    """Where they run, as the stage would run them: what one of them makes of half floats shows there only."""
