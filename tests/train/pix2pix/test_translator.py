"""Translators and their discriminators: what they see, which sizes they accept, and their gradients."""

import cv2
import numpy as np
import pytest
import torch

from tests.train.pictures import discs
from train.errors import SizeError
from train.images.pixels import from_bytes
from train.models.generator import parameter_count
from train.models.presets import check_size
from train.models.unet import PaperDiscriminator
from train.pix2pix.translator import (
    CameraStep,
    PairDiscriminators,
    Reduction,
    Translator,
    TranslatorConfig,
)

SMALL = TranslatorConfig(channels=(16, 32), blocks=(0, 1))


def to_tensor(picture: np.ndarray) -> torch.Tensor:
    """Turn uint8 RGB [H, W, 3] into [1, 3, H, W] float −1…1."""
    return from_bytes(torch.from_numpy(picture).permute(2, 0, 1)[None])


def test_a_generator_of_pairs_sees_the_whole_camera_picture() -> None:
    picture = to_tensor(discs(1)[0][0])
    assert torch.equal(Reduction("pairs")(picture), picture)


def test_a_generator_of_pictures_sees_light_and_dark_whatever_the_exposure_and_colour() -> None:
    reduction = Reduction("pictures")
    red_disc = discs(1, (128, 128))[0][1]
    picture = to_tensor(red_disc)
    reduced = reduction(picture)
    assert reduced.shape == (1, 1, 128, 128)
    assert reduced.std() > 0.1
    dim = reduction(picture * 0.5 - 0.4)
    assert (reduced - dim).abs().max() < 0.2 * reduced.abs().max()
    grey = cv2.cvtColor(cv2.cvtColor(red_disc, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
    assert torch.allclose(reduction(to_tensor(grey)), reduced, atol=0.05)


def test_a_covered_lens_is_seen_as_nothing() -> None:
    assert Reduction("pictures")(torch.full((1, 3, 128, 128), -0.9)).abs().max() < 1e-4


@pytest.mark.parametrize("config", [TranslatorConfig(), TranslatorConfig(network="unet256")])
def test_the_frame_is_a_picture_of_the_cameras_size(config: TranslatorConfig) -> None:
    translator = Translator(config).eval()
    camera = torch.randint(0, 256, (256, 256, 3), dtype=torch.uint8)
    with torch.no_grad():
        frame = CameraStep(translator)(camera)
    assert frame.shape == camera.shape
    assert frame.dtype == torch.uint8


def test_the_papers_networks_are_the_papers() -> None:
    """54.4 M parameters and 30×30 verdicts (Isola et al. 2017, appendix 6.1); dropout is for training alone."""
    translator = Translator(TranslatorConfig(network="unet256"))
    assert parameter_count(translator) == pytest.approx(54.4e6, rel=1e-3)
    seen, picture = torch.zeros(1, 3, 256, 256), torch.rand(1, 3, 256, 256)
    with torch.no_grad():
        assert PaperDiscriminator(3)(seen, picture)[0][-1].shape == (1, 1, 30, 30)
        assert not torch.equal(translator(picture), translator(picture))
        translator.eval()
        assert torch.equal(translator(picture), translator(picture))


@pytest.mark.parametrize(
    ("size", "config", "says"),
    [
        ((100, 96), TranslatorConfig(), "multiples of 16"),
        ((16, 16), TranslatorConfig(), "at least 32"),
        ((0, 0), TranslatorConfig(), "at least 32"),
        ((256, 144), TranslatorConfig(network="unet256"), "multiples of 256"),
    ],
)
def test_a_size_that_the_network_does_not_accept_is_refused(
    size: tuple[int, int], config: TranslatorConfig, says: str
) -> None:
    with pytest.raises(SizeError, match=says):
        check_size(size, config)


@pytest.mark.parametrize(
    ("size", "config"), [((48, 32), TranslatorConfig()), ((512, 256), TranslatorConfig(network="unet256"))]
)
def test_a_size_of_whole_multiples_is_accepted(size: tuple[int, int], config: TranslatorConfig) -> None:
    check_size(size, config)


def test_the_gradient_reaches_every_weight() -> None:
    torch.manual_seed(0)
    generator = Translator(SMALL)
    for _ in range(4):  # a last convolution that starts at zero hides the weights before it in the first steps only
        generator.zero_grad()
        (generator(torch.rand(1, 3, 48, 48)) - torch.rand(1, 3, 48, 48)).abs().mean().backward()
        with torch.no_grad():
            for parameter in generator.parameters():
                assert parameter.grad is not None
                parameter.sub_(1e-2 * parameter.grad)
    assert all(parameter.grad is not None and parameter.grad.abs().sum() > 0 for parameter in generator.parameters())


@pytest.mark.parametrize("kind", [PairDiscriminators, PaperDiscriminator])
def test_the_verdicts_depend_on_both_sides(kind: type[PairDiscriminators] | type[PaperDiscriminator]) -> None:
    torch.manual_seed(0)
    discriminators = kind(3).eval()
    seen, shown = torch.rand(1, 3, 64, 64), torch.rand(1, 3, 64, 64)
    with torch.no_grad():
        both = discriminators(seen, shown)
        no_camera, no_picture = discriminators(0 * seen, shown), discriminators(seen, 0 * shown)
    for verdict, without_camera, without_picture in zip(both, no_camera, no_picture, strict=True):
        assert not torch.allclose(verdict[-1], without_camera[-1])
        assert not torch.allclose(verdict[-1], without_picture[-1])
