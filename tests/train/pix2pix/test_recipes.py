"""Recipes: the paper's is the paper's, and a user's options replace its defaults."""

from train.pix2pix.recipes import DEFAULT_PICTURE_RECIPES, PICTURE_RECIPES
from train.training.options import TrainingOptions
from train.training.trainer import TrainingConfig


def test_the_papers_recipe_is_the_papers() -> None:
    """Isola et al. 2017, §3.3 and appendix 6.2: L1 100, batches of one, Adam at 2e-4, no averaging."""
    paper = PICTURE_RECIPES["paper"]
    assert (paper.network, paper.discriminators) == ("unet256", "paper")
    assert (paper.lambda_l1, paper.lambda_features) == (100, 0)
    assert paper.defaults == TrainingConfig(batch=1, learning_rate=2e-4, ema=0.0, seed=0)


def test_the_options_of_a_user_replace_the_defaults() -> None:
    defaults = PICTURE_RECIPES["paper"].defaults
    assert TrainingOptions().over(defaults) == defaults
    assert TrainingOptions(batch=3, seed=0).over(defaults) == TrainingConfig(3, 2e-4, 0.0, 0)


def test_every_use_has_a_default_recipe() -> None:
    assert set(DEFAULT_PICTURE_RECIPES) == {"pairs", "pictures"}
    assert set(DEFAULT_PICTURE_RECIPES.values()) <= set(PICTURE_RECIPES)
