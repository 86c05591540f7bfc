"""Recipes for training a translator: ours, and the paper's for comparison."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from train.pix2pix.pairs import Use
from train.training.trainer import TrainingConfig


@dataclass(frozen=True)
class PictureRecipe:
    """Networks and losses of a training, and its default settings."""

    network: Literal["residual", "unet256"]
    discriminators: Literal["hinge", "paper"]
    lambda_l1: float  # weight of the mean absolute difference from the target
    lambda_features: float  # weight of feature matching
    defaults: TrainingConfig


# As for a film's recurrence and enlarger, but L1 weighs less: a camera says less about a picture.
_hinge = PictureRecipe("residual", "hinge", 20.0, 10.0, TrainingConfig(batch=2, learning_rate=3e-4))

PICTURE_RECIPES = {
    "hinge": _hinge,
    # Light and dark alone leave so much open that with a large L1 the best answer is a blur.
    "loose": replace(_hinge, lambda_l1=3.0),
    "paper": PictureRecipe("unet256", "paper", 100.0, 0.0, TrainingConfig(batch=1, learning_rate=2e-4, ema=0.0)),
}
DEFAULT_PICTURE_RECIPES: dict[Use, str] = {"pairs": "hinge", "pictures": "loose"}
