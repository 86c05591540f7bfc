"""Pictures of any size are reduced to the means of squares, as if they had been padded first."""

import pytest
import torch
import torch.nn.functional as F

from train.models.reduction import reduced, reduced_padded


@pytest.mark.parametrize("planes", [1, 3])
def test_whole_squares_are_reduced_to_their_means(planes: int) -> None:
    pictures = torch.rand(2, 12, 20, planes, generator=torch.Generator().manual_seed(0))
    expected = F.avg_pool2d(pictures.permute(0, 3, 1, 2), 4)
    torch.testing.assert_close(reduced(pictures, 4), expected)
    torch.testing.assert_close(reduced_padded(pictures, 4, (20, 12)), expected)


@pytest.mark.parametrize("planes", [1, 3])
@pytest.mark.parametrize(
    ("size", "padded"), [((20, 12), (20, 24)), ((20, 12), (32, 12)), ((18, 9), (32, 24)), ((1, 1), (8, 8))]
)
def test_the_last_pixels_are_repeated(size: tuple[int, int], padded: tuple[int, int], planes: int) -> None:
    (width, height), (padded_width, padded_height) = size, padded
    pictures = torch.rand(2, height, width, planes, generator=torch.Generator().manual_seed(1))
    beyond = (0, padded_width - width, 0, padded_height - height)
    expected = F.avg_pool2d(F.pad(pictures.permute(0, 3, 1, 2), beyond, mode="replicate"), 4)
    torch.testing.assert_close(reduced_padded(pictures, 4, padded), expected)
