"""The camera guide shows where things are, in any light."""

import pytest
import torch

from train.pix2pix.camera_guide import camera_guide

CELLS = (9, 16)


@pytest.fixture
def pictures() -> torch.Tensor:
    """Four different pictures, 64×36, float −1…1."""
    coarse = 1.6 * torch.rand(4, 3, *CELLS, generator=torch.Generator().manual_seed(0)) - 0.8
    return coarse.repeat_interleave(4, 2).repeat_interleave(4, 3)


def test_the_exposure_hardly_matters(pictures: torch.Tensor) -> None:
    guide = camera_guide(pictures, CELLS)
    assert guide.shape == (4, 1, 9, 16)
    assert guide.abs().max() <= 1
    assert guide.mean((1, 2, 3)).abs().max() < 0.02
    darker = camera_guide(pictures * 0.5 - 0.3, CELLS)
    assert (guide - darker).abs().mean() < 0.1 * (guide - guide.roll(1, 0)).abs().mean()


def test_colour_does_not_matter(pictures: torch.Tensor) -> None:
    weights = torch.tensor([0.299, 0.587, 0.114]).view(1, 3, 1, 1)
    grey = (pictures * weights).sum(1, keepdim=True).expand(-1, 3, -1, -1)
    assert torch.allclose(camera_guide(grey, CELLS), camera_guide(pictures, CELLS), atol=1e-5)


@pytest.mark.parametrize("level", [-1.0, 0.2, 1.0])
def test_a_plain_picture_gives_zero(level: float) -> None:
    assert camera_guide(torch.full((1, 3, 36, 64), level), CELLS).abs().max() < 1e-4


def test_the_guide_shows_where_things_are(pictures: torch.Tensor) -> None:
    guide = camera_guide(pictures, CELLS)
    assert torch.allclose(camera_guide(pictures.flip(3), CELLS), guide.flip(3), atol=1e-5)
    spot = torch.full((1, 3, 36, 64), -0.5)
    spot[..., 8:12, 20:24] = 1  # the cell in row 2, column 5
    assert camera_guide(spot, CELLS)[0, 0].argmax() == 2 * 16 + 5
