"""Losses of generators and discriminators; their weights stand in `recipes.py`."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

Activations = list[list[Tensor]]  # of each discriminator, of each layer; the last layer is the verdict


def discriminator_loss(real: Activations, fake: Activations) -> Tensor:
    """Return the hinge loss of the discriminators (Lim & Ye 2017), the mean over them; scalar float."""
    losses = [
        F.relu(1 - r[-1].float()).mean() + F.relu(1 + f[-1].float()).mean() for r, f in zip(real, fake, strict=True)
    ]
    return torch.stack(losses).mean()


def adversarial_loss(fake: Activations) -> Tensor:
    """Return the hinge loss of the generator, the mean over all discriminators; scalar float."""
    return -torch.stack([f[-1].float().mean() for f in fake]).mean()


def feature_matching(real: Activations, fake: Activations) -> Tensor:
    """Return the mean absolute difference of hidden activations (Wang et al. 2018, pix2pixHD eq. 4); scalar float."""
    losses = [
        _distance(r.detach() - f).mean()
        for real_layers, fake_layers in zip(real, fake, strict=True)
        for r, f in zip(real_layers[:-1], fake_layers[:-1], strict=True)
    ]
    return torch.stack(losses).mean()


def l1(frames: Tensor, targets: Tensor) -> Tensor:
    """Return the mean absolute difference of frames and their targets, both [n, 3, H, W]; scalar float."""
    return _distance(frames.float() - targets).mean()


def moving_l1(frames: Tensor, targets: Tensor, before: Tensor) -> Tensor:
    """Return the mean absolute difference, in which what moves weighs as much as the whole picture; scalar float.

    With equal weights it would be best to leave small things where they are.

    Args:
        frames: [n, 3, H, W] float, generated.
        targets: like `frames`.
        before: like `frames`, the frames that were shown before.
    """
    motion = (targets - before).abs().mean(1, keepdim=True)
    share = motion / motion.mean((2, 3), keepdim=True).clamp(min=1e-3)
    return _distance((frames.float() - targets) * ((1 + share) / 2)).mean()


def _distance(difference: Tensor) -> Tensor:
    """Return the mean absolute value of each sample, float [n].

    It is a norm, because the gradients of `abs` and `mean` lose the channels-last layout. The whole backward pass
    before them would then take several times as long.
    """
    norm: Tensor = torch.linalg.vector_norm(difference, 1, (1, 2, 3), dtype=torch.float32)
    return norm / difference[0].numel()


# pix2pix (Isola et al. 2017, eq. 1 and §3.3): cross-entropy, and discriminators that learn half as fast.


def paper_discriminator_loss(real: Activations, fake: Activations) -> Tensor:
    """Return half the cross-entropy of the discriminators' verdicts, the mean over them; scalar float."""
    losses = [
        (F.softplus(-r[-1].float()).mean() + F.softplus(f[-1].float()).mean()) / 2
        for r, f in zip(real, fake, strict=True)
    ]
    return torch.stack(losses).mean()


def paper_adversarial_loss(fake: Activations) -> Tensor:
    """Return the cross-entropy of the generator, whose pictures should pass for real; scalar float."""
    return torch.stack([F.softplus(-f[-1].float()).mean() for f in fake]).mean()
