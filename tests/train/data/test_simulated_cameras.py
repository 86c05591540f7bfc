"""Simulated cameras: they see the film, and more than the film."""

from dataclasses import replace

import torch
from train.data.simulated_cameras import ROOM_SHARE, SimulatedCameras
from train.models.camera_guide import camera_guide

from train.data.film_course import FilmCourse
from train.images.pixels import from_bytes


def set_up(course: FilmCourse, count: int = 400, share: float = 0.5) -> SimulatedCameras:
    rng = torch.Generator().manual_seed(0)
    return SimulatedCameras.set_up(course.windows.draw(count, rng), share, rng)


def test_some_states_have_no_camera_and_some_follow_it_in_part(hats_course: FilmCourse) -> None:
    cameras = set_up(hats_course)
    assert 0.4 < (cameras.mixes == 0).float().mean() < 0.6
    assert 0.2 < (cameras.mixes == 1).float().mean() < 0.4
    assert not (set_up(hats_course, share=0.0).mixes > 0).any()


def test_a_guide_shows_the_frame_in_front_of_the_camera(hats_course: FilmCourse) -> None:
    cameras = set_up(hats_course, share=1.0)
    cameras.foreign[:] = False
    guides = cameras.guides(hats_course, torch.Generator().manual_seed(1)).flatten(1)
    frames = hats_course.windows.small(cameras.film_indices)
    seen = camera_guide(from_bytes(frames), hats_course.cells).flatten(1)
    follows, by_chance = (torch.cosine_similarity(guides, each).mean() for each in (seen, seen.roll(7, 0)))
    assert follows > 0.7
    assert follows > by_chance + 0.2
    assert guides.abs().max() <= 1


def test_a_foreign_shape_moves(hats_course: FilmCourse) -> None:
    cameras = set_up(hats_course, count=60, share=1.0)
    cameras.foreign[:] = True
    later = cameras
    for _ in range(8):
        later = later.advanced(hats_course)
    assert (later.ages == 8).all()
    on_same_frames = replace(later, film_indices=cameras.film_indices)
    rng = torch.Generator()
    first, moved = (each.guides(hats_course, rng.manual_seed(2)).flatten(1) for each in (cameras, on_same_frames))
    assert (first - moved).abs().mean(1).gt(0.02).float().mean() > 0.8


def test_a_room_does_not_depend_on_the_film_and_stands_still(hats_course: FilmCourse) -> None:
    cameras = set_up(hats_course, share=1.0)
    cameras.foreign[:] = True
    cameras.traits[:, 8:10] = 0.0  # the smallest foreign shape
    rng = torch.Generator()
    in_room = cameras.traits[:, 0] < ROOM_SHARE
    assert 0.4 < in_room.float().mean() < 0.6
    elsewhere = replace(cameras, film_indices=cameras.film_indices.roll(7))
    one, other = (each.guides(hats_course, rng.manual_seed(2)).flatten(1) for each in (cameras, elsewhere))
    assert torch.equal(one[in_room], other[in_room])
    assert not torch.equal(one[~in_room], other[~in_room])
    similarity = torch.cosine_similarity(one[in_room], one[in_room].roll(1, 0)).abs().mean()
    assert similarity < 0.5, "every room is another"


def test_without_a_camera_the_guide_is_zero(hats_course: FilmCourse) -> None:
    cameras = set_up(hats_course)
    guides = cameras.guides(hats_course, torch.Generator())
    assert (guides[cameras.mixes == 0] == 0).all()
    assert guides[cameras.mixes > 0].flatten(1).any(1).all()


def test_cameras_follow_the_course(hats_course: FilmCourse) -> None:
    cameras = set_up(hats_course, count=20)
    later = cameras.advanced(hats_course)
    assert torch.equal(later.film_indices, hats_course.onward(cameras.film_indices))
    assert torch.equal(later.traits, cameras.traits)
    both = cameras.beside(later)
    assert torch.equal(both[torch.arange(20, 40)].film_indices, later.film_indices)
