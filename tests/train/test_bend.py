"""Pictures bent and lit: what is bright goes where the camera has it, and lines stay lines."""

import torch

from train.bend import bent
from train.guide import camera_guide
from train.measure import sharpness
from train.step import to_levels

CELLS = (9, 16)


def scene(left: float) -> torch.Tensor:
    """A bright, finely striped ball on dark water, so far from the left: float −1…1 [1, 3, 144, 256]."""
    down, across = torch.meshgrid(torch.linspace(0, 9, 144), torch.linspace(0, 16, 256), indexing="ij")
    ball = ((across - left).square() + (down - 4.5).square()).sqrt() < 2.5
    stripes = ((across - left) * 4).sin() > 0
    return torch.where(ball, torch.where(stripes, 1.0, 0.4), -0.7).expand(1, 3, -1, -1)


def place(picture: torch.Tensor) -> float:
    """Where on average it is bright, in cells from the left."""
    bright = (picture[0].mean(0) > -0.2).float().sum(0)
    return float((bright * (torch.arange(len(bright)) + 0.5)).sum() / bright.sum() / len(bright) * 16)


def test_what_is_bright_goes_where_the_camera_has_it() -> None:
    camera = camera_guide(scene(9.0), CELLS)
    moved = bent(scene(7.0), camera, torch.ones(1), 4)
    assert moved.shape == (1, 3, 36, 64)
    assert abs(place(moved) - 9) < 0.7
    seen = torch.cosine_similarity(camera_guide(moved, CELLS).flatten(), camera.flatten(), 0)
    before = torch.cosine_similarity(camera_guide(scene(7.0), CELLS).flatten(), camera.flatten(), 0)
    assert seen > 0.9 > before


def test_the_mix_says_how_far() -> None:
    camera = camera_guide(scene(9.0), CELLS)
    near, half, far = (place(bent(scene(7.0), camera, torch.tensor([mix]), 4)) for mix in (0.0, 0.5, 1.0))
    assert abs(near - 7) < 0.1
    assert near + 0.3 < half < far - 0.3


def test_lines_stay_lines() -> None:
    small = bent(scene(7.0), camera_guide(scene(9.0), CELLS), torch.zeros(1), 2)
    moved = bent(scene(7.0), camera_guide(scene(9.0), CELLS), torch.ones(1), 2)
    before, after = (
        sharpness(to_levels(each)[0].permute(1, 2, 0).to(torch.uint8).contiguous().numpy()) for each in (small, moved)
    )
    assert after > 0.7 * before


def test_a_camera_that_sees_nothing_leaves_things_in_their_place() -> None:
    grey = camera_guide(torch.zeros(1, 3, 144, 256), CELLS)
    moved = bent(scene(7.0), grey, torch.ones(1), 4)
    assert torch.isfinite(moved).all()
    assert abs(place(moved) - 7) < 1
