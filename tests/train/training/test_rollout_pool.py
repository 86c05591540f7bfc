"""The pool: states live on their own output, know their place in the film for a while, and are then given another."""

from dataclasses import replace

import pytest
import torch

from train.data.film_windows import FilmWindows
from train.training.rollout_pool import PoolConfig, RolloutPool

ALL = PoolConfig(pool=6, drawn=6, truth=3, after="anchor", renew=0.0)


def advance(pool: RolloutPool, rng: torch.Generator, level: int | None = None) -> torch.Tensor:
    """One step of every state, by a grey frame or by the true one; the targets."""
    draw = pool.draw(rng)
    windows = pool.windows
    onward = windows.onward if pool.config.after == "anchor" else windows.straight
    targets = torch.where(draw.moments < 0, -1, onward(draw.moments.clamp(min=0)))
    if level is None:
        frames = windows.small(targets)
    else:
        frames = torch.full((len(draw.slots), 3, 24, 32), level, dtype=torch.uint8)
    pool.put_back(draw, frames, targets)
    assert torch.equal(pool.contexts[draw.slots, -3:], frames)  # what was made is the newest context frame
    return targets


def test_a_state_keeps_its_place_while_its_truth_lasts(hats_windows: FilmWindows) -> None:
    rng = torch.Generator().manual_seed(0)
    pool = RolloutPool(ALL, hats_windows, rng)
    for _ in range(2):
        before = pool.moments.clone()
        advance(pool, rng, 10)
        assert torch.equal(pool.moments, hats_windows.onward(before))


@pytest.mark.parametrize("truth", [1, 3])
def test_then_its_place_is_that_of_the_moment_most_like_it(hats_windows: FilmWindows, truth: int) -> None:
    rng = torch.Generator().manual_seed(0)
    pool = RolloutPool(replace(ALL, truth=truth), hats_windows, rng)
    here, there = torch.tensor([hats_windows.moments[40]]), torch.tensor([hats_windows.moments[20]])
    before, newest = hats_windows.contexts(here).split(3, 1)
    for _ in range(truth):
        draw = pool.draw(rng)
        pool.put_back(replace(draw, contexts=torch.cat([before, before], 1).expand(6, -1, -1, -1)),
                      newest.expand(6, -1, -1, -1), there.expand(6))  # fmt: skip
    assert torch.equal(pool.moments, here.expand(6))


def test_a_state_that_does_as_the_film_goes_around_it(hats_windows: FilmWindows) -> None:
    rng = torch.Generator().manual_seed(0)
    pool = RolloutPool(replace(ALL, pool=1, drawn=1, truth=1), hats_windows, rng)
    shots: list[int] = []
    for _ in range(2 * len(hats_windows.moments)):
        target = advance(pool, rng)
        here, found = (
            next(n for n, shot in enumerate(hats_windows.shots) if int(index) in shot)
            for index in (target, pool.moments)
        )
        assert found == here  # over every cut
        shots.append(here)
    assert set(shots) == {0, 1, 2}


@pytest.mark.parametrize("after", ["orphan", "renew"])
def test_without_anchors_the_truth_ends(hats_windows: FilmWindows, after: str) -> None:
    rng = torch.Generator().manual_seed(0)
    pool = RolloutPool(replace(ALL, after=after), hats_windows, rng)  # type: ignore[arg-type]
    for _ in range(3):
        advance(pool, rng, 10)
    orphans = pool.moments == -1
    assert orphans.all() if after == "orphan" else orphans.any()
    draw = pool.draw(rng)
    assert torch.equal(draw.moments >= 0, torch.full((6,), after == "renew"))


def test_no_truth_at_all(hats_windows: FilmWindows) -> None:
    pool = RolloutPool(PoolConfig(truth=0), hats_windows, torch.Generator().manual_seed(1))
    assert (pool.moments == -1).all()


def test_a_fresh_state_is_a_film_window(hats_windows: FilmWindows) -> None:
    pool = RolloutPool(PoolConfig(pool=5), hats_windows, torch.Generator().manual_seed(1))
    assert torch.equal(pool.contexts, hats_windows.contexts(pool.moments))


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
    pool = RolloutPool(PoolConfig(pool=8, drawn=8), hats_windows, rng)
    assert len(set(pool.draw(rng).slots.tolist())) == 8


def test_a_pool_resumes_where_it_was(hats_windows: FilmWindows) -> None:
    rng = torch.Generator().manual_seed(4)
    pool, other = (RolloutPool(PoolConfig(pool=4), hats_windows, rng) for _ in range(2))
    other.load_state_dict(pool.state_dict())
    assert torch.equal(pool.contexts, other.contexts)
    assert torch.equal(pool.moments, other.moments)
