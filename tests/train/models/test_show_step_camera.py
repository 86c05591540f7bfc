"""A step of the show in front of a camera: what moves drags the picture, and time stands elsewhere."""

from __future__ import annotations

import math
from collections.abc import Iterable

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from tests.train.models.show_steps import FAR, NEAR, TOO_LONG, Watched, noise, step, window
from train.data.film_course import FilmCourse
from train.images.pixels import from_bytes
from train.models.camera_motion import PLANES, Movement, drag
from train.models.generator import Generator, ResidualU
from train.models.show_step import (
    AWAY,
    ShowStep,
    advance,
    random_number,
)

UPRIGHT = torch.zeros(1)
PITCH = 2  # pixels of a place in which movement is found
SIDE, TOP, LEFT = 8, 4, 3  # of a square in front of the camera, in places
SPEED = 2  # places that it moves right in a step


def _random_picture(seed: int, height: int, width: int, levels: tuple[int, int]) -> Tensor:
    """Return a camera picture, uint8 RGB, that is another in each place."""
    rng = torch.Generator().manual_seed(seed)
    grey = torch.randint(*levels, (height, width, 1), generator=rng, dtype=torch.uint8).expand(-1, -1, 3)
    return grey.repeat_interleave(PITCH, 0).repeat_interleave(PITCH, 1)


ROOM = _random_picture(1, 24, 32, (80, 160))
TEXTURE = _random_picture(2, SIDE, SIDE, (0, 256))


class PaintsTheGuide(ResidualU):
    """Network that paints the guide: what is seen of it is where it is."""

    def __init__(self, gate: float = 20.0) -> None:
        super().__init__(10, (16, 32), (0, 0), painted=4)
        self.gate = gate

    def forward(self, planes: Tensor) -> Tensor:
        painted = planes[:, -3:].clamp(-0.999, 0.999).atanh()
        return torch.cat([painted, torch.full_like(painted[:, :1], self.gate)], 1)


@pytest.fixture
def painter(generator: Generator) -> ShowStep:
    generator.recurrence.paint = PaintsTheGuide()
    return ShowStep(generator)


def square(moved: int) -> Tensor:
    """Return the camera picture of a square that moved for this many steps."""
    picture, left = ROOM.clone(), PITCH * (LEFT + SPEED * moved)
    picture[PITCH * TOP : PITCH * (TOP + SIDE), left : left + PITCH * SIDE] = TEXTURE
    return picture


def seen(show: ShowStep, cameras: Iterable[Tensor]) -> Tensor:
    """Return the state of the movement after these camera pictures."""
    movement = torch.zeros(1, PLANES, *show.motion.places)
    for camera in cameras:
        _, movement = show.motion(from_bytes(camera.permute(2, 0, 1)[None]), movement)
    return movement


# Pixels in which a square that has moved for two steps is, and those that are away from it in all of them.
WHERE_IT_IS = (
    slice(PITCH * (TOP + 1), PITCH * (TOP + SIDE - 1)),
    slice(PITCH * (LEFT + 2 * SPEED + 1), PITCH * (LEFT + 2 * SPEED + SIDE - 1)),
)
AWAY_FROM_IT = torch.ones(48, 64, dtype=torch.bool)
AWAY_FROM_IT[: PITCH * (TOP + SIDE + 8), : PITCH * (LEFT + SIDE + 2 * SPEED + 8)] = False


def in_places(pixels: tuple[slice, slice]) -> tuple[slice, slice]:
    """Return rows and columns of pixels as those of places, which are also the pixels of the small frame."""
    rows, columns = (slice(side.start // PITCH, side.stop // PITCH) for side in pixels)
    return rows, columns


@torch.no_grad()
@pytest.mark.parametrize("place", [NEAR, FAR, -1])
def test_at_mix_0_neither_a_camera_nor_its_past_changes_a_bit(
    generator: Generator, hats_course: FilmCourse, place: int
) -> None:
    torch.nn.init.normal_(generator.recurrence.paint.head.weight)
    show, rng = ShowStep(generator), torch.Generator().manual_seed(3)
    _, context = window(hats_course, place)
    for visits, temperature in ((torch.zeros(1, 5), 1.0), (TOO_LONG, 2.0)):
        arguments = context, visits, noise(1) + 0.05, torch.full((1,), temperature)
        alone = step(show, *arguments)
        for movement, camera in (
            (3 * torch.randn(1, PLANES, 24, 32, generator=rng), square(0)),
            (seen(show, map(square, (0, 1))), square(2)),
            (seen(show, map(square, (0, 1, 2))), square(2)),
        ):
            watched = step(show, *arguments, movement=movement, camera=camera)
            assert all(map(torch.equal, alone[:3], watched[:3]))
            assert not torch.equal(alone[3], watched[3])
        assert not torch.equal(step(show, *arguments, movement=movement, camera=camera, mix=1.0)[0], alone[0])


@torch.no_grad()
@pytest.mark.parametrize("paints_the_guide", [True, False])
def test_what_moves_changes_the_picture_there_and_the_rest_stands_still(
    generator: Generator, hats_course: FilmCourse, paints_the_guide: bool
) -> None:
    if paints_the_guide:
        generator.recurrence.paint = PaintsTheGuide()
    show = ShowStep(generator)
    film_index, context = window(hats_course, NEAR)
    shown = hats_course.windows.pictures(film_index)[0].permute(1, 2, 0)
    movement, visits = seen(show, map(square, (0, 1))), torch.zeros(1, 5)
    alone, moved = (
        step(show, context, visits, noise(1), torch.zeros(1), movement=movement, camera=square(2), mix=mix)[0]
        for mix in (0.0, 1.0)
    )
    assert torch.equal(moved[AWAY_FROM_IT], shown[AWAY_FROM_IT])
    assert not torch.equal(alone[AWAY_FROM_IT], shown[AWAY_FROM_IT]), "the film goes on"
    assert (moved[WHERE_IT_IS].float() - shown[WHERE_IT_IS]).abs().mean() > 10
    assert (moved[WHERE_IT_IS].float() - alone[WHERE_IT_IS]).abs().mean() > 4


@torch.no_grad()
def test_the_rest_stands_for_as_long_as_something_moves(painter: ShowStep, hats_course: FilmCourse) -> None:
    film_index, context = window(hats_course, NEAR)
    shown = hats_course.windows.pictures(film_index)[0].permute(1, 2, 0)
    state = painter.begin(context) | {"movement": seen(painter, [square(1)])}
    inputs = {"temperature": torch.full((1,), 2.0), "camera_mix": torch.ones(1)}
    for number in range(12):
        camera = square((0, 1)[number % 2])
        frame, state = advance(painter, inputs | state | {"camera": camera, "noise": noise(number)})
        assert torch.equal(frame[AWAY_FROM_IT], shown[AWAY_FROM_IT])


@torch.no_grad()
def test_half_the_mix_has_an_effect_between_none_and_the_whole(painter: ShowStep, hats_course: FilmCourse) -> None:
    _, context = window(hats_course, NEAR)
    movement, reduce = seen(painter, map(square, (0, 1))), painter.generator.reduce
    arguments = context, torch.zeros(1, 5), noise(1), torch.zeros(1)
    none, half, whole = (
        reduce(step(painter, *arguments, movement=movement, camera=square(2), mix=mix)[1])[0, 3:]
        for mix in (0.0, 0.5, 1.0)
    )
    shown = reduce(context)[0, 3:]
    there, away = in_places(WHERE_IT_IS), AWAY_FROM_IT[::PITCH, ::PITCH]
    effects = [float((small - none)[:, *there].abs().mean()) for small in (none, half, whole)]
    assert 0 == effects[0] < 0.2 * effects[2] < effects[1] < 0.8 * effects[2]
    assert (none - shown)[:, away].abs().mean() > 0.1
    assert (torch.lerp(shown, none, 0.25) - half)[:, away].abs().max() < 0.02
    assert (shown - whole)[:, away].abs().max() < 1e-5


@torch.no_grad()
@pytest.mark.parametrize(("mix", "places"), [(1.0, SPEED), (0.5, SPEED // 2)])
def test_what_moves_drags_the_state_along(show: ShowStep, hats_course: FilmCourse, mix: float, places: int) -> None:
    contexts: list[Tensor] = []
    show.generator.recurrence.register_forward_pre_hook(lambda module, inputs: contexts.append(inputs[0]))
    _, context = window(hats_course, NEAR)
    movement, calm = seen(show, map(square, (0, 1))), torch.zeros(1)
    step(show, context, torch.zeros(1, 5), noise(1), calm, movement=movement, camera=square(2), mix=mix)
    small = show.generator.reduce(context)
    rows, columns = in_places(WHERE_IT_IS)
    dragged, stood = contexts[0][..., rows, columns], small[..., rows, columns]
    expected = small.roll(places, 3)[..., rows, columns]
    assert (dragged - expected).abs().mean() < 0.1 * (dragged - stood).abs().mean()
    away = AWAY_FROM_IT[::PITCH, ::PITCH]
    assert torch.equal(contexts[0][..., away], small[..., away])


@torch.no_grad()
def test_what_is_dragged_is_shown_though_nothing_is_painted(painter: ShowStep, hats_course: FilmCourse) -> None:
    painter.generator.recurrence.paint = PaintsTheGuide(gate=-30.0)
    _, context = window(hats_course, NEAR)
    movement, calm = seen(painter, map(square, (0, 1))), torch.zeros(1)
    outputs = step(painter, context, torch.zeros(1, 5), noise(1), calm, movement=movement, camera=square(2), mix=1.0)
    before, after = (painter.generator.reduce(each)[:, 3:] for each in (context, outputs[1]))
    there = in_places(WHERE_IT_IS)
    expected, stood = before.roll(SPEED, 3)[..., *there], before[..., *there]
    assert (after[..., *there] - expected).abs().mean() < 0.1 * (expected - stood).abs().mean()


@torch.no_grad()
def test_where_something_moves_time_runs(painter: ShowStep, hats_course: FilmCourse) -> None:
    """The guide is painted there at once."""
    guides: list[Tensor] = []
    painter.generator.recurrence.register_forward_pre_hook(lambda module, inputs: guides.append(inputs[3]))
    _, context = window(hats_course, NEAR)
    movement, calm = seen(painter, map(square, (0, 1))), torch.zeros(1)
    outputs = step(painter, context, torch.zeros(1, 5), noise(1), calm, movement=movement, camera=square(2), mix=1.0)
    painted = painter.generator.reduce(outputs[1])[:, 3:]
    wanted = F.interpolate(guides[0], scale_factor=2.0, mode="bilinear")
    there = in_places(WHERE_IT_IS)
    assert (painted - wanted)[..., *there].abs().max() < 0.03


@torch.no_grad()
def test_while_something_moved_of_late_nothing_turns_at_random(show: ShowStep, hats_course: FilmCourse) -> None:
    watched, visits, turning = Watched(show, hats_course), torch.zeros(1, 5), noise(1) + 0.05
    assert 2 < random_number(turning) < 4
    film_index, context = window(hats_course, NEAR)
    movement = seen(show, [ROOM])
    movement[:, 4] = 1.0  # it is lively
    for mix, follows in ((0.0, hats_course.turned(film_index)), (1.0, hats_course.onward(film_index))):
        assert watched.follows(context, visits, turning, movement=movement, camera=ROOM, mix=mix) == follows
    movement[:, 4] = 0.0
    still = watched.follows(context, visits, turning, movement=movement, camera=ROOM, mix=1.0)
    assert still == hats_course.turned(film_index)


@torch.no_grad()
def test_the_film_goes_on_where_it_was_whatever_is_dreamt_where_something_moves(
    show: ShowStep, hats_course: FilmCourse
) -> None:
    """The network is guided to the same frame, though most of the picture shows another shot."""
    guides: list[Tensor] = []
    show.generator.recurrence.register_forward_pre_hook(lambda module, inputs: guides.append(inputs[3]))
    (_, context), (_, other) = window(hats_course, NEAR), window(hats_course, 5)
    other[..., PITCH * 20 :] = context[..., PITCH * 20 :]
    cameras = [torch.cat([_random_picture(seed, 24, 20, (0, 256)), ROOM[:, PITCH * 20 :]], 1) for seed in range(2)]
    movement, arguments = seen(show, cameras[:1]), (torch.zeros(1, 5), noise(1), torch.zeros(1))
    for state, mix in ((context, 0.0), (context, 1.0), (other, 1.0), (other, 0.0)):
        step(show, state, *arguments, movement=movement, camera=cameras[1], mix=mix)
    film, alone, overwritten, without = (guide[..., 14:] for guide in guides)  # away from what moves
    assert torch.equal(film, alone)
    assert torch.equal(film, overwritten)
    assert not torch.equal(film, without)


@torch.no_grad()
@pytest.mark.parametrize("seconds", [0.0, 1.0])
def test_a_picture_that_moves_as_a_whole_goes_on_where_it_was(
    show: ShowStep, hats_course: FilmCourse, seconds: float
) -> None:
    """As when the camera is knocked: no other moment is seen, and the film does not begin again."""
    guides: list[Tensor] = []
    show.generator.recurrence.register_forward_pre_hook(lambda module, inputs: guides.append(inputs[3]))
    film_index, context = window(hats_course, NEAR)
    steps = round(12 * seconds)
    cameras = [ROOM.roll(PITCH * number, 1) for number in range(2 + steps)]
    movement = seen(show, cameras[:-1])
    arguments = context, torch.zeros(1, 5), noise(1), torch.zeros(1)
    _, _, visits, after = step(show, *arguments, movement=movement, camera=cameras[-1], mix=1.0)
    assert after[:, 1].min() > 0.9
    pictures = show.generator.memory.guide(torch.arange(len(hats_course.remembered)))
    far = (drag(pictures, after[:, 2:4].expand(len(pictures), -1, -1, -1)) - guides[0]).abs().amax((1, 2, 3))
    assert far.min() < 1e-5
    assert abs(hats_course.remembered[far.argmin()] - hats_course.onward(film_index)) <= 2
    assert torch.equal(visits, step(show, *arguments)[2])


def found(moving: Tensor, *, moments: float = 0.0, right: float = 0.0) -> Movement:
    """Return a movement, [1, 1, 24, 32] float 0…1, by which all was dragged right."""
    dragged = torch.cat([torch.full_like(moving, right), torch.zeros_like(moving)], 1)
    one = torch.ones(1)
    return Movement(torch.zeros_like(dragged), dragged, moving, moving, one, moments * one)


def test_where_something_moves_another_moment_of_the_film_goes_on(show: ShowStep) -> None:
    memory, mix = show.generator.memory, torch.ones(1)
    count = len(memory.luma)
    moving = torch.zeros(1, 1, 24, 32)
    moving[..., :8, :8] = 1.0
    for place in (0, 7, count - 1):
        for moments in (0.0, 1.0, 1.9, 50.0, 1e5):
            there = int(place + AWAY * count + moments) % count
            here, elsewhere = (memory.guide(torch.tensor([each])) for each in (place, there))
            guide = show._guide(torch.tensor([place]), found(moving, moments=moments), mix, UPRIGHT)
            assert torch.equal(guide[..., :3, :3], elsewhere[..., :3, :3])
            assert torch.equal(guide[..., 5:, :], here[..., 5:, :])
            assert torch.equal(guide[..., 5:], here[..., 5:])
            half = show._guide(torch.tensor([place]), found(moving, moments=moments), 0.5 * mix, UPRIGHT)
            torch.testing.assert_close(half, (guide + here) / 2)


def test_the_guide_is_dragged_along(show: ShowStep) -> None:
    here = show.generator.memory.guide(torch.tensor([9]))
    still = torch.zeros(1, 1, 24, 32)
    for mix, places in ((1.0, 2), (0.5, 1)):
        guide = show._guide(torch.tensor([9]), found(still, right=4.0), torch.full((1,), mix), UPRIGHT)
        torch.testing.assert_close(guide[..., 2:], here.roll(places, 3)[..., 2:], rtol=0, atol=1e-4)


@pytest.mark.parametrize(("columns", "share"), [(4, 1.0), (8, 1.0), (12, 0.5), (16, 0.0), (24, 0.0), (32, 0.0)])
def test_no_other_moment_is_seen_where_much_of_the_picture_moves(show: ShowStep, columns: int, share: float) -> None:
    moving = torch.zeros(1, 1, 24, 32)
    moving[..., :columns] = 1.0
    memory, place = show.generator.memory, 5
    here = memory.guide(torch.tensor([place]))
    elsewhere = memory.guide(torch.tensor([place + len(memory.luma) // 2]))
    guide = show._guide(torch.tensor([place]), found(moving), torch.ones(1), UPRIGHT)
    torch.testing.assert_close(guide[..., 0], torch.lerp(here, elsewhere, share)[..., 0])


@torch.no_grad()
def test_a_step_is_as_without_a_camera_again_when_nothing_moves_any_more(
    painter: ShowStep, hats_course: FilmCourse
) -> None:
    """After a second as far as the state says, and after twenty to the bit."""
    _, context = window(hats_course, NEAR)
    reduce, there, away = painter.generator.reduce, in_places(WHERE_IT_IS), AWAY_FROM_IT[::PITCH, ::PITCH]
    arguments = context, torch.zeros(1, 5), noise(1), torch.zeros(1)
    (alone, *_), shown = step(painter, *arguments)[1:], reduce(context)[0, 3:]

    def after(still_steps: int) -> tuple[Tensor, ...]:
        """Return frame, context and visits of a step with a camera, so long after the last movement."""
        movement = seen(painter, [square(0), square(1), *[square(2)] * still_steps])
        return step(painter, *arguments, movement=movement, camera=square(2), mix=1.0)[:3]

    effects = []
    for still_steps in (0, 12):
        small, lively = reduce(after(still_steps)[1])[0, 3:], math.exp(-still_steps / 12)
        difference = small - torch.lerp(reduce(alone)[0, 3:], shown, lively)
        assert difference[:, away].abs().max() < 0.02
        effects.append(float(difference[:, *there].abs().mean()))
    assert effects[1] < 0.3 * effects[0]
    assert all(map(torch.equal, after(240), step(painter, *arguments)))
