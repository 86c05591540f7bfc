"""The pool: states grow older on their own output, keep their truth while young, and are renewed."""

import torch

from train.dataset import FilmWindows
from train.pool import PoolConfig, RolloutPool


def draw_all(pool: RolloutPool, rng: torch.Generator):
    return pool.draw(pool.config.pool, rng)


def test_a_young_state_keeps_its_place_in_the_film(hats_windows: FilmWindows) -> None:
    rng = torch.Generator().manual_seed(0)
    pool = RolloutPool(PoolConfig(pool=6, young=3, renew=0.0), hats_windows, rng)
    for age in range(5):
        before = pool.targets.clone()
        draw = draw_all(pool, rng)
        assert torch.equal(pool.contexts[draw.slots], draw.contexts)
        pool.put_back(draw, torch.full((6, 3, 48, 64), 10 * age, dtype=torch.uint8))
        assert (pool.contexts[:, -3:] == 10 * age).all()  # what was made is the newest context frame
        expected = hats_windows.follow(before) if age + 1 < 3 else torch.full((6,), -1)
        assert torch.equal(pool.targets, expected)
        assert (pool.ages == age + 1).all()


def test_a_fresh_state_is_a_film_window(hats_windows: FilmWindows) -> None:
    pool = RolloutPool(PoolConfig(pool=5), hats_windows, torch.Generator().manual_seed(1))
    assert torch.equal(pool.contexts, hats_windows.windows(pool.targets)[:, :-3])


def test_states_are_renewed_as_often_as_asked(hats_windows: FilmWindows) -> None:
    rng = torch.Generator().manual_seed(2)
    pool = RolloutPool(PoolConfig(pool=50, renew=0.2), hats_windows, rng)
    renewed = 0
    for _ in range(40):
        pool.ages += 1
        draw = draw_all(pool, rng)
        fresh = pool.ages == 0
        renewed += int(fresh.sum())
        assert (pool.targets[fresh] >= 0).all()
        assert torch.equal(draw.contexts, pool.contexts[draw.slots])
    assert 300 < renewed < 500  # 2,000 draws at 0.2


def test_no_state_is_drawn_twice_at_once(hats_windows: FilmWindows) -> None:
    rng = torch.Generator().manual_seed(3)
    pool = RolloutPool(PoolConfig(pool=8), hats_windows, rng)
    assert len(set(pool.draw(8, rng).slots.tolist())) == 8


def test_a_pool_resumes_where_it_was(hats_windows: FilmWindows) -> None:
    rng = torch.Generator().manual_seed(4)
    pool, other = (RolloutPool(PoolConfig(pool=4), hats_windows, rng) for _ in range(2))
    other.load_state_dict(pool.state_dict())
    assert torch.equal(pool.contexts, other.contexts)
    assert torch.equal(pool.targets, other.targets)
