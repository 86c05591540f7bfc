"""Losses on values that can be worked out by hand."""

import pytest
import torch

from train.models.camera_guide import normalise_exposure
from train.training.losses import (
    adversarial_loss,
    camera_loss,
    discriminator_loss,
    feature_matching,
    l1,
    moving_l1,
    split_batch,
)


def verdicts(*values: float) -> list[list[torch.Tensor]]:
    return [[torch.full((2, 1, 4, 4), value)] for value in values]


def test_hinge() -> None:
    assert discriminator_loss(verdicts(1.0), verdicts(-1.0)) == 0
    assert discriminator_loss(verdicts(0.0, 1.0), verdicts(0.0, 1.0)) == pytest.approx((2 + 2) / 2)
    assert adversarial_loss(verdicts(0.5, -0.1)) == pytest.approx(-0.2)


def test_only_known_truths_count() -> None:
    frames, truths = torch.zeros(2, 3, 4, 4), torch.ones(2, 3, 4, 4)
    truths[1] = 100
    assert l1(frames, truths, torch.tensor([1.0, 0.0])) == 1
    assert l1(frames, truths, torch.tensor([0.0, 0.0])) == 0


def test_what_moves_weighs_as_much_as_all_of_the_picture() -> None:
    before = torch.zeros(1, 3, 8, 8)
    truth = before.clone()
    truth[..., :2, :2] = 1  # a sixteenth of it moves
    known = torch.ones(1)
    assert l1(before, truth, known) == pytest.approx(1 / 16)
    assert moving_l1(before, truth, known, before) == pytest.approx((1 + 16) / 2 / 16)
    assert moving_l1(truth, truth, known, before) == 0
    assert moving_l1(before + 1, truth, known, truth) == pytest.approx(
        l1(before + 1, truth, known) / 2
    )  # nothing moves
    assert moving_l1(before, truth, torch.zeros(1), before) == 0


def test_a_camera_asks_for_what_lies_between_film_and_camera() -> None:
    light = torch.linspace(-0.5, 0.5, 4).view(1, 1, 1, 4)
    camera = normalise_exposure(light.expand(1, 1, 2, 4))
    truth = light.flip(3).expand(1, 3, 2, 4).repeat_interleave(4, 2).repeat_interleave(4, 3)
    towards = camera.expand(1, 3, 2, 4).repeat_interleave(4, 2).repeat_interleave(4, 3)
    led = torch.ones(1)

    def loss(frame: torch.Tensor, mix: float) -> float:
        return float(camera_loss(frame, truth, camera, torch.full((1,), mix), led))

    assert loss(towards, 1.0) < 0.01
    assert loss(truth, 1.0) > 0.5
    assert loss(truth, 0.0) == pytest.approx(0, abs=1e-3)
    assert loss(truth, 0.3) < 0.1, "opposites do not cancel before the middle"
    assert loss(truth, 0.7) > 0.5
    assert camera_loss(truth, truth, camera, torch.ones(1), torch.zeros(1)) == 0


def test_features_are_matched_without_the_verdict() -> None:
    real = [[torch.ones(2, 8, 4, 4), torch.zeros(2, 1, 4, 4)]]
    fake = [[torch.zeros(2, 8, 4, 4), torch.full((2, 1, 4, 4), 9.0)]]
    assert feature_matching(real, fake, torch.ones(2)) == 1


def test_true_and_generated_pictures_of_one_batch_are_parted() -> None:
    seen = [[torch.arange(5.0), torch.arange(10.0, 15.0)]]
    real, fake = split_batch(seen, 2)
    assert [each.tolist() for each in real[0]] == [[0, 1], [10, 11]]
    assert [each.tolist() for each in fake[0]] == [[2, 3, 4], [12, 13, 14]]


def test_gradients_keep_the_layout_of_activations() -> None:
    """Or whatever is before them takes several times as long."""

    def activations() -> torch.Tensor:
        return torch.randn(2, 8, 6, 4, dtype=torch.bfloat16).contiguous(memory_format=torch.channels_last)

    kept = []
    fake = activations().requires_grad_() * 1
    fake.register_hook(lambda gradient: kept.append(gradient.is_contiguous(memory_format=torch.channels_last)))
    verdict = torch.zeros(2, 1, 6, 4)
    feature_matching([[activations(), verdict]], [[fake, verdict]], torch.ones(2)).backward()
    assert kept == [True]
