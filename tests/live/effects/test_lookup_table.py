"""Look-up tables on pictures: linear between the nodes, constant outside of the domain."""

import numpy as np
import pytest
from numpy.typing import NDArray

from live.effects.cube_file import Cube
from live.effects.lookup_table import LookupTable

PIXELS = np.random.default_rng(1).integers(0, 256, (40, 50, 3), np.uint8)
UNIT = ((0.0, 0.0, 0.0), (1.0, 1.0, 1.0))


def identity(nodes: int) -> NDArray[np.float32]:
    """Return the table that changes nothing, float32 [nodes, nodes, nodes, 3], by blue, green and red."""
    blue, green, red = np.mgrid[:nodes, :nodes, :nodes] / (nodes - 1)
    return np.stack([red, green, blue], axis=3).astype(np.float32)


@pytest.mark.parametrize("nodes", [2, 3, 17, 32, 33, 64, 65])
def test_a_table_that_changes_nothing(nodes: int) -> None:
    np.testing.assert_allclose(LookupTable(Cube(identity(nodes), *UNIT)).apply(PIXELS), PIXELS.astype(int), atol=1)


def test_every_colour_is_looked_up_in_its_own_channel() -> None:
    values = identity(9)
    table = LookupTable(Cube(np.stack([values[..., 2], 1 - values[..., 0], values[..., 1] / 2], axis=3), *UNIT))
    red, green, blue = (PIXELS[..., channel].astype(float) for channel in range(3))
    np.testing.assert_allclose(table.apply(PIXELS), np.stack([blue, 255 - red, green / 2], axis=2), atol=1)


def test_it_is_linear_between_the_nodes() -> None:
    values = np.random.default_rng(2).random((3, 3, 3, 3), np.float32)
    shown = LookupTable(Cube(values, *UNIT)).apply(PIXELS)
    for y, x in ((0, 0), (10, 20), (39, 49), (5, 44)):
        place = PIXELS[y, x].astype(float) / 255 * 2
        below = np.minimum(place.astype(int), 1)
        share = place - below
        expected = np.zeros(3)
        for corner in np.ndindex(2, 2, 2):
            weight = np.prod(np.where(corner, share, 1 - share))
            red, green, blue = below + corner
            expected += weight * values[blue, green, red]
        np.testing.assert_allclose(shown[y, x], 255 * expected, atol=1.5)


def test_outside_of_its_domain_it_is_constant() -> None:
    table = LookupTable(Cube(identity(5), (0.25, 0.25, 0.25), (0.75, 0.75, 0.75)))
    expected = ((PIXELS / 255 - 0.25) / 0.5).clip(0, 1) * 255
    np.testing.assert_allclose(table.apply(PIXELS), expected, atol=2)


def test_a_share_of_it() -> None:
    negative = LookupTable(Cube(1 - identity(33), *UNIT))
    np.testing.assert_allclose(negative.apply(PIXELS), 255 - PIXELS.astype(int), atol=1)
    np.testing.assert_allclose(negative.apply(PIXELS, 0.5), 127.5, atol=1)
    np.testing.assert_allclose(negative.apply(PIXELS, 0.25), 0.75 * PIXELS + 0.25 * (255.0 - PIXELS), atol=1)
