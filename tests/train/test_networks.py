"""Shapes, sizes and what the networks react to."""

import pytest
import torch

from train.errors import SizeError
from train.networks import FLOW_UNIT, LEAST_COVER, Generator, GeneratorConfig, Judges, check_size, natural_size


@pytest.mark.parametrize("context_frames", [1, 2, 4])
def test_any_context_gives_one_frame(context_frames: int) -> None:
    generator = Generator(GeneratorConfig(context_frames=context_frames))
    context = torch.zeros(2, 3 * context_frames, 48, 64)
    drawing = generator(context, torch.zeros(2), context[:, -3:])
    assert drawing.flow.shape == (2, 2, 48, 64)
    for picture in (drawing.frame, drawing.painted):
        assert picture.shape == (2, 3, 48, 64)
        assert picture.abs().max() <= 1


def test_the_generator_is_told_the_noise_level() -> None:
    generator = Generator(GeneratorConfig())
    context = torch.zeros(2, 6, 48, 64)
    quiet, loud = generator(context, torch.tensor([0.0, 0.4]), context[:, -3:]).painted
    assert not torch.allclose(quiet, loud)


def test_every_weight_is_reached_by_the_gradient() -> None:
    generator = Generator(GeneratorConfig())
    for _ in range(2):  # a zero last convolution hides the one before it in the first step only
        generator.zero_grad()
        drawing = generator(torch.rand(1, 6, 48, 64), torch.zeros(1), torch.rand(1, 3, 48, 64))
        drawing.frame.square().sum().backward()
        with torch.no_grad():
            for parameter in generator.parameters():
                assert parameter.grad is not None
                parameter -= 1e-3 * parameter.grad
    assert all(parameter.grad.abs().sum() > 0 for parameter in generator.parameters() if parameter.grad is not None)


def test_each_judge_sees_what_it_should() -> None:
    judges = Judges(context_frames=2)
    clip = torch.rand(1, 9, 64, 96)
    other_past = clip.clone()
    other_past[:, :6] = 0
    for name, (here, there) in {
        name: (here[-1], there[-1])
        for name, here, there in zip(("frame", "clip", "coarse"), judges.eval()(clip), judges(other_past), strict=True)
    }.items():
        assert torch.allclose(here, there) == (name == "frame")


def set_head(generator: Generator, *, cover: float, flow: tuple[float, float]) -> None:
    """Make the head answer the same everywhere: how much is painted, and where pixels come from."""
    torch.nn.init.zeros_(generator.head.weight)
    with torch.no_grad():
        generator.head.bias.copy_(torch.tensor([0.5] * 12 + [cover] * 4 + [flow[0]] * 4 + [flow[1]] * 4))


@torch.no_grad()
def test_what_is_not_painted_over_moves_to_the_pixel() -> None:
    generator, newest = Generator(GeneratorConfig()), torch.rand(1, 3, 48, 64)
    context = torch.rand(1, 6, 48, 64)
    set_head(generator, cover=-30, flow=(2 / FLOW_UNIT, -3 / FLOW_UNIT))  # fetch from two right, three above
    frame, painted, _ = generator(context, torch.ones(1), newest)
    moved = newest.roll((3, -2), dims=(2, 3))
    expected = moved + LEAST_COVER * (painted - moved)
    assert torch.allclose(frame[..., 4:-4, 4:-4], expected[..., 4:-4, 4:-4], atol=1e-4)


@torch.no_grad()
def test_what_is_painted_over_is_gone() -> None:
    generator, newest = Generator(GeneratorConfig()), torch.rand(1, 3, 48, 64)
    set_head(generator, cover=30, flow=(0, 0))
    frame, painted, _ = generator(torch.rand(1, 6, 48, 64), torch.ones(1), newest)
    assert torch.allclose(frame, painted, atol=1e-6)
    assert torch.allclose(painted, torch.tanh(torch.tensor(0.5)))


@pytest.mark.parametrize("size", [(100, 48), (64, 50), (16, 144), (0, 0)])
def test_sizes_it_cannot_take_are_refused(size: tuple[int, int]) -> None:
    with pytest.raises(SizeError, match="multiples of 16"):
        check_size(size, GeneratorConfig())


@pytest.mark.parametrize("shape", [(640, 360), (640, 480), (1080, 1920), (1920, 800), (500, 500)])
def test_a_film_keeps_nearly_its_shape(shape: tuple[int, int]) -> None:
    config = GeneratorConfig()
    width, height = natural_size(shape, config)
    check_size((width, height), config)
    assert (width / height) / (shape[0] / shape[1]) == pytest.approx(1, abs=0.05)
    assert width * height == pytest.approx(256 * 144, rel=0.3)


def test_wide_screen_is_the_size_everybody_expects() -> None:
    assert natural_size((1920, 1080), GeneratorConfig()) == (256, 144)
