"""Options of an evaluation."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter
from cyclopts.types import PositiveFloat, PositiveInt
from cyclopts.validators import Number

from train.images.resizing import ResizeMode


@dataclass(frozen=True)
class EvaluateConfig:
    """Options of rolling out continuations, and of reading their film."""

    seconds: Annotated[float, Parameter(validator=Number(gte=4))] = 90.0
    """Length of each rollout."""
    starts: PositiveInt = 5
    """Film frames to start from: the last one, and others even over the story."""
    seeds: PositiveInt = 3
    """Rollouts from each of them."""
    temperature: Annotated[float, Parameter(validator=Number(gte=0, lte=2))] = 1.0
    """Amount of randomness in each step."""
    camera: Annotated[tuple[Path, ...], Parameter(show_default=False)] = ()
    """Video files that play the bundles as a camera would, each in a loop; default: no camera."""
    camera_mix: Annotated[
        tuple[Annotated[float, Parameter(validator=Number(gte=0, lte=1))], ...],
        Parameter(show_default=lambda mixes: mixes[0]),
    ] = (1.0,)
    """Strength with which a bundle follows the camera, 0…1; each value gets a column of the table."""
    fit: ResizeMode | None = None
    """Way in which the film was fitted to the model's size; default: from the bundle, else crop."""
    end: PositiveFloat | None = None
    """Second of the film, or of the last of several, at which the story ends; default: from the bundle, else found."""
    cache: Path = Path(".cache/films")
    """Folder of decoded films."""
    provider: Literal["cpu", "cuda", "tensorrt"] = "cpu"
    """Provider that runs the bundles. Half floats may behave differently on the stage's own provider."""
