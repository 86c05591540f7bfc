"""Imagined cameras: they film the film, from elsewhere, and not only the film."""

from dataclasses import replace

import torch

from train.data.film_windows import FilmWindows
from train.data.simulated_cameras import ROOMS, Cameras
from train.images.pixels import from_bytes
from train.models.camera_guide import camera_guide
from train.training.batch import next_batch
from train.training.recipes import RECIPES
from train.training.rollout_pool import RolloutPool

RECIPE = RECIPES["camera"]
WHOLE = torch.tensor([0.0, 0.0, 1.0, 0.0])


def set_up(windows: FilmWindows, count: int = 400, share: float = 0.5) -> Cameras:
    rng = torch.Generator().manual_seed(0)
    return Cameras.set_up(windows.draw(count, rng, circle=True), share, rng)


def test_some_states_have_none_and_some_are_followed_in_part(hats_windows: FilmWindows) -> None:
    cameras = set_up(hats_windows)
    assert 0.4 < (cameras.mixes == 0).float().mean() < 0.6
    assert 0.2 < (cameras.mixes == 1).float().mean() < 0.4
    assert (cameras.views[cameras.mixes < 1] == WHOLE).all()  # what goes on by itself sees the film as it is
    left, top, size, mirrored = cameras.views[cameras.mixes == 1].T
    assert 0.3 < mirrored.mean() < 0.7
    assert 0.3 < (size < 1).float().mean() < 0.7
    assert torch.stack([left, top]).min() >= 0
    assert torch.stack([left + size, top + size]).max() <= 1 + 1e-6
    assert not (set_up(hats_windows, share=0.0).mixes > 0).any()


def test_what_it_sees_is_what_is_before_it(hats_windows: FilmWindows) -> None:
    cameras = set_up(hats_windows, share=1.0)
    cameras.strange[:] = False
    guides = cameras.guides(hats_windows, torch.Generator().manual_seed(1)).flatten(1)
    seen = camera_guide(from_bytes(hats_windows.small(cameras.moments, cameras.views)), hats_windows.cells).flatten(1)
    other = seen.roll(7, 0)
    follows, by_chance = (torch.cosine_similarity(guides, each).mean() for each in (seen, other))
    assert follows > 0.7
    assert follows > by_chance + 0.2
    assert guides.abs().max() <= 1


def test_a_strange_shape_moves(hats_windows: FilmWindows) -> None:
    cameras = set_up(hats_windows, count=60, share=1.0)
    cameras.strange[:] = True
    later = cameras
    for _ in range(8):
        later = later.advanced(hats_windows)
    assert (later.ages == 8).all()
    standing = replace(later, moments=cameras.moments)
    rng = torch.Generator()
    first, moved = (each.guides(hats_windows, rng.manual_seed(2)).flatten(1) for each in (cameras, standing))
    assert (first - moved).abs().mean(1).gt(0.02).float().mean() > 0.8


def test_a_room_is_none_of_the_films_pictures_and_stands_still(hats_windows: FilmWindows) -> None:
    cameras = set_up(hats_windows, share=1.0)
    cameras.strange[:] = True
    cameras.chances[:, 8:10] = 0.0  # as small a shape as may be
    rng = torch.Generator()
    rooms = cameras.chances[:, 0] < ROOMS
    assert 0.4 < rooms.float().mean() < 0.6
    elsewhere = replace(cameras, moments=cameras.moments.roll(7))
    one, other = (each.guides(hats_windows, rng.manual_seed(2)).flatten(1) for each in (cameras, elsewhere))
    assert torch.equal(one[rooms], other[rooms]), "whatever the film shows"
    assert not torch.equal(one[~rooms], other[~rooms])
    apart = torch.cosine_similarity(one[rooms], one[rooms].roll(1, 0)).abs().mean()
    assert apart < 0.5, "each is another"


def test_no_camera_says_nothing(hats_windows: FilmWindows) -> None:
    cameras = set_up(hats_windows)
    guides = cameras.guides(hats_windows, torch.Generator())
    assert (guides[cameras.mixes == 0] == 0).all()
    assert guides[cameras.mixes > 0].flatten(1).any(1).all()


def test_a_mirrored_view_is_a_mirror_image(hats_windows: FilmWindows) -> None:
    moments = hats_windows.draw(3, torch.Generator(), circle=True)
    whole = hats_windows.small(moments)
    assert torch.equal(hats_windows.small(moments, WHOLE.expand(3, 4)), whole)
    assert torch.equal(hats_windows.small(moments, torch.tensor([0.0, 0, 1, 1]).expand(3, 4)), whole.flip(3))
    contexts = hats_windows.contexts(moments, torch.tensor([0.0, 0, 1, 1]).expand(3, 4))
    assert torch.equal(contexts, hats_windows.contexts(moments).flip(3))
    part = hats_windows.small(moments, torch.tensor([0.5, 0.5, 0.5, 0]).expand(3, 4))
    assert (part.float() - whole.float()).abs().mean() > 1


# ----------------------------------------------------------------------------
# What they are for.


def test_a_window_before_a_camera_is_followed_by_what_that_sees(hats_windows: FilmWindows) -> None:
    rng = torch.Generator().manual_seed(0)
    pool = RolloutPool(RECIPE.pool, hats_windows, rng, camera=RECIPE.cameras)
    moments = hats_windows.draw(24, rng, circle=True)
    lesson = next_batch(moments, hats_windows, pool, replace(RECIPE, turns=0.3), rng)
    assert lesson.camera is not None
    assert lesson.mixes is not None
    assert lesson.led is not None
    played = lesson.mixes[:24] > 0
    assert 0 < played.sum() < 24
    seen = camera_guide(from_bytes(lesson.truths[:24][played]), hats_windows.cells)
    given = lesson.camera[:24][played]
    assert torch.cosine_similarity(seen.flatten(1), given.flatten(1)).mean() > 0.6
    assert torch.equal(lesson.film[:24][played][:, -3:], lesson.truths[:24][played])
    assert torch.equal(lesson.film[:24][played][:, :-3], lesson.contexts[:24][played])
    assert torch.equal(lesson.targets[:24][played], hats_windows.onward(moments[played]))
    assert not lesson.led[:24].any()
    assert torch.equal(lesson.led[24:], lesson.mixes[24:] > 0)


def test_cameras_go_on_and_are_kept(hats_windows: FilmWindows) -> None:
    rng = torch.Generator().manual_seed(4)
    pool, other = (RolloutPool(RECIPE.pool, hats_windows, rng, camera=0.5) for _ in range(2))
    assert pool.cameras is not None
    draw = pool.draw(rng)
    assert draw.cameras is not None
    before = draw.cameras.moments.clone()
    pool.put_back(draw, hats_windows.small(draw.moments), hats_windows.onward(draw.moments))
    assert torch.equal(pool.cameras.moments[draw.slots], hats_windows.onward(before))
    other.load_state_dict(pool.state_dict())
    assert other.cameras is not None
    assert torch.equal(other.cameras.chances, pool.cameras.chances)
    assert torch.equal(other.cameras.ages, pool.cameras.ages)
