"""The pool: its states live on their own output, and are renewed now and then."""

import torch

from train.data.film_course import FilmCourse
from train.training.rollout_pool import PoolConfig, RolloutPool


def test_a_state_is_advanced_by_the_frame_that_was_made_of_it(hats_course: FilmCourse) -> None:
    rng = torch.Generator().manual_seed(0)
    pool = RolloutPool(PoolConfig(states=6, drawn=4, renewal=0.0), hats_course, 1.0, rng)
    before = pool.contexts.clone()
    draw = pool.draw(rng)
    frames = torch.randint(0, 256, (4, 3, 24, 32), dtype=torch.uint8, generator=rng)
    pool.put_back(draw, frames)
    assert torch.equal(pool.contexts[draw.slots], torch.cat([before[draw.slots, 3:], frames], 1))
    others = [slot for slot in range(6) if slot not in draw.slots.tolist()]
    assert torch.equal(pool.contexts[others], before[others])


def test_a_new_pool_holds_film_windows(hats_course: FilmCourse) -> None:
    pool = RolloutPool(PoolConfig(states=5), hats_course, 0.0, torch.Generator().manual_seed(1))
    all_windows = hats_course.windows.contexts(torch.from_numpy(hats_course.windows.film_indices))
    for context in pool.contexts:
        assert (all_windows == context).flatten(1).all(1).any()


def test_states_are_renewed_as_often_as_configured(hats_course: FilmCourse) -> None:
    rng = torch.Generator().manual_seed(2)
    pool = RolloutPool(PoolConfig(states=50, drawn=50, renewal=0.2), hats_course, 0.0, rng)
    renewed = 0
    for _ in range(40):
        pool.contexts[:] = 7
        draw = pool.draw(rng)
        renewed += int((draw.contexts != 7).flatten(1).any(1).sum())
        assert torch.equal(draw.contexts, pool.contexts[draw.slots])
    assert 300 < renewed < 500  # of 2,000


def test_no_state_is_drawn_twice_at_once(hats_course: FilmCourse) -> None:
    rng = torch.Generator().manual_seed(3)
    pool = RolloutPool(PoolConfig(states=8, drawn=8), hats_course, 0.0, rng)
    assert len(set(pool.draw(rng).slots.tolist())) == 8


def test_a_pool_resumes_where_it_was(hats_course: FilmCourse) -> None:
    rng = torch.Generator().manual_seed(4)
    pool, other = (RolloutPool(PoolConfig(), hats_course, 1.0, rng) for _ in range(2))
    assert not torch.equal(pool.contexts, other.contexts)
    assert not torch.equal(pool.lean, other.lean)
    other.load_state_dict(pool.state_dict())
    assert torch.equal(pool.contexts, other.contexts)
    assert torch.equal(pool.lean, other.lean)


def test_new_states_lean_each_in_its_own_way_and_keep_it(hats_course: FilmCourse) -> None:
    rng = torch.Generator().manual_seed(5)
    pool = RolloutPool(PoolConfig(states=50, drawn=50, renewal=0.0), hats_course, 1.0, rng)
    assert len(pool.lean.unique()) == 50
    before, draw = pool.lean.clone(), pool.draw(rng)
    assert torch.equal(draw.lean, before[draw.slots])
    pool.put_back(draw, draw.contexts[:, -3:])
    assert torch.equal(pool.lean, before)
