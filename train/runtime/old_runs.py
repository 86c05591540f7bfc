"""Runs of version 0.1.0 of this program, as far as an export needs them."""

from __future__ import annotations

from typing import Any

from train.errors import RunError

GENERATOR_SETTINGS = ("use", "network", "channels", "blocks")


def convert_run(stored: dict[str, Any]) -> dict[str, Any]:
    """Return the content of such a run.json, whose settings were flat, in the form of today.

    Raises:
        KeyError: the content is that of no version.
        RunError: the run is of a film; this version does not have its network.
    """
    settings = dict(stored["training"])
    if "film" in stored:
        raise RunError(
            f"the network of this run of version 0.1.0 (recipe {settings['recipe']}) no longer exists; export it with "
            "that version, or train again in another --out"
        )
    generator = {name: settings.pop(name) for name in GENERATOR_SETTINGS if name in settings}
    recipe = {"name": settings.pop("recipe")}
    return {
        "pictures": stored["pictures"],
        "settings": {"recipe": recipe, "generator": generator, "training": settings},
    }
