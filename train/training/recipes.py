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
    film_share: float = 6 / 13  # of the budget, for the first stage, which learns from film frames alone
    noise: float = 2.0  # highest temperature of the noise on contexts
    turn_share: float = 0.05  # of the states take a turn
    enter_share: float = 0.05  # of the states leave their shot for another
    lean: float = 1.5  # temperature up to which time leans in film windows: farther than in a show
    pool: PoolConfig = field(default_factory=PoolConfig)
    pool_rate: float = 0.5  # of the learning rate, with which the second stage begins: enough not to undo the first
    crops: int = 8  # of film frames in a step, for the enlarger
    crop_side: int = 32  # pixels of the small frame
    enlarger_rate: float = 1.5  # of the learning rate, at the start
    defaults: ClassVar[TrainingConfig] = TrainingConfig(batch=4)


@dataclass(frozen=True)
class PaperRecipe:
    """Training of pix2pix from one film frame to the next (Isola et al. 2017, §3.3 and appendix 6.2)."""

    name: str
    lambda_l1: float = 100.0
    defaults: ClassVar[TrainingConfig] = TrainingConfig(batch=1, learning_rate=2e-4, ema=0.0)


GUIDED = FilmRecipe("guided")
PAPER = PaperRecipe("paper")

RECIPES: dict[str, FilmRecipe | PaperRecipe] = {recipe.name: recipe for recipe in (GUIDED, PAPER)}
DEFAULT_RECIPE = GUIDED.name
