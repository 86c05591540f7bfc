"""The dramaturgy: when the show leaves a shot, and for which."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
import torch
from torch import Tensor

from train.models.dramaturgy import LEAN, LEAN_PERIOD, LONGEST_CLOCK, Dramaturgy
from train.models.film_memory import NO_SHOT

STEP = 0.25  # seconds; sums of it are exact


def make(*lengths: float) -> Dramaturgy:
    return Dramaturgy(torch.tensor(lengths), torch.tensor(STEP))


def decide(
    dramaturgy: Dramaturgy, shot: int, visits: Tensor, *, at_end: bool = False, chance: Tensor | None = None
) -> tuple[int, Tensor]:
    """Return the shot to enter from one state, and its next visits."""
    chance = torch.zeros(1, dramaturgy.shots) if chance is None else chance
    enter, visits = dramaturgy(torch.tensor([shot]), torch.tensor([at_end]), visits, chance)
    return int(enter), visits


def stays(dramaturgy: Dramaturgy, seconds: float, *, with_ends: bool, chance: float = 0.0) -> list[tuple[int, float]]:
    """Return the shots that are left within `seconds`, and how long each was stayed in.

    The show begins in the last shot. At the end of a shot it turns to its beginning, if it may not leave it; without
    ends, it always turns before.
    """
    rng = torch.Generator().manual_seed(0)
    shot, since, visits, left = dramaturgy.shots - 1, 0.0, torch.zeros(1, dramaturgy.numbers), []
    place = 0.0
    for _ in range(round(seconds / STEP)):
        since, place = since + STEP, place + STEP
        at_end = with_ends and place >= float(dramaturgy.lengths[shot])
        noise = chance * torch.randn(1, dramaturgy.shots, generator=rng)
        enter, visits = decide(dramaturgy, shot, visits, at_end=at_end, chance=noise)
        if at_end:
            place = 0.0
        if enter != NO_SHOT:
            left.append((shot, since))
            shot, since, place = enter, 0.0, 0.0
    return left


@pytest.mark.parametrize(("length", "seconds"), [(1.0, 8.0), (3.0, 9.0), (7.75, 15.5), (9.0, 9.0), (30.0, 30.0)])
def test_the_last_shot_goes_on_for_eight_seconds_and_is_left_at_its_next_end(length: float, seconds: float) -> None:
    assert stays(make(5.0, length), 60, with_ends=True)[0] == (1, seconds)


@pytest.mark.parametrize(("length", "seconds"), [(1.0, 15.0), (10.0, 20.0), (20.0, 40.0), (21.0, 40.0), (300.0, 40.0)])
def test_the_last_shot_is_left_within_forty_seconds(length: float, seconds: float) -> None:
    assert stays(make(5.0, length), 60, with_ends=False)[0] == (1, seconds)


def test_a_later_shot_is_left_at_its_end() -> None:
    assert stays(make(2.0, 5.0, 10.0), 20, with_ends=True) == [(2, 10.0), (0, 2.0), (1, 5.0)]


def test_no_later_shot_is_stayed_in_for_longer_than_twice_its_length_or_fifteen_seconds() -> None:
    left = stays(make(2.0, 50.0, 7.5, 10.0), 160, with_ends=False)
    assert left == [(3, 20.0), (0, 15.0), (1, 100.0), (2, 15.0)]


def test_the_shot_that_was_not_seen_for_longest_is_entered() -> None:
    dramaturgy = make(1.0, 1.0, 1.0, 1.0)
    for seen, expected in (
        ([0.5, 0.2, 1.0, 0.7], 1),
        ([0.1, 0.2, 1.0, 0.7], 0),
        ([0.1, 0.2, 1.0, 0.0], 3),  # never seen
    ):
        assert decide(dramaturgy, 2, torch.tensor([[*seen, 1.0, 60.0]]), at_end=True)[0] == expected
    left = [shot for shot, _ in stays(dramaturgy, 60, with_ends=True)]
    assert len(left) > 40
    assert all(sorted(left[i : i + 4]) == [0, 1, 2, 3] for i in range(len(left) - 3))  # in turn


def test_chance_chooses_among_shots_that_were_seen_alike_and_is_never_in_the_way() -> None:
    dramaturgy = make(1.0, 1.0, 1.0, 1.0)
    visits = torch.tensor([[1.0, 0.1, 0.12, 0.9, 1.0, 60.0]]).expand(500, -1)
    chance = torch.randn(500, 4, generator=torch.Generator().manual_seed(0))
    shot, at_end = torch.zeros(500, dtype=torch.int64), torch.ones(500, dtype=torch.bool)
    enter, _ = dramaturgy(shot, at_end, visits, chance)
    counts = enter.bincount(minlength=4).tolist()
    assert min(counts[1:3]) > 150
    assert counts[0] == counts[3] == 0  # neither the shot that plays nor one that was just seen
    enter, _ = dramaturgy(shot, at_end, visits, 4 * chance)
    assert (enter != NO_SHOT).all()  # that plays is never the one that is wanted
    visited = {shot for shot, _ in stays(make(2.0, 2.0, 2.0), 60, with_ends=True, chance=2.0)}
    assert visited == {0, 1, 2}


def test_a_film_of_one_shot_is_never_left() -> None:
    dramaturgy = make(2.0)
    assert stays(dramaturgy, 100, with_ends=True) == []
    late = torch.tensor([[1.0, LONGEST_CLOCK - STEP, LONGEST_CLOCK - STEP]])
    for _ in range(round(3 * LEAN_PERIOD / STEP)):
        enter, late = decide(dramaturgy, 0, late, at_end=True)
        assert enter == NO_SHOT
        assert LONGEST_CLOCK - LEAN_PERIOD < late[0, 1] == late[0, 2] <= LONGEST_CLOCK


def test_time_leans_to_both_sides_and_goes_on_to_do_so() -> None:
    dramaturgy = make(2.0)
    for began in (0.0, LONGEST_CLOCK - 1):
        visits, leans = torch.tensor([[1.0, began, began]]), []
        for _ in range(round(LEAN_PERIOD / STEP)):
            _, visits = decide(dramaturgy, 0, visits)
            leans.append(float(dramaturgy.lean(visits, torch.ones(1))))
        assert (max(leans), min(leans)) == pytest.approx((LEAN, -LEAN), abs=0.01)
        changes = [abs(after - before) for before, after in pairwise([*leans, leans[0]])]
        assert max(changes) < 1.01 * LEAN * 2 * math.pi / LEAN_PERIOD * STEP  # also where the clock goes back


def test_time_is_upright_where_a_shot_begins_and_at_temperature_zero() -> None:
    dramaturgy = make(2.0, 2.0)
    visits = torch.tensor([[1.0, 0.5, 0.0, 30.0], [1.0, 0.5, 2.5, 30.0], [1.0, 0.5, 2.5, 30.0]])
    leans = dramaturgy.lean(visits, torch.tensor([1.0, 0.0, 2.0]))
    assert leans.tolist() == [0, 0, pytest.approx(2 * LEAN)]


def test_clocks_run_and_the_memory_of_a_visit_fades() -> None:
    dramaturgy = make(5.0, 5.0)
    visits = torch.zeros(1, dramaturgy.numbers)
    for _ in range(8):
        _, visits = decide(dramaturgy, 1, visits)
    assert visits.tolist() == [[0.0, 1.0, 2.0, 2.0]]
    for _ in range(240):
        _, visits = decide(dramaturgy, 0, visits)
    assert visits.tolist() == [[1.0, pytest.approx(math.exp(-1), abs=1e-4), 60.0, 62.0]]


def test_a_shot_that_comes_by_another_way_has_a_clock_of_its_own() -> None:
    """A camera, or a look-up, may lead to another shot at any time: it is no longer the first then."""
    dramaturgy = make(5.0, 5.0, 60.0)
    _, visits = decide(dramaturgy, 2, torch.tensor([[0.0, 0.0, 1.0, 3.0, 3.0]]))
    _, visits = decide(dramaturgy, 0, visits)
    assert visits[0, 3:].tolist() == [STEP, 3 + 2 * STEP]
    assert decide(dramaturgy, 0, visits, at_end=True)[0] == 1
    _, back = decide(dramaturgy, 2, visits)
    assert back[0, 3:].tolist() == [STEP, 3 + 3 * STEP]


def test_states_do_not_affect_each_other() -> None:
    dramaturgy = make(5.0, 20.0, 60.0)
    rng = torch.Generator().manual_seed(1)
    shot = torch.randint(3, (64,), generator=rng)
    at_end = torch.rand(64, generator=rng) < 0.5
    visits = torch.rand(64, 5, generator=rng)
    visits[torch.arange(64), shot] = torch.where(torch.rand(64, generator=rng) < 0.7, 1.0, visits[:, 0])
    visits[:, 3:] = (visits[:, 3:] * torch.tensor([20.0, 40.0])).sort(1).values
    chance = torch.randn(64, 3, generator=rng)
    enter, following = dramaturgy(shot, at_end, visits, chance)
    assert {NO_SHOT, 0, 1, 2} == set(enter.tolist())
    for i in range(64):
        each = slice(i, i + 1)
        alone = dramaturgy(shot[each], at_end[each], visits[each], chance[each])
        assert torch.equal(alone[0], enter[each])
        assert torch.equal(alone[1], following[each])
