"""The averaged network of a checkpoint, in the shape that run.json names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import torch
from torch import Tensor, nn

Network = TypeVar("Network", bound=nn.Module)

MOST_LEVELS, MOST_BLOCKS = 16, 64  # of a network; and of each of its levels


def check_shape(fields: Mapping[str, Any]) -> None:
    """Check that settings of a network name no more layers than one can have.

    Raises:
        ValueError: they do.
        AttributeError, TypeError: they are not such settings.
    """
    levels = fields.get("blocks", ())
    if (
        len(levels) > MOST_LEVELS
        or len(fields.get("channels", ())) > MOST_LEVELS
        or max(levels, default=0) > MOST_BLOCKS
    ):
        raise ValueError("too many layers")


def with_weights(build: Callable[[], Network], weights: Mapping[str, Tensor]) -> Network:
    """Return a network that `build` makes, with these weights.

    Raises:
        RuntimeError: the weights are those of another network.
    """
    # First without memory for its weights: run.json may name a network that is larger than the checkpoint's.
    with torch.device("meta"):
        build().load_state_dict(weights, assign=True)
    network = build()
    network.load_state_dict(weights)
    return network
