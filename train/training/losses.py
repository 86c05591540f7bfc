"""What the generator and the discriminators are trained for."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from train.models.camera_guide import camera_guide, normalise_exposure

Activations = list[list[Tensor]]  # of each discriminator, of each layer; the last layer is the verdict


def discriminator_loss(real: Activations, fake: Activations) -> Tensor:
    """Hinge loss of the discriminators (Lim & Ye 2017), the mean over them; scalar float."""
    losses = [
        F.relu(1 - r[-1].float()).mean() + F.relu(1 + f[-1].float()).mean() for r, f in zip(real, fake, strict=True)
    ]
    return torch.stack(losses).mean()


def split_batch(seen: Activations, real: int) -> tuple[Activations, Activations]:
    """Activations on true pictures, `real` of them, and on the generated ones that came in the same batch."""
    return [[each[:real] for each in layers] for layers in seen], [[each[real:] for each in layers] for layers in seen]


def adversarial_loss(fake: Activations) -> Tensor:
    """Hinge loss of the generator: what all discriminators think of its frames; scalar float."""
    return -torch.stack([f[-1].float().mean() for f in fake]).mean()


def feature_matching(real: Activations, fake: Activations, known: Tensor) -> Tensor:
    """Mean absolute difference of hidden activations (Wang et al. 2018, pix2pixHD eq. 4) where a truth is known.

    Args:
        real: activations on the true clips [n].
        fake: activations on the generated clips [n].
        known: float [n], 1 where the true clip is the truth for the generated one, else 0.
    """
    losses = [
        _distance_where(known, r.detach() - f)
        for real_layers, fake_layers in zip(real, fake, strict=True)
        for r, f in zip(real_layers[:-1], fake_layers[:-1], strict=True)
    ]
    return torch.stack(losses).mean()


def l1(frames: Tensor, truths: Tensor, known: Tensor) -> Tensor:
    """Mean absolute difference [n, 3, H, W] over those samples whose truth is known (float [n]); scalar float."""
    return _distance_where(known, frames.float() - truths)


def moving_l1(frames: Tensor, truths: Tensor, known: Tensor, before: Tensor) -> Tensor:
    """The same, but what moves weighs as much as all of the picture: else a small thing is best left where it is.

    Args:
        frames: [n, 3, H, W] float, what was made.
        truths: like `frames`, what should have been.
        known: float [n], 1 where there is a truth, else 0.
        before: like `frames`, what was shown before.
    """
    motion = (truths - before).abs().mean(1, keepdim=True)
    share = motion / motion.mean((2, 3), keepdim=True).clamp(min=1e-3)
    return _distance_where(known, (frames.float() - truths) * ((1 + share) / 2))


def camera_loss(frames: Tensor, truths: Tensor, camera: Tensor, mixes: Tensor, led: Tensor) -> Tensor:
    """Mean squared difference of light and dark to what lies between film and camera; scalar float.

    Squared, so that the film keeps what is only a little astray: else its things dissolve into light.

    Args:
        frames: [n, 3, h, w] float −1…1, what was made.
        truths: like `frames`, what should have been if it were for the film alone.
        camera: [n, 1, rows, columns] float −1…1, of `train.models.camera_guide`.
        mixes: [n] float 0…1, how far from the film to the camera.
        led: [n] float, 1 where this counts, else 0.
    """
    rows, columns = camera.shape[2:]
    wanted = normalise_exposure(torch.lerp(camera_guide(truths, (rows, columns)), camera, mixes.view(-1, 1, 1, 1)))
    return mean_known(led, (camera_guide(frames, (rows, columns)) - wanted).square().mean((1, 2, 3)))


def mean_known(known: Tensor, losses: Tensor) -> Tensor:
    """Mean of the losses [n] of those samples whose truth is known (float [n]); scalar float, 0 where there is none."""
    return (losses * known).sum() / known.sum().clamp(min=1)


def _distance_where(known: Tensor, difference: Tensor) -> Tensor:
    # A norm, since the gradients of `abs` and `mean` lose the channels-last layout: all that is before them, backwards,
    # then takes several times as long.
    size = torch.linalg.vector_norm(difference, 1, (1, 2, 3), dtype=torch.float32)
    return mean_known(known, size / difference[0].numel())


# As in pix2pix (Isola et al. 2017, eq. 1, and §3.3): cross-entropy, and discriminators that learn half as fast.


def paper_discriminator_loss(real: Activations, fake: Activations) -> Tensor:
    """Cross-entropy of the discriminators' verdicts, halved, the mean over them; scalar float."""
    losses = [
        (F.softplus(-r[-1].float()).mean() + F.softplus(f[-1].float()).mean()) / 2
        for r, f in zip(real, fake, strict=True)
    ]
    return torch.stack(losses).mean()


def paper_adversarial_loss(fake: Activations) -> Tensor:
    """Cross-entropy of the generator: how far its pictures are from being taken for real; scalar float."""
    return torch.stack([F.softplus(-f[-1].float()).mean() for f in fake]).mean()
