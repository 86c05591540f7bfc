"""How a translator can be trained: our way, and the paper's, to compare."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from train.pix2pix.pairs import Use
from train.training.trainer import TrainingConfig


@dataclass(frozen=True)
class PictureRecipe:
    """What is asked of the generator, and by which network it is met."""

    network: Literal["residual", "unet256"]
    judges: Literal["hinge", "paper"]
    lambda_l1: float  # weight of the mean absolute difference to the true picture
    lambda_features: float  # weight of feature matching
    usual: TrainingConfig  # what is not told otherwise


# As a film's recurrence and enlarger are trained, though L1 weighs less: a camera says less about a picture.
_hinge = PictureRecipe("residual", "hinge", 20.0, 10.0, TrainingConfig(batch=2, learning_rate=3e-4))

PICTURE_RECIPES = {
    "hinge": _hinge,
    # Light and dark alone leave so much open that the nearest picture on average would be a blur.
    "loose": replace(_hinge, lambda_l1=3.0),
    "paper": PictureRecipe("unet256", "paper", 100.0, 0.0, TrainingConfig(batch=1, learning_rate=2e-4, ema=0.0)),
}
PICTURE_DEFAULTS: dict[Use, str] = {"pairs": "hinge", "pictures": "loose"}
