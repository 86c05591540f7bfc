"""Movement in front of a camera: it is found where it is, and light and furniture are none."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from train.images.pixels import from_bytes
from train.models.camera_motion import (
    DRAGGED_SECONDS,
    LIVELY_SECONDS,
    MOST_MOMENTS,
    MOVING_SECONDS,
    PLANES,
    REACH,
    CameraMotion,
    Movement,
    drag,
)

ROWS, COLUMNS = PLACES = (24, 32)
PITCH = 4  # pixels of a place
SIDE = 8  # of a square, in places
TOP, LEFT = 10, 11  # where it stands at first
STEP = 1 / 12


@pytest.fixture
def motion() -> CameraMotion:
    return CameraMotion(PLACES, STEP)


def random(seed: int, *shape: int) -> Tensor:
    """Return random numbers 0…1."""
    return torch.rand(*shape, generator=torch.Generator().manual_seed(seed))


def enlarged(places: Tensor) -> Tensor:
    """Return a picture of places [3, r, c] 0…1, each a square of pixels: float −1…1 [1, 3, H, W]."""
    return (2 * places - 1).repeat_interleave(PITCH, 1).repeat_interleave(PITCH, 2)[None]


TEXTURED = random(1, 1, SIDE, SIDE).expand(3, -1, -1)
WALL = torch.full((3, ROWS, COLUMNS), 0.4)
PATTERN = 0.3 + 0.4 * random(2, 3, ROWS, COLUMNS)
ROOM = enlarged(0.15 + 0.4 * random(3, 3, 6, 8).repeat_interleave(4, 1).repeat_interleave(4, 2) + 0.5 * (PATTERN - 0.3))


def square_at(top: int, left: int, room: Tensor) -> Tensor:
    """Return the picture of a textured square in a room."""
    places = room.clone()
    places[:, top : top + SIDE, left : left + SIDE] = TEXTURED
    return enlarged(places)


def watch(motion: CameraMotion, pictures: Iterable[Tensor]) -> tuple[Movement, Tensor]:
    """Return the movement at the last of successive pictures, and the state after it."""
    movement, state = None, torch.zeros(1, PLANES, *motion.places)
    for picture in pictures:
        movement, state = motion(picture, state)
    assert movement is not None
    return movement, state


def assert_nothing_moves(movement: Movement) -> None:
    for value in movement:
        assert not value.any()


# ----------------------------------------------------------------------------
# What moves.


@pytest.mark.parametrize("room", [WALL, PATTERN], ids=["wall", "pattern"])
@pytest.mark.parametrize(
    ("right", "down"), [(1, 0), (2, 0), (REACH, 0), (-3, 0), (0, 2), (0, -REACH), (2, -3), (-1, 1)]
)
def test_a_square_that_moves_is_found_with_its_displacement_there_and_nowhere_else(
    motion: CameraMotion, room: Tensor, right: int, down: int
) -> None:
    here, there = square_at(TOP, LEFT, room), square_at(TOP + down, LEFT + right, room)
    movement, state = watch(motion, [here, there])
    inside = (..., slice(TOP + down + 1, TOP + down + SIDE - 1), slice(LEFT + right + 1, LEFT + right + SIDE - 1))
    for plane, expected in zip(movement.flow[0], (right, down), strict=True):
        assert (plane[inside] - expected).abs().mean() < 0.1
    assert movement.now[inside].min() > 0.9
    assert torch.equal(movement.moving, movement.now)
    assert movement.lively == movement.moments == 1
    assert torch.equal(movement.dragged, movement.flow)

    elsewhere = torch.ones(PLACES, dtype=torch.bool)
    for top, left in ((TOP, LEFT), (TOP + down, LEFT + right)):
        elsewhere[top - 5 : top + SIDE + 5, left - 5 : left + SIDE + 5] = False
    assert elsewhere.sum() > 100
    assert not movement.flow[..., elsewhere].any()
    assert not movement.now[..., elsewhere].any()
    assert torch.equal(state[:, 1:2], movement.moving)
    assert torch.equal(state[:, 2:4], movement.dragged)


def test_a_finer_movement_than_a_place_is_found(motion: CameraMotion) -> None:
    soft = F.interpolate(random(4, 1, 3, 24, 32), (ROWS * PITCH, COLUMNS * PITCH), mode="bicubic") * 2 - 1
    movement, _ = watch(motion, [soft, soft.roll(3 * PITCH // 4, 3)])
    right, down = movement.flow[0, :, 4:-4, 4:-4]
    assert 0.5 < right.mean() < 1
    assert abs(down.mean()) < 0.1


def test_a_picture_that_was_reduced_to_its_places_moves_the_same(motion: CameraMotion) -> None:
    pictures = [square_at(TOP, LEFT + 2 * step, ROOM[..., ::PITCH, ::PITCH][0]) + 0.1 for step in range(3)]
    whole, state = watch(motion, pictures)
    places, same_state = watch(motion, [F.avg_pool2d(picture, PITCH) for picture in pictures])
    assert whole.flow.abs().max() > 1.5
    for expected, found in zip((*whole, state), (*places, same_state), strict=True):
        torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-4)


def test_steps_in_which_something_moves_are_counted(motion: CameraMotion) -> None:
    pictures = [square_at(TOP, LEFT + step, WALL) for step in (0, 1, 2, 3, 3, 3, 2)]
    state, moments = torch.zeros(1, PLANES, *PLACES), []
    for picture in pictures:
        movement, state = motion(picture, state)
        moments.append(float(movement.moments))
    assert moments == [0, 1, 2, 3, 3, 3, 4]


def test_the_steps_are_counted_anew_before_a_float_can_no_longer_count_them(motion: CameraMotion) -> None:
    _, state = watch(motion, [square_at(TOP, LEFT, WALL)])
    state[:, -1] = MOST_MOMENTS - 1
    movement, _ = motion(square_at(TOP, LEFT + 1, WALL), state)
    assert movement.moments == 0


def test_a_small_thing_that_comes_is_lively_and_a_reflection_is_not(motion: CameraMotion) -> None:
    finger, reflection = PATTERN.clone(), PATTERN.clone()
    finger[:, 8:11, 8:11] = random(5, 1, 3, 3)
    reflection[:, 8, 8] += 0.1
    room = enlarged(PATTERN)
    assert watch(motion, [room, enlarged(finger)])[0].lively == 1
    assert_nothing_moves(watch(motion, [room, enlarged(reflection)])[0])


# ----------------------------------------------------------------------------
# What does not.


def test_what_stands_moves_nothing(motion: CameraMotion) -> None:
    assert_nothing_moves(watch(motion, [ROOM] * 5)[0])
    assert_nothing_moves(watch(motion, [square_at(TOP, LEFT, WALL)] * 5)[0])


BESIDE = torch.linspace(-1, 1, COLUMNS * PITCH)
LIGHTS: dict[str, Callable[[Tensor], Tensor]] = {
    "dimmed": lambda room: 0.75 * (room + 1) - 1,
    "brighter": lambda room: 1.3 * (room + 1) - 1,
    "offset": lambda room: room + 0.4,
    "darker": lambda room: room - 0.3,
    "from one side": lambda room: room + 0.2 * BESIDE,
    "shadow of one side": lambda room: (room + 1) * (0.92 + 0.08 * BESIDE) - 1,
    "warm": lambda room: (room + 1) * torch.tensor([1.15, 1.0, 0.8]).view(3, 1, 1) - 1,
}


@pytest.mark.parametrize("light", LIGHTS.values(), ids=LIGHTS)
def test_a_lamp_that_is_switched_moves_nothing(motion: CameraMotion, light: Callable[[Tensor], Tensor]) -> None:
    lit = light(ROOM).clamp(-1, 1)
    assert (lit - ROOM).abs().mean() > 0.03
    assert_nothing_moves(watch(motion, [ROOM, lit])[0])


def test_a_light_that_fades_in_a_second_moves_nothing(motion: CameraMotion) -> None:
    state = torch.zeros(1, PLANES, *PLACES)
    for step in range(13):
        lit = (ROOM + 1) * (1 - 0.8 * step / 12) * (1 + 0.2 * step / 12 * BESIDE) - 1
        movement, state = motion(lit, state)
        assert_nothing_moves(movement)


@pytest.mark.parametrize("room", [ROOM, enlarged(WALL), enlarged(torch.zeros_like(WALL))], ids=["room", "wall", "dark"])
def test_the_noise_of_a_webcam_moves_nothing(motion: CameraMotion, room: Tensor) -> None:
    """The noise is of 3 levels, in pictures of 256×192."""
    room = room.repeat_interleave(2, 2).repeat_interleave(2, 3)
    rng, state = torch.Generator().manual_seed(0), torch.zeros(1, PLANES, *PLACES)
    for _ in range(12):
        noisy = (127.5 * (room + 1) + 3 * torch.randn(room.shape, generator=rng)).round().clamp(0, 255)
        movement, state = motion(from_bytes(noisy.to(torch.uint8)), state)
        assert_nothing_moves(movement)


@pytest.mark.parametrize("level", [0, 3, 128, 255])
def test_neither_a_first_picture_nor_plain_ones_move_anything(motion: CameraMotion, level: int) -> None:
    plain = from_bytes(torch.full((1, 3, ROWS * PITCH, COLUMNS * PITCH), level, dtype=torch.uint8))
    assert_nothing_moves(watch(motion, [ROOM])[0])
    for pictures in ([plain, plain], [plain, ROOM], [ROOM, plain], [ROOM, plain, ROOM]):
        assert_nothing_moves(watch(motion, pictures)[0])


# ----------------------------------------------------------------------------
# What remains of it.


@pytest.mark.parametrize("rate", [6, 12, 24, 30])
def test_what_moved_fades_in_the_same_time_at_every_rate(rate: int) -> None:
    motion = CameraMotion(PLACES, 1 / rate)
    here, there = square_at(TOP, LEFT, WALL), square_at(TOP, LEFT + 2, WALL)
    moved, state = watch(motion, [here, there])
    for _ in range(rate // 2):
        movement, state = motion(there, state)
    assert not movement.now.any()
    assert not movement.flow.any()
    for faded, value, seconds in (
        (movement.moving, moved.moving, MOVING_SECONDS),
        (movement.dragged, moved.dragged, DRAGGED_SECONDS),
        (movement.lively, moved.lively, LIVELY_SECONDS),
    ):
        torch.testing.assert_close(faded, value * math.exp(-0.5 / seconds), rtol=1e-4, atol=1e-6)
    assert (MOVING_SECONDS, DRAGGED_SECONDS, LIVELY_SECONDS) == (0.25, 0.7, 1.0)
    assert movement.moments == 1


def test_what_goes_on_moving_does_not_fade_and_is_dragged_farther(motion: CameraMotion) -> None:
    first, _ = watch(motion, [square_at(TOP, 6 + step, PATTERN) for step in range(2)])
    third, _ = watch(motion, [square_at(TOP, 6 + step, PATTERN) for step in range(4)])
    inside = (..., slice(TOP + 2, TOP + SIDE - 2), slice(11, 13))  # the square is there in all steps
    assert third.moving[inside].min() > 0.9
    fades = math.exp(-STEP / DRAGGED_SECONDS)
    expected = 1 + fades + fades**2
    assert (first.dragged[inside][0, 0] - 1).abs().max() < 0.1
    assert (third.dragged[inside][0, 0] - expected).abs().max() < 0.1


def test_pictures_of_a_batch_are_watched_each_for_itself(motion: CameraMotion) -> None:
    pairs = [
        (square_at(TOP, LEFT, PATTERN), square_at(TOP + 1, LEFT + 3, PATTERN)),
        (ROOM, ROOM + 0.2),
        (torch.full_like(ROOM, -1.0), ROOM),
    ]
    for one, other in ((0, 1), (0, 2), (1, 0)):
        together = list(zip(pairs[one], pairs[other], strict=True))
        state = torch.zeros(2, PLANES, *PLACES)
        for pictures in together:
            movement, state = motion(torch.cat(pictures), state)
        singly = [watch(motion, pairs[which]) for which in (one, other)]
        for both, *single in zip(movement, *(each for each, _ in singly), strict=True):
            torch.testing.assert_close(both, torch.cat(single), rtol=1e-5, atol=1e-5)
        torch.testing.assert_close(state, torch.cat([each for _, each in singly]), rtol=1e-5, atol=1e-5)


# ----------------------------------------------------------------------------
# Dragging.


@pytest.mark.parametrize("enlargement", [1, 2, PITCH])
@pytest.mark.parametrize(("right", "down"), [(3, 0), (-2, 0), (0, 2), (1, -3)])
def test_a_picture_is_moved_right_and_down(enlargement: int, right: int, down: int) -> None:
    """By whole places, so that the right picture is known; it may have several pixels for each."""
    picture = 0.5 + 0.5 * random(6, 2, 5, ROWS * enlargement, COLUMNS * enlargement)
    displacement = torch.tensor([right, down]).float().view(1, 2, 1, 1).expand(2, 2, *PLACES)
    moved = drag(picture, displacement)
    expected = picture.roll((down * enlargement, right * enlargement), (2, 3))
    margin = 4 * enlargement
    inside = (..., slice(margin, -margin), slice(margin, -margin))
    torch.testing.assert_close(moved[inside], expected[inside], rtol=0, atol=1e-4)
    assert moved.min() >= 0.5, "beyond the edge, the picture goes on"


def test_a_picture_stays_to_the_bit_where_nothing_is_displaced() -> None:
    picture = random(7, 1, 6, ROWS, COLUMNS)
    displacement = torch.zeros(1, 2, *PLACES)
    assert torch.equal(drag(picture, displacement), picture)
    displacement[:, 0, 6:12, 6:12] = 2.0
    moved = drag(picture, displacement)
    displaced = displacement.any(1, keepdim=True).expand_as(picture)
    assert torch.equal(moved[~displaced], picture[~displaced])
    torch.testing.assert_close(moved[..., 6:12, 6:12], picture[..., 6:12, 4:10], rtol=0, atol=1e-4)
    larger = picture.repeat_interleave(3, 2).repeat_interleave(3, 3)
    moved = drag(larger, displacement)
    assert torch.equal(moved[..., :17, :], larger[..., :17, :])
    assert torch.equal(moved[..., 37:], larger[..., 37:])


def test_a_picture_of_each_batch_goes_its_own_way() -> None:
    pictures, displacements = random(8, 2, 3, ROWS, COLUMNS), 4 * random(9, 2, 2, *PLACES) - 2
    both = drag(pictures, displacements)
    for place in range(2):
        one = slice(place, place + 1)
        torch.testing.assert_close(drag(pictures[one], displacements[one]), both[one])


def test_a_faint_displacement_changes_a_picture_by_as_little() -> None:
    picture = F.interpolate(random(10, 1, 3, 6, 8), PLACES, mode="bilinear")
    displacement = torch.zeros(1, 2, *PLACES)
    last = torch.tensor(math.inf)
    for places in (1.0, 0.1, 0.01, 1e-4):
        displacement[:, 0] = places
        change = (drag(picture, displacement) - picture).abs().max()
        assert 0 < change < min(0.3 * places, float(last))
        last = change
