"""Runs of version 0.1.0 of this program, as far as an export needs them."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from train.errors import RunError

GENERATOR_SETTINGS = {
    "film": ("context_frames", "channels", "blocks", "scale", "enlarger_channels", "camera"),
    "pictures": ("use", "network", "channels", "blocks"),
}


def convert_run(stored: dict[str, Any]) -> dict[str, Any]:
    """Return the content of such a run.json, whose settings were flat, in the form of today.

    Raises:
        KeyError: the content is that of no version.
        RunError: the run's generator is one that this version does not have.
    """
    settings = dict(stored["training"])
    kind = next((kind for kind in GENERATOR_SETTINGS if kind in stored), "")
    names = GENERATOR_SETTINGS[kind]
    # A generator without a memory, or of one context frame.
    if kind == "film" and not (settings.pop("guided") and settings["context_frames"] >= 2):
        raise RunError(
            f"the recipe {settings['recipe']} of version 0.1.0 no longer exists; export this run with that version, or "
            "train with a recipe of this version in another --out"
        )
    generator = {name: settings.pop(name) for name in names if name in settings}
    recipe = {"name": settings.pop("recipe")}
    return {kind: stored[kind], "settings": {"recipe": recipe, "generator": generator, "training": settings}}


def rename_weights(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    """Return a generator's weights, of any version, by the names of today."""
    return {"memory.shot" if name == "memory.scene" else name: tensor for name, tensor in weights.items()}
