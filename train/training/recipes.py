"""Recipes: named ways to train a film's generator.

`docs/continuation.md` compares them, and names the commit that holds those that were tried on the way.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from train.training.rollout_pool import PoolConfig
from train.training.trainer import TrainingConfig


@dataclass(frozen=True)
class FilmRecipe:
    """Training of the generator with a memory of its film."""

    name: str
    noise: float = 2.0  # highest temperature of the noise on contexts
    lambda_l1: float = 30.0  # weight of the mean absolute difference to the target
    lambda_features: float = 6.0  # weight of feature matching
    turn_share: float = 0.1  # of the bands take a turn
    pool: PoolConfig = field(default_factory=PoolConfig)
    camera_share: float = 0.0  # of the states are played by a simulated camera
    lambda_camera: float = 0.0  # weight of the difference to the camera picture, times the L1
    enlarger_lambda_l1: float = 50.0
    enlarger_lambda_features: float = 10.0
    enlarger_l1_steps: int = 300  # with L1 alone: a discriminator that wins from the start teaches the enlarger grids
    windows_per_picture: int = 4  # film windows of a step to each picture that the enlarger sees: they are costly
    defaults: ClassVar[TrainingConfig] = TrainingConfig()


@dataclass(frozen=True)
class PaperRecipe:
    """Training of pix2pix from one film frame to the next (Isola et al. 2017, §3.3 and appendix 6.2)."""

    name: str
    lambda_l1: float = 100.0
    defaults: ClassVar[TrainingConfig] = TrainingConfig(batch=1, learning_rate=2e-4, ema=0.0)


GUIDED = FilmRecipe("guided")
CAMERA = FilmRecipe("camera", camera_share=0.5, lambda_camera=48.0)
PAPER = PaperRecipe("paper")

RECIPES: dict[str, FilmRecipe | PaperRecipe] = {recipe.name: recipe for recipe in (GUIDED, CAMERA, PAPER)}
DEFAULT_RECIPE = GUIDED.name
