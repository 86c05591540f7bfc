"""Video drift error: how far a figure of a rollout moves away from its beginning (BlockVid, Zhang et al. 2025, VDE)."""

from __future__ import annotations

import numpy as np

CHUNKS = 10  # parts of a rollout; sums over other counts cannot be compared
LEAST = 0.01  # of the film's own figure, which is 1: a first chunk with less counts as this much


def drift_error(curve: np.ndarray, chunks: int = CHUNKS) -> float:
    """Return the video drift error of a figure over time.

    The rollout is cut into n chunks with means m₁…mₙ. The error is the sum of (n − i + 1) · |mᵢ − m₁| over i = 2…n,
    divided by m₁: a chunk near the beginning counts more. It is 0 for a rollout that does not change, and for one with
    fewer than two values. As published, it is infinite if m₁ is 0; here m₁ is 0.01 at least.

    Args:
        curve: float [values] over the film's, ≥ 0, at even distances of time.
        chunks: n; fewer if there are fewer values.
    """
    means = np.array([chunk.mean() for chunk in np.array_split(curve, min(chunks, len(curve)))])
    if len(means) < 2:
        return 0.0
    changes = np.abs(means[1:] - means[0])
    return float((np.arange(len(means) - 1, 0, -1) * changes).sum() / max(means[0], LEAST))
