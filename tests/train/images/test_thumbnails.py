"""The search among thumbnails against a comparison of each with each."""

import numpy as np
import pytest

from train.images.thumbnails import ThumbnailMemory, thumbnail

NEAR = 2.0


def fill(thumbs: np.ndarray) -> ThumbnailMemory:
    memory = ThumbnailMemory()
    for thumb in thumbs:
        memory.add(thumb)
    return memory


@pytest.fixture
def thumbs() -> np.ndarray:
    """300 thumbnails; those from 200 on nearly repeat earlier ones."""
    rng = np.random.default_rng(0)
    fresh = rng.integers(1, 255, (200, 18, 32, 3), np.uint8)
    repeats = fresh[:100] + rng.integers(-1, 2, (100, 18, 32, 3)).astype(np.int8)
    return np.concatenate([fresh, repeats.astype(np.uint8)])


def distances(some: np.ndarray, others: np.ndarray) -> np.ndarray:
    difference = some[:, None].astype(float) - others[None]
    found: np.ndarray = np.sqrt(np.square(difference).mean((2, 3, 4)))
    return found


def test_a_thumbnail_is_small() -> None:
    assert thumbnail(np.zeros((48, 64, 3), np.uint8)).shape == (18, 32, 3)


def test_the_nearest_is_that_of_each_with_each(thumbs: np.ndarray) -> None:
    queries = np.array([0, 150, 290])
    others = thumbs[20:120]
    found = fill(thumbs).nearest(queries, fill(others))
    assert found == pytest.approx(distances(thumbs[queries], others).min(1), abs=0.01)


def test_repetitions_are_counted_beyond_the_gap(thumbs: np.ndarray) -> None:
    memory = fill(thumbs)
    assert memory.loop_share(10, NEAR) == pytest.approx(100 / 300)
    assert memory.loop_share(10, NEAR, most_queries=100) == pytest.approx(100 / 300, abs=0.05)
    assert memory.loop_share(201, NEAR) == 0  # the originals are 200 frames before
    assert memory.loop_share(300, NEAR) == 0


def test_two_memories_differ_from_some_frame_on(thumbs: np.ndarray) -> None:
    changed = thumbs.copy()
    changed[40:] = 255 - changed[40:]
    assert fill(thumbs).first_difference(fill(thumbs), NEAR) is None
    assert fill(thumbs).first_difference(fill(changed), NEAR) == 40
