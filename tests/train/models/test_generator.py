"""Shapes and sizes of the networks, and the inputs that they react to."""

import pytest
import torch

from train.errors import SizeError
from train.models.discriminators import Discriminators
from train.models.generator import (
    Enlarger,
    GeneratorConfig,
    Recurrence,
    pixel_shuffle,
    pixel_unshuffle,
)
from train.models.presets import PRESETS, check_size, natural_size

GUIDE = torch.zeros(1, 3, 6, 8)


@pytest.mark.parametrize("context_frames", [2, 4])
def test_any_context_gives_one_small_frame(context_frames: int) -> None:
    recurrence = Recurrence(GeneratorConfig(context_frames=context_frames))
    guide = GUIDE.expand(2, -1, -1, -1)
    frame = recurrence(torch.zeros(2, 3 * context_frames, 24, 32), torch.zeros(2), guide)
    assert frame.shape == (2, 3, 24, 32)
    assert frame.abs().max() <= 1


@pytest.mark.parametrize("scale", [1, 2, 3])
def test_pixels_are_shuffled_as_torch_does(scale: int) -> None:
    packed = torch.rand(2, 3 * scale**2, 4, 5)
    spread = torch.rand(2, 3, 4 * scale, 5 * scale)
    assert torch.equal(pixel_shuffle(packed, scale), torch.nn.functional.pixel_shuffle(packed, scale))
    assert torch.equal(pixel_unshuffle(spread, scale), torch.nn.functional.pixel_unshuffle(spread, scale))


@pytest.mark.parametrize("scale", [2, 4, 6])
def test_an_enlarged_frame_reduces_to_itself(scale: int) -> None:
    """Otherwise the lines of the enlarger would enter the loop."""
    torch.manual_seed(0)
    config = GeneratorConfig(scale=scale)
    small = torch.rand(2, 3, 24, 32) * 2 - 1
    enlarger = Enlarger(config)
    torch.nn.init.normal_(enlarger.head.weight)
    picture = enlarger(small)
    assert picture.shape == (2, 3, 24 * scale, 32 * scale)
    assert torch.allclose(torch.nn.functional.avg_pool2d(picture, scale), small, atol=1e-5)
    assert picture.std() > 1.2 * small.std()  # something was drawn


def test_an_untrained_enlarger_is_smooth() -> None:
    ramp = torch.linspace(-1, 1, 32).expand(1, 3, 24, 32)
    picture = Enlarger(GeneratorConfig())(ramp)
    steps = picture[0, 0, 50].diff()[8:-8]
    assert steps.min() > 0
    assert steps.max() < 1.5 * steps.mean()


def test_the_recurrence_depends_on_the_noise_level_and_the_guide() -> None:
    recurrence = Recurrence(GeneratorConfig())
    no_noise = torch.zeros(1)
    plain, noisy, guided = (
        recurrence(torch.zeros(1, 6, 24, 32), level, guide)
        for level, guide in ((no_noise, GUIDE), (no_noise + 0.4, GUIDE), (no_noise, GUIDE + 1))
    )
    assert not torch.allclose(plain, noisy)
    assert not torch.allclose(plain, guided)


def test_every_weight_gets_a_gradient() -> None:
    torch.manual_seed(0)
    generator = torch.nn.ModuleList([Recurrence(GeneratorConfig()), Enlarger(GeneratorConfig())])
    recurrence, enlarger = generator
    for _ in range(4):  # a last convolution that starts at zero hides the ones before it in the first steps
        generator.zero_grad()
        small = recurrence(torch.rand(1, 6, 24, 32), torch.zeros(1), GUIDE)
        (enlarger(small) - torch.rand(1, 3, 96, 128)).abs().mean().backward()
        with torch.no_grad():
            for parameter in generator.parameters():
                assert parameter.grad is not None
                parameter.sub_(1e-2 * parameter.grad)
    assert all(parameter.grad.abs().sum() > 0 for parameter in generator.parameters() if parameter.grad is not None)


def test_each_discriminator_sees_its_frames() -> None:
    discriminators = Discriminators(context_frames=2).eval()
    clip = torch.rand(1, 9, 64, 96)
    for earlier in (slice(0, 3), slice(3, 6)):
        other_past = clip.clone()
        other_past[:, earlier] = 0
        (frame, of_clip), (same_frame, of_other) = discriminators(clip), discriminators(other_past)
        assert torch.equal(frame[-1], same_frame[-1])
        assert not torch.allclose(of_clip[-1], of_other[-1])


@pytest.mark.parametrize(
    ("size", "other"),
    [((100, 48), "96x48"), ((64, 50), "64x48"), ((16, 144), "48x144"), ((32, 48), "48x48"), ((0, 0), "48x48")],
)
def test_impossible_sizes_are_refused(size: tuple[int, int], other: str) -> None:
    with pytest.raises(SizeError, match=rf"multiples of 16, and at least 48; give --size {other}$"):
        check_size(size, GeneratorConfig())


@pytest.mark.parametrize("shape", [(640, 360), (640, 480), (1080, 1920), (1920, 800), (500, 500)])
def test_a_film_keeps_its_shape_approximately(shape: tuple[int, int]) -> None:
    config = GeneratorConfig()
    width, height = natural_size(shape, config, 256 * 144)
    check_size((width, height), config)
    assert (width / height) / (shape[0] / shape[1]) == pytest.approx(1, abs=0.05)
    assert width * height == pytest.approx(256 * 144, rel=0.3)


def test_sixteen_by_nine_keeps_its_shape_exactly() -> None:
    sizes = {name: natural_size((1920, 1080), preset.shape, preset.pixels) for name, preset in PRESETS.items()}
    assert sizes == {"small": (256, 144), "medium": (512, 288), "large": (768, 432)}
