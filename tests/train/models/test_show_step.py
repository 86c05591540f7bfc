"""The arithmetic of one step, shared by training, rollouts and the exported graph."""

from itertools import islice

import numpy as np
import pytest
import torch

from train.data.film_course import FilmCourse
from train.images.pixels import from_bytes
from train.models.camera_guide import camera_guide
from train.models.film_memory import BANDS, MIDDLE
from train.models.generator import Generator, GeneratorConfig
from train.models.show_step import (
    NOISE_PER_TEMPERATURE,
    ShowStep,
    add_noise,
    band_noise,
    camera_calls,
    draw_noise,
    first_context,
    turns,
)


@pytest.fixture
def show(hats_course: FilmCourse) -> ShowStep:
    torch.manual_seed(0)
    return ShowStep(Generator(GeneratorConfig(scale=2), hats_course.memory)).eval()


def noise(seed: int) -> torch.Tensor:
    return torch.randn(1, 1, 48, 64, generator=torch.Generator().manual_seed(seed))


@torch.no_grad()
def test_the_frame_is_fed_back(show: ShowStep) -> None:
    context = torch.rand(1, 6, 48, 64) * 2 - 1
    frame, following = show(context, noise(1), torch.ones(1))
    assert frame.dtype == torch.uint8
    assert frame.shape == (48, 64, 3)
    assert torch.equal(following[:, :3], context[:, 3:])
    assert torch.equal(following[0, 3:], from_bytes(frame.permute(2, 0, 1)))


@torch.no_grad()
def test_temperature_zero_ignores_the_noise(show: ShowStep) -> None:
    context = torch.rand(1, 6, 48, 64) * 2 - 1
    cold = [show(context, noise(seed), torch.zeros(1))[0] for seed in (1, 2)]
    hot = [show(context, noise(seed), torch.ones(1))[0] for seed in (1, 2)]
    assert torch.equal(*cold)
    assert not torch.equal(*hot)


@torch.no_grad()
def test_a_guided_step_follows_the_film_or_turns(hats_course: FilmCourse) -> None:
    """The guide is the frame that follows the context in the film, or after a turn another frame."""
    generator = Generator(GeneratorConfig(scale=2), hats_course.memory).eval()
    guides: list[torch.Tensor] = []
    generator.recurrence.register_forward_pre_hook(lambda module, inputs: guides.append(inputs[2]))
    film_index = torch.tensor([hats_course.windows.film_indices[30]])
    pictures = hats_course.windows.pictures(film_index + torch.tensor([-2, 0]))
    context = from_bytes(pictures).flatten(0, 1)[None]
    show = ShowStep(generator)
    show(context, noise(1) - noise(1).mean(), torch.ones(1))
    show(context, noise(1) + 1, torch.ones(1))
    for guide, following in zip(guides, (hats_course.onward(film_index), hats_course.turned(film_index)), strict=True):
        coarse = torch.nn.functional.avg_pool2d(from_bytes(hats_course.windows.small(following)), 4)
        assert (guide - coarse).abs().max() < 0.03


@torch.no_grad()
def test_a_camera_has_an_effect_only_with_a_mix(hats_course: FilmCourse) -> None:
    torch.manual_seed(0)
    generator = Generator(GeneratorConfig(scale=2, camera=True), hats_course.memory).eval()
    torch.nn.init.normal_(generator.recurrence.paint.head.weight)
    show, film_index = ShowStep(generator), torch.tensor([hats_course.windows.film_indices[30]])
    context = from_bytes(hats_course.windows.pictures(film_index + torch.tensor([-2, 0]))).flatten(0, 1)[None]
    height, width = context.shape[2:]
    black = torch.zeros(height, width, 3, dtype=torch.uint8)
    room = torch.randint(0, 256, black.shape, dtype=torch.uint8)

    def step(camera: torch.Tensor, mix: float) -> torch.Tensor:
        frame: torch.Tensor = show(context, noise(1), torch.ones(1), camera, torch.full((1,), mix))[0]
        return frame

    assert torch.equal(step(room, 0.0), step(black, 0.0))
    assert not torch.equal(step(room, 0.5), step(black, 0.5))
    assert not torch.equal(step(room, 1.0), step(room, 0.5))


@torch.no_grad()
def test_a_camera_leads_to_the_frame_that_resembles_it(hats_course: FilmCourse) -> None:
    memory = hats_course.memory
    here, there = (torch.tensor([hats_course.windows.shots[shot][20]]) for shot in (0, 2))
    states = from_bytes(hats_course.windows.contexts(here))
    camera = camera_guide(from_bytes(hats_course.windows.small(hats_course.onward(there))), memory.cells)
    alone = memory.look_up(states)
    assert torch.equal(memory.look_up(states, camera, torch.zeros(1)), alone)
    led = memory.look_up(states, camera, torch.ones(1))
    following = hats_course.remembered[memory.follow(led, states, torch.zeros(1, BANDS), torch.ones(1))]
    wanted = hats_course.windows.small(hats_course.onward(there)).float()
    assert (hats_course.compose(following).float() - wanted).abs().mean() < 4
    assert (led != alone).all()


def test_a_still_state_does_not_turn_while_a_camera_leads(hats_course: FilmCourse) -> None:
    memory = hats_course.memory
    film_index = torch.tensor([hats_course.windows.film_indices[30]])
    still = from_bytes(hats_course.windows.small(film_index)).repeat(1, 2, 1, 1)
    places, none = memory.look_up(still), torch.zeros(1, BANDS)
    turned = memory.follow(places, still, none + 1)
    assert torch.equal(memory.follow(places, still, none), turned)
    assert torch.equal(memory.follow(places, still, none, torch.zeros(1)), turned)
    assert not torch.equal(memory.follow(places, still, none, torch.ones(1)), turned)


@pytest.mark.parametrize(("temperature", "share"), [(0.0, 0.0), (1.0, 0.0228), (2.0, 0.159)])
def test_turns_are_more_frequent_at_a_higher_temperature(temperature: float, share: float) -> None:
    rng = np.random.default_rng(0)
    noise = torch.from_numpy(rng.standard_normal((4000, 1, 12, 16), dtype=np.float32))
    turned = turns(band_noise(noise), torch.full((4000,), temperature))
    assert turned.shape == (4000, BANDS)
    assert set(turned.flatten().tolist()) <= {0.0, 1.0}
    assert turned.mean(0).tolist() == pytest.approx([share] * BANDS, abs=0.02)
    apart = (turned != turned[:, :1]).any(1).float().mean()
    assert (apart > turned.mean()) == (share > 0)  # hardly ever all bands at once


def test_every_channel_gets_noise_of_its_own_at_the_given_level() -> None:
    plane = torch.randn(1, 1, 144, 256, generator=torch.Generator().manual_seed(0))
    level = torch.tensor([2 * NOISE_PER_TEMPERATURE])
    added = add_noise(torch.zeros(1, 6, 144, 256), plane, level)[0].flatten(1)
    assert added.std(1) == pytest.approx([2 * NOISE_PER_TEMPERATURE] * 6, rel=0.02)
    correlation = torch.corrcoef(added) - torch.eye(6)
    assert correlation.abs().max() < 0.03


def test_the_noise_of_a_seed_is_always_the_same() -> None:
    first, again, other = (list(islice(draw_noise(6, 8, seed), 3)) for seed in (3, 3, 4))
    assert first[0].shape == (1, 1, 6, 8)
    assert first[0].dtype == np.float32
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
    assert not np.array_equal(first[0], first[1])


def test_the_first_context_holds_the_newest_frames_oldest_first() -> None:
    film_end = np.random.default_rng(0).integers(0, 256, (5, 48, 64, 3), np.uint8)
    context = first_context(film_end, 2)
    assert context.shape == (1, 6, 48, 64)
    for place, frame in enumerate(film_end[-2:]):
        assert torch.equal(context[0, 3 * place : 3 * place + 3], from_bytes(torch.from_numpy(frame).permute(2, 0, 1)))


@pytest.mark.parametrize(("mix", "share"), [(0.0, 0.0), (0.5, 1 / 64), (0.75, 0.178), (0.9, 0.531), (1.0, 1.0)])
def test_a_camera_calls_more_often_at_a_higher_mix(mix: float, share: float) -> None:
    noise = torch.randn(8000, 1, 8, 12, generator=torch.Generator().manual_seed(2))
    drawn = band_noise(noise)
    calls = camera_calls(drawn, torch.full((8000,), mix))
    assert set(calls.tolist()) <= {0.0, 1.0}
    assert float(calls.mean()) == pytest.approx(share, abs=0.01)
    turned = turns(drawn, torch.ones(8000))[:, MIDDLE]
    assert not (turned * calls).any() or mix > 0.95, "a call and a turn do not coincide"
