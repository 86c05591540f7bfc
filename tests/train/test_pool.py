"""The pool: states live on their own output, know their place in the film for a while, and are then anchored anew."""

from dataclasses import replace

import pytest
import torch

from train.dataset import FilmWindows
from train.pool import PoolConfig, RolloutPool

ALL = PoolConfig(pool=6, drawn=6, truth=3, renew=0.0)


def advance(pool: RolloutPool, rng: torch.Generator, level: int | None = None) -> None:
    """One step of every state: a grey frame, or the true one."""
    draw = pool.draw(rng)
    if level is None:
        frames = pool.windows.windows(draw.targets)[:, -3:]
    else:
        frames = torch.full((len(draw.slots), 3, 24, 32), level, dtype=torch.uint8)
    pool.put_back(draw, frames)
    assert torch.equal(pool.contexts[draw.slots, -3:], frames)  # what was made is the newest context frame


def test_a_state_keeps_its_place_while_its_truth_lasts(hats_windows: FilmWindows) -> None:
    rng = torch.Generator().manual_seed(0)
    pool = RolloutPool(ALL, hats_windows, rng)
    for _ in range(2):
        before = pool.targets.clone()
        advance(pool, rng, 10)
        assert torch.equal(pool.targets, hats_windows.follow(before)[0])


def test_then_it_is_anchored_to_the_moment_most_like_it(hats_windows: FilmWindows) -> None:
    rng = torch.Generator().manual_seed(0)
    pool = RolloutPool(ALL, hats_windows, rng)
    for _ in range(3):
        assert (pool.targets >= 0).all()
        pool.targets[:] = hats_windows.targets[20]  # as if all were lost
        pool.contexts[:] = hats_windows.windows(torch.tensor([hats_windows.targets[40]]))[:, :-3]
        draw = pool.draw(rng)
        pool.put_back(draw, hats_windows.windows(torch.full((6,), hats_windows.targets[40]))[:, -3:])
    here = hats_windows.follow(torch.tensor([hats_windows.targets[40]]))[0]
    assert torch.equal(pool.targets, here.expand(6))


def test_a_state_that_does_as_the_film_is_never_lost(hats_windows: FilmWindows) -> None:
    rng = torch.Generator().manual_seed(0)
    pool = RolloutPool(replace(ALL, pool=1, drawn=1, truth=5), hats_windows, rng)
    since_cut = 9
    for _ in range(2 * len(hats_windows.targets)):  # around the film, over every cut
        since_cut = 0 if hats_windows.follow(pool.targets)[1] else since_cut + 1
        advance(pool, rng)
        if since_cut > 1:  # over a cut a context is still partly of the shot before
            expected = hats_windows.windows(pool.targets)[:, :-3].float()
            assert (pool.contexts - expected).abs().mean() < 2


@pytest.mark.parametrize("after", ["orphan", "renew"])
def test_without_anchors_the_truth_ends(hats_windows: FilmWindows, after: str) -> None:
    rng = torch.Generator().manual_seed(0)
    pool = RolloutPool(replace(ALL, after=after), hats_windows, rng)  # type: ignore[arg-type]
    for _ in range(3):
        advance(pool, rng, 10)
    orphans = pool.targets == -1
    assert orphans.all() if after == "orphan" else orphans.any()
    draw = pool.draw(rng)
    assert torch.equal(draw.targets >= 0, torch.full((6,), after == "renew"))


def test_no_truth_at_all(hats_windows: FilmWindows) -> None:
    pool = RolloutPool(PoolConfig(truth=0, after="orphan"), hats_windows, torch.Generator().manual_seed(1))
    assert (pool.targets == -1).all()


def test_a_fresh_state_is_a_film_window(hats_windows: FilmWindows) -> None:
    pool = RolloutPool(PoolConfig(pool=5), hats_windows, torch.Generator().manual_seed(1))
    assert torch.equal(pool.contexts, hats_windows.windows(pool.targets)[:, :-3])


def test_states_are_renewed_as_often_as_asked(hats_windows: FilmWindows) -> None:
    rng = torch.Generator().manual_seed(2)
    pool = RolloutPool(PoolConfig(pool=50, drawn=50, renew=0.2), hats_windows, rng)
    renewed = 0
    for _ in range(40):
        pool.since += 1
        draw = pool.draw(rng)
        fresh = pool.since == 0
        renewed += int(fresh.sum())
        assert torch.equal(draw.contexts, pool.contexts[draw.slots])
    assert 300 < renewed < 500  # 2,000 draws at 0.2


def test_no_state_is_drawn_twice_at_once(hats_windows: FilmWindows) -> None:
    rng = torch.Generator().manual_seed(3)
    pool = RolloutPool(PoolConfig(pool=8), hats_windows, rng)
    assert len(set(pool.draw(rng).slots.tolist())) == 8


def test_a_pool_resumes_where_it_was(hats_windows: FilmWindows) -> None:
    rng = torch.Generator().manual_seed(4)
    pool, other = (RolloutPool(PoolConfig(pool=4), hats_windows, rng) for _ in range(2))
    other.load_state_dict(pool.state_dict())
    assert torch.equal(pool.contexts, other.contexts)
    assert torch.equal(pool.targets, other.targets)
