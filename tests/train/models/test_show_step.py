"""The arithmetic of one step, shared by training, rollouts and the exported graph."""

from __future__ import annotations

import copy
import math
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from tests.train.models.show_steps import FAR, NEAR, TOO_LONG, Watched, noise, step, window
from train.data.film import load_film
from train.data.film_course import FilmCourse
from train.data.film_windows import FilmWindows
from train.data.shots import find_story
from train.images.pixels import from_bytes
from train.models.camera_motion import PLANES
from train.models.film_memory import NO_SHOT
from train.models.generator import Generator, GeneratorConfig
from train.models.guide import enlarged, even_places
from train.models.show_step import (
    DISSOLVE,
    NOISE_PER_TEMPERATURE,
    ShowStep,
    advance,
    draw_noise,
    first_context,
    random_number,
    turns,
)

# ----------------------------------------------------------------------------
# The state.


@torch.no_grad()
def test_the_frame_is_fed_back(show: ShowStep) -> None:
    context, visits = torch.rand(1, 6, 48, 64) * 2 - 1, TOO_LONG
    frame, next_context, next_visits, next_movement = step(show, context, visits, noise(1), torch.ones(1))
    assert frame.dtype == torch.uint8
    assert frame.shape == (48, 64, 3)
    assert torch.equal(next_context[:, :3], context[:, 3:])
    assert torch.equal(next_context[0, 3:], from_bytes(frame.permute(2, 0, 1)))
    assert next_visits.shape == visits.shape
    assert next_movement.shape == show.begin(context)["movement"].shape


@torch.no_grad()
def test_a_continuation_begins_without_visits_and_notes_them(show: ShowStep, hats_course: FilmCourse) -> None:
    _, context = window(hats_course, NEAR)
    state = show.begin(context)
    shapes = {name: value.shape for name, value in state.items()}
    assert shapes == {"context": context.shape, "visits": (1, 5), "movement": (1, PLANES, 24, 32)}
    assert not state["visits"].any()
    assert not state["movement"].any()
    room = torch.randint(80, 160, (48, 64, 3), generator=torch.Generator().manual_seed(1), dtype=torch.uint8)
    inputs = {"noise": noise(1), "temperature": torch.zeros(1), "camera": room, "camera_mix": torch.ones(1)}
    _, state = advance(show, inputs | {"other": torch.zeros(1)} | state)
    assert set(state) == {"context", "visits", "movement"}
    assert state["movement"][:, 0].any()
    assert not state["movement"][:, 1:].any(), "nothing moves in a first picture"
    assert state["visits"].tolist() == [[0, 0, 1, pytest.approx(1 / 12), pytest.approx(1 / 12)]]


@torch.no_grad()
@pytest.mark.parametrize("size", [(16, 16), (70, 50), (64, 32)])
def test_every_size_is_played(size: tuple[int, int], hats_cut: Path, tmp_path: Path) -> None:
    config, (width, height) = GeneratorConfig(), size
    film = load_film(hats_cut, size, "crop", tmp_path)
    windows = FilmWindows(
        film, find_story(film), context_frames=2, stride=2, scale=config.scale, padded=config.padded(size)
    )
    course = FilmCourse(windows)
    show = ShowStep(Generator(config, course.memory, course.dramaturgy)).eval()
    context = from_bytes(windows.pictures(torch.tensor([40, 42]))).flatten(0, 1)[None]
    noise, one = torch.randn(show.noise_shape(height, width)), torch.ones(1)
    camera = torch.zeros(height, width, 3, dtype=torch.uint8)
    frame, next_context, _, _ = step(show, context, torch.zeros(1, 5), noise, one, camera=camera, mix=1.0)
    assert frame.shape == (height, width, 3)
    assert next_context.shape == context.shape


def test_padding_is_seen_alike_in_training_and_show(hats_cut: Path, tmp_path: Path) -> None:
    config, size = GeneratorConfig(), (70, 50)
    film = load_film(hats_cut, size, "crop", tmp_path)
    windows = FilmWindows(
        film, find_story(film), context_frames=2, stride=2, scale=config.scale, padded=config.padded(size)
    )
    course = FilmCourse(windows)
    generator = Generator(config, course.memory, course.dramaturgy)
    film_indices = torch.from_numpy(windows.film_indices[::9])
    seen = generator.reduce_padded(from_bytes(windows.pictures(film_indices)))
    assert seen.shape[2:] == (64 // config.scale, 80 // config.scale)
    assert (seen - from_bytes(windows.small(film_indices))).abs().max() < 0.01  # by rounding


@torch.no_grad()
def test_temperature_zero_ignores_the_noise(show: ShowStep) -> None:
    context = torch.rand(1, 6, 48, 64) * 2 - 1
    cold = [step(show, context, TOO_LONG, noise(seed), torch.zeros(1))[0] for seed in (1, 2)]
    hot = [step(show, context, TOO_LONG, noise(seed), torch.ones(1))[0] for seed in (1, 2)]
    assert torch.equal(*cold)
    assert not torch.equal(*hot)


@torch.no_grad()
def test_a_still_state_shows_the_very_same_picture_whatever_the_noise(
    generator: Generator, hats_course: FilmCourse
) -> None:
    """A shut gate lets nothing flicker, though a picture drawn anew would be another."""
    bias = generator.recurrence.paint.head.bias
    assert bias is not None
    bias[12:] = -20.0
    generator.memory = copy.deepcopy(generator.memory)
    generator.memory.evenness.fill_(-1.0)  # what is even goes on with the film
    show = ShowStep(generator)
    film_index, context = window(hats_course, NEAR)
    black, shown = torch.zeros(48, 64, 3, dtype=torch.uint8), hats_course.windows.pictures(film_index)[0]
    inputs = {"temperature": torch.full((1,), 2.0), "camera": black, "camera_mix": torch.zeros(1)}
    state = show.begin(context)
    for seed in range(5):
        frame, state = advance(show, inputs | state | {"noise": noise(seed)})
        assert torch.equal(frame.permute(2, 0, 1), shown)
    drawn = generator.enlarger(generator.reduce(context[:, -3:])).picture()
    assert (drawn - context[:, -3:]).abs().mean() > 0.05


@torch.no_grad()
def test_a_weave_in_a_sky_is_gone_after_a_step(generator: Generator, hats_course: FilmCourse) -> None:
    """A shut gate leaves it everywhere else."""
    bias = generator.recurrence.paint.head.bias
    assert bias is not None
    bias[12:] = -20.0
    generator.memory = copy.deepcopy(generator.memory)
    generator.memory.evenness.fill_(8 / 127.5)  # so small a picture has few skies
    show = ShowStep(generator)
    _, context = window(hats_course, NEAR)
    weave = 0.04 * (1 - (torch.arange(24)[:, None] + torch.arange(32)) % 2 * 2).repeat_interleave(2, 0)
    woven = context + weave.repeat_interleave(2, 1)
    _, following, *_ = step(show, woven, torch.zeros(1, 5), noise(1), torch.zeros(1))
    small = generator.reduce(following[:, -3:])
    memory, woven_small = generator.memory, generator.reduce(woven)
    _, next_pictures = memory(woven_small, torch.zeros(1), torch.tensor([NO_SHOT]), torch.zeros(1))
    guide = memory.guide(next_pictures)
    even = enlarged(even_places(guide, memory.evenness)).expand(-1, 3, -1, -1)
    assert 0.05 < (even > 0.9999).float().mean() < 0.9
    assert (small - enlarged(guide).clamp(-1, 1))[even > 0.9999].abs().mean() < 1 / 127.5
    assert (small - generator.reduce(woven[:, -3:]))[even == 0].abs().mean() < 1 / 127.5


# ----------------------------------------------------------------------------
# What follows.


@torch.no_grad()
def test_a_step_follows_the_film_or_turns_where_that_is_near(show: ShowStep, hats_course: FilmCourse) -> None:
    watched, visits = Watched(show, hats_course), torch.zeros(1, 5)
    calm, turning = noise(1) - noise(1).mean(), noise(1) + 1
    for place, turns_there in ((NEAR, True), (FAR, False)):
        film_index, context = window(hats_course, place)
        onward, turned = hats_course.onward(film_index), hats_course.turned(film_index)
        assert onward != turned
        assert watched.follows(context, visits, calm) == onward
        assert watched.follows(context, visits, turning) == (turned if turns_there else onward)


@torch.no_grad()
def test_time_leans_while_a_shot_is_stayed_in(show: ShowStep, hats_course: FilmCourse) -> None:
    guides: list[Tensor] = []
    looked_up: list[Tensor] = []
    show.generator.recurrence.register_forward_pre_hook(lambda module, inputs: guides.append(inputs[3]))
    film_index, context = window(hats_course, NEAR)
    memory = show.generator.memory
    look_up = memory.look_up

    def watched(contexts: Tensor, weights: Tensor | None = None, lean: Tensor | None = None) -> Tensor:
        assert lean is not None
        looked_up.append(lean)
        return look_up(contexts, weights, lean)

    memory.look_up = watched  # type: ignore[method-assign]
    nexts = torch.searchsorted(hats_course.remembered, hats_course.onward(film_index))
    visits, calm = torch.tensor([[0.0, 0.0, 1.0, 2.0, 30.0]]), noise(1) - noise(1).mean()
    step_seconds = float(show.generator.dramaturgy.step_seconds)
    before = visits - torch.tensor([[0.0, 0.0, 0.0, step_seconds, step_seconds]])
    step(show, context, before, calm, torch.zeros(1))
    painted = hats_course.contexts(film_index.view(1), show._lean(before, torch.ones(1)))
    leaning = F.interpolate(from_bytes(painted), scale_factor=2.0)  # the picture, of which the small frame is half
    step(show, leaning, before, calm, torch.ones(1))
    # A quarter of a second, at 24 pictures a second, at the most; the state was painted one step before.
    assert looked_up[0] == 0
    assert looked_up[1].item() == pytest.approx(6 * math.sin(2 * math.pi * (2 - step_seconds) / 10))
    assert torch.equal(guides[0], memory.guide(nexts))
    lean = show._lean(visits, torch.ones(1))
    assert lean.item() == pytest.approx(6 * math.sin(2 * math.pi * 2 / 10))
    assert torch.equal(guides[1], memory.guide(nexts, lean))
    assert not torch.equal(guides[0], guides[1])
    step(show, context, TOO_LONG, calm, torch.ones(1))
    assert torch.equal(guides[2], memory.guide(memory.entries[1:2]))


@torch.no_grad()
def test_a_shot_is_left_when_its_time_is_over(show: ShowStep, hats_course: FilmCourse) -> None:
    watched = Watched(show, hats_course)
    film_index, context = window(hats_course, NEAR)
    assert hats_course.shot_of(film_index) == 2
    assert watched.follows(context, TOO_LONG, noise(1)) == int(hats_course.windows.shots[1][0])
    seen_since = torch.tensor([[0.0, 0.5, 1.0, 20.0, 60.0]])
    assert watched.follows(context, seen_since, noise(1)) == int(hats_course.windows.shots[0][0])


@torch.no_grad()
def test_at_its_end_a_shot_is_left_only_after_eight_seconds(show: ShowStep, hats_course: FilmCourse) -> None:
    watched, last = Watched(show, hats_course), len(hats_course.windows.film_indices) - 1
    film_index, context = window(hats_course, last)
    assert watched.follows(context, torch.zeros(1, 5), noise(1)) == hats_course.turned(film_index)
    after = torch.tensor([[0.0, 0.0, 1.0, 9.0, 9.0]])
    assert watched.follows(context, after, noise(1)) in [int(shot[0]) for shot in hats_course.windows.shots[:2]]


@torch.no_grad()
def test_a_far_turn_at_the_end_of_a_shot_dissolves(show: ShowStep, hats_course: FilmCourse) -> None:
    """The small frame goes three tenths of the way; where the turn is near, or the shot is left, all of it."""
    memory, last = show.generator.memory, len(hats_course.windows.film_indices) - 1
    _, context = window(hats_course, last)
    began, over = torch.zeros(1, 5), torch.tensor([[0.0, 0.0, 1.0, 9.0, 9.0]])
    before = show.generator.reduce(context[:, -3:])

    def way(visits: Tensor, *, near: bool) -> Tensor:
        memory.near[last] = near
        _, context_after, _, _ = step(show, context, visits, noise(1), torch.zeros(1))
        return show.generator.reduce(context_after[:, -3:]) - before

    whole, part, left = way(began, near=True), way(began, near=False), way(over, near=False)
    assert whole.abs().mean() > 0.1
    assert part.abs().mean() < 0.5 * whole.abs().mean()
    assert (part - DISSOLVE * whole).abs().max() < 0.01  # rounding to levels, of each
    assert torch.equal(left, way(over, near=True))


# ----------------------------------------------------------------------------
# Randomness.


@pytest.mark.parametrize(("temperature", "share"), [(0.0, 0.0), (1.0, 0.0228), (2.0, 0.159)])
def test_turns_are_more_frequent_at_a_higher_temperature(temperature: float, share: float) -> None:
    rng = np.random.default_rng(0)
    noise = torch.from_numpy(rng.standard_normal((4000, 6, 4, 8), dtype=np.float32))
    drawn = random_number(noise)
    assert drawn.shape == (4000,)
    assert float(drawn.std()) == pytest.approx(1, abs=0.03)
    turned = turns(drawn, torch.full((4000,), temperature))
    assert set(turned.tolist()) <= {0.0, 1.0}
    assert float(turned.mean()) == pytest.approx(share, abs=0.01)


@torch.no_grad()
def test_the_network_sees_noise_of_the_given_level(show: ShowStep, hats_course: FilmCourse) -> None:
    seen: list[Tensor] = []
    show.generator.recurrence.register_forward_pre_hook(lambda module, inputs: seen.extend(inputs[1:3]))
    _, context = window(hats_course, NEAR)
    step(show, context, torch.zeros(1, 5), noise(1), torch.full((1,), 2.0))
    assert torch.equal(seen[0], 2 * NOISE_PER_TEMPERATURE * noise(1))
    assert seen[1].tolist() == [pytest.approx(2 * NOISE_PER_TEMPERATURE)]


def test_the_noise_of_a_seed_is_always_the_same() -> None:
    first, again, other = (list(islice(draw_noise((1, 6, 4, 8), seed), 3)) for seed in (3, 3, 4))
    assert first[0].shape == (1, 6, 4, 8)
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
