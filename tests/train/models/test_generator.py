"""Shapes and sizes of the networks, and the inputs that they react to."""

import pytest
import torch
from torch import Tensor

from train.data.film_course import FilmCourse
from train.images.pixels import from_bytes, to_levels
from train.models.generator import (
    GATE_BIAS,
    LEAST_CHANGE,
    REACH,
    UNSEEN,
    Enlarger,
    Generator,
    GeneratorConfig,
    Recurrence,
    ResidualU,
    pixel_shuffle,
    pixel_unshuffle,
    spread,
)
from train.models.presets import PRESETS, natural_size

GUIDE = torch.zeros(1, 3, 12, 16)  # of a small frame of 24×32, at the usual pitch of 2


# ----------------------------------------------------------------------------
# The recurrence.


@pytest.mark.parametrize("context_frames", [2, 4])
def test_any_context_gives_one_small_frame(context_frames: int) -> None:
    recurrence = Recurrence(GeneratorConfig(context_frames=context_frames))
    guide = GUIDE.expand(2, -1, -1, -1)
    context = torch.rand(2, 3 * context_frames, 24, 32) * 2 - 1
    for picture in recurrence(context, torch.zeros_like(context), torch.zeros(2), guide):
        assert picture.shape == (2, 3, 24, 32)
        assert picture.abs().max() <= 1


@pytest.mark.parametrize("channels", [(16,), (16, 32), (16, 16, 32)])
def test_the_guide_fits_at_any_depth(channels: tuple[int, ...]) -> None:
    config = GeneratorConfig(channels=channels, blocks=(1,) * len(channels))
    context = torch.zeros(1, 6, 24, 32)
    assert Recurrence(config)(context, context, torch.zeros(1), GUIDE).frame.shape == (1, 3, 24, 32)


def test_the_recurrence_depends_on_noise_level_and_guide() -> None:
    recurrence = Recurrence(GeneratorConfig())
    context, no_noise = torch.zeros(1, 6, 24, 32), torch.zeros(1)
    plain, noisy, leveled, guided = (
        recurrence(context, noise, level, guide).anew
        for noise, level, guide in (
            (context, no_noise, GUIDE),
            (context + 0.4, no_noise, GUIDE),
            (context, no_noise + 0.4, GUIDE),
            (context, no_noise, GUIDE + 1),
        )
    )
    for other in (noisy, leveled, guided):
        assert not torch.allclose(plain, other)


class Painting(ResidualU):
    """Network that paints the same everywhere, through the same gate."""

    def __init__(self, colour: float, gate: float) -> None:
        super().__init__(10, (16, 32), (0, 0), painted=4)
        open_by = torch.logit(torch.tensor(gate)) - GATE_BIAS
        self.same = torch.stack([*torch.tensor([colour] * 3).atanh(), open_by]).view(1, 4, 1, 1)

    def forward(self, planes: Tensor) -> Tensor:
        return self.same.expand(len(planes), 4, *planes.shape[2:])


def painted(last: Tensor, *, colour: float, gate: float, noise: float = 0.0) -> tuple[Tensor, Tensor]:
    """Return the next frame and what is painted anew, for a network that paints one colour."""
    recurrence = Recurrence(GeneratorConfig())
    recurrence.paint = Painting(colour, gate)
    context = torch.cat([torch.zeros_like(last), last], 1)
    frame, anew = recurrence(context, torch.full_like(context, noise), torch.full((1,), noise), GUIDE)
    return frame, anew


def test_the_gate_says_how_far_to_go_from_the_last_frame_to_what_is_painted() -> None:
    last = torch.full((1, 3, 24, 32), 0.25)
    for gate, expected in ((1.0, 0.75 - LEAST_CHANGE), (0.5, 0.5 - LEAST_CHANGE / 2), (0.0, 0.25)):
        frame, anew = painted(last, colour=0.75, gate=gate)
        assert torch.allclose(frame, torch.full_like(frame, expected))
        assert torch.allclose(anew, torch.full_like(anew, 0.75))
    darker, _ = painted(last, colour=-0.75, gate=1.0)
    assert torch.allclose(darker, torch.full_like(darker, -0.75 + LEAST_CHANGE))


def test_a_small_change_is_dropped_to_the_bit() -> None:
    last = torch.rand(1, 3, 24, 32, generator=torch.Generator().manual_seed(0)) * 2 - 1
    frame, _ = painted(last, colour=0.0, gate=0.3, noise=0.03)
    stands = last.abs() < LEAST_CHANGE
    assert 10 < stands.sum() < stands.numel() / 4
    assert torch.equal(frame[stands], last[stands])
    assert (frame[~stands] != last[~stands]).all()
    assert (frame - last)[~stands].abs().min() < 0.2 * LEAST_CHANGE  # no step at the threshold
    assert torch.equal(painted(last, colour=0.5, gate=0.0, noise=0.03)[0], last)


def test_a_fresh_gate_is_open() -> None:
    torch.manual_seed(0)
    last = torch.rand(1, 3, 24, 32) * 2 - 1
    context = torch.cat([torch.zeros_like(last), last], 1)
    frame, anew = Recurrence(GeneratorConfig())(context, torch.zeros_like(context), torch.zeros(1), GUIDE)
    far = (anew - last).abs() > 0.5
    assert far.any()
    assert ((frame - last) / (anew - last))[far].min() > 0.8


# ----------------------------------------------------------------------------
# The enlarger, and what it draws.


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
    picture = enlarger(small).picture()
    assert picture.shape == (2, 3, 24 * scale, 32 * scale)
    assert torch.allclose(torch.nn.functional.avg_pool2d(picture, scale), small, atol=1e-5)
    assert picture.std() > 1.2 * small.std()  # something was drawn


@torch.no_grad()
def test_rows_and_columns_that_are_not_seen_are_not_drawn() -> None:
    torch.manual_seed(0)
    small = torch.rand(2, 3, 24, 32) * 2 - 1
    enlarger = Enlarger(GeneratorConfig(scale=4))
    torch.nn.init.normal_(enlarger.head.weight)
    drawn = enlarger(small, 20, 31).picture()
    torch.testing.assert_close(drawn, enlarger(small).picture()[:, :, :80, :124], rtol=0, atol=1e-5)


@pytest.mark.parametrize("scale", [2, 4, 6, 8])
def test_what_is_drawn_comes_on_top_of_a_bilinear_picture(scale: int) -> None:
    torch.manual_seed(0)
    small = torch.rand(2, 3, 24, 32) * 2 - 1
    smooth = torch.nn.functional.interpolate(small, scale_factor=float(scale), mode="bilinear")
    pixels, _ = Enlarger(GeneratorConfig(scale=scale))(small)
    assert torch.allclose(spread(pixels), smooth, atol=1e-5)  # also at the borders
    sky = torch.full((1, 3, 24, 32), 0.3)
    for enlarger in (Enlarger(GeneratorConfig(scale=scale)), Enlarger(GeneratorConfig(scale=scale)).half()):
        assert torch.allclose(enlarger(sky).picture(), torch.tensor(0.3), atol=1e-6)


def test_an_untrained_enlarger_is_smooth() -> None:
    ramp = torch.linspace(-1, 1, 32).expand(1, 3, 24, 32)
    picture = Enlarger(GeneratorConfig())(ramp).picture()
    steps = picture[0, 0, 50].diff()[8:-8]
    assert steps.min() > 0
    assert steps.max() < 1.5 * steps.mean()


@pytest.fixture
def drawing(hats_course: FilmCourse) -> Generator:
    """A generator whose enlarger draws something."""
    torch.manual_seed(0)
    generator = Generator(GeneratorConfig(scale=2), hats_course.memory, hats_course.dramaturgy)
    torch.nn.init.normal_(generator.enlarger.head.weight)
    return generator


@torch.no_grad()
def test_a_picture_stands_where_nothing_changes_and_is_drawn_anew_around_changes(drawing: Generator) -> None:
    last_small, last = torch.rand(2, 3, 24, 32) * 2 - 1, torch.randint(0, 256, (2, 3, 48, 64), dtype=torch.uint8)
    small = last_small.clone()
    small[0, 2, 10, 5] += 2.1 * UNSEEN
    small[1, 0, 0, 31] -= 0.5
    small[:, :, 20] += 0.9 * UNSEEN
    picture = drawing.picture(small, last_small, from_bytes(last))
    anew = to_levels(drawing.enlarger(small).picture())
    near = torch.zeros(2, 1, 48, 64, dtype=torch.bool)
    near[0, :, 2 * (10 - REACH) : 2 * (11 + REACH), 2 * (5 - REACH) : 2 * (6 + REACH)] = True
    near[1, :, : 2 * (1 + REACH), 2 * (31 - REACH) :] = True
    near = near.expand_as(picture)
    assert torch.equal(picture[~near], last[~near])
    assert (picture - anew)[near].abs().max() <= 1  # by rounding
    assert (picture != anew)[near].float().mean() < 0.001
    assert (anew - last)[near].abs().mean() > 10


@torch.no_grad()
@pytest.mark.parametrize("dtype", [torch.float32, torch.float16])
def test_a_picture_without_any_change_is_the_last_one_to_the_bit(drawing: Generator, dtype: torch.dtype) -> None:
    levels = torch.arange(3 * 48 * 64).remainder(256).to(torch.uint8).view(1, 3, 48, 64)
    small, last = torch.rand(1, 3, 24, 32) * 2 - 1, from_bytes(levels).to(dtype)
    picture = drawing.picture(small, small.clone(), last)
    assert picture.dtype == torch.uint8
    assert torch.equal(picture, levels)


def test_every_weight_gets_a_gradient() -> None:
    torch.manual_seed(0)
    generator = torch.nn.ModuleList([Recurrence(GeneratorConfig()), Enlarger(GeneratorConfig())])
    recurrence, enlarger = generator
    for _ in range(4):  # a last convolution that starts at zero hides the ones before it in the first steps
        generator.zero_grad()
        context = torch.rand(1, 6, 24, 32)
        small = recurrence(context, torch.zeros_like(context), torch.zeros(1), GUIDE).frame
        (enlarger(small).picture() - torch.rand(1, 3, 96, 128)).abs().mean().backward()
        with torch.no_grad():
            for parameter in generator.parameters():
                assert parameter.grad is not None
                parameter.sub_(1e-2 * parameter.grad)
    assert all(parameter.grad.abs().sum() > 0 for parameter in generator.parameters() if parameter.grad is not None)


# ----------------------------------------------------------------------------
# Sizes.


@pytest.mark.parametrize(
    ("size", "padded"),
    [
        ((96, 48), (96, 48)),
        ((100, 48), (112, 48)),
        ((64, 50), (64, 64)),
        ((2, 144), (32, 144)),
        ((1920, 1080), (1920, 1088)),
    ],
)
def test_sizes_are_rounded_up(size: tuple[int, int], padded: tuple[int, int]) -> None:
    assert GeneratorConfig().padded(size) == padded


@pytest.mark.parametrize("shape", [(640, 360), (640, 480), (1080, 1920), (1920, 800), (500, 500)])
def test_a_film_keeps_its_shape(shape: tuple[int, int]) -> None:
    width, height = natural_size(shape, 4, 256 * 144)
    assert width % 4 == height % 4 == 0
    assert (width / height) / (shape[0] / shape[1]) == pytest.approx(1, abs=0.02)
    assert width * height == pytest.approx(256 * 144, rel=0.3)


def test_sixteen_by_nine_keeps_its_shape_exactly() -> None:
    sizes = {name: natural_size((1920, 1080), preset.shape.scale, preset.pixels) for name, preset in PRESETS.items()}
    assert sizes == {"small": (256, 144), "medium": (768, 432), "wall": (1280, 720)}
