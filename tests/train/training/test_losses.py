"""Losses on values that can be worked out by hand."""

import pytest
import torch

from train.training.losses import (
    adversarial_loss,
    discriminator_loss,
    feature_matching,
    l1,
    moving_l1,
    paper_adversarial_loss,
    paper_discriminator_loss,
)


def verdicts(*values: float) -> list[list[torch.Tensor]]:
    return [[torch.full((2, 1, 4, 4), value)] for value in values]


def test_hinge() -> None:
    assert discriminator_loss(verdicts(1.0), verdicts(-1.0)) == 0
    assert discriminator_loss(verdicts(0.0, 1.0), verdicts(0.0, 1.0)) == pytest.approx((2 + 2) / 2)
    assert adversarial_loss(verdicts(0.5, -0.1)) == pytest.approx(-0.2)


def test_cross_entropy_of_the_paper() -> None:
    log2 = 0.6931
    assert paper_discriminator_loss(verdicts(0.0), verdicts(0.0)) == pytest.approx(log2, abs=1e-4)
    assert paper_discriminator_loss(verdicts(20.0), verdicts(-20.0)) < 1e-6
    assert paper_adversarial_loss(verdicts(0.0)) == pytest.approx(log2, abs=1e-4)
    assert paper_adversarial_loss(verdicts(-5.0)) == pytest.approx(5.0067, abs=1e-4)


def test_what_moves_weighs_as_much_as_the_whole_picture() -> None:
    before = torch.zeros(1, 3, 8, 8)
    target = before.clone()
    target[..., :2, :2] = 1  # a sixteenth of it moves
    assert l1(before, target) == pytest.approx(1 / 16)
    assert moving_l1(before, target, before) == pytest.approx((1 + 16) / 2 / 16)
    assert moving_l1(target, target, before) == 0
    assert moving_l1(before + 1, target, target) == pytest.approx(l1(before + 1, target) / 2)  # nothing moves


def test_features_are_matched_without_the_verdict() -> None:
    real = [[torch.ones(2, 8, 4, 4), torch.zeros(2, 1, 4, 4)]]
    fake = [[torch.zeros(2, 8, 4, 4), torch.full((2, 1, 4, 4), 9.0)]]
    assert feature_matching(real, fake) == 1
    fake[0][0][1] = 5
    assert feature_matching(real, fake) == (1 + 4) / 2


def test_gradients_keep_the_channels_last_layout() -> None:
    """In another layout the backward pass takes several times as long."""

    def activations() -> torch.Tensor:
        return torch.randn(2, 8, 6, 4, dtype=torch.bfloat16).contiguous(memory_format=torch.channels_last)

    layouts: list[bool] = []
    fake = activations().requires_grad_() * 1
    fake.register_hook(lambda gradient: layouts.append(gradient.is_contiguous(memory_format=torch.channels_last)))
    verdict = torch.zeros(2, 1, 6, 4)
    feature_matching([[activations(), verdict]], [[fake, verdict]]).backward()
    assert layouts == [True]
