"""Operations that can be counted by hand, and a clock that advances by a second at each call."""

from collections.abc import Callable
from dataclasses import replace
from itertools import count, pairwise

import pytest
import torch
import torch.nn.functional as F
from torch.utils.flop_counter import FlopCounterMode

from train.data.film_course import FilmCourse
from train.models.generator import GeneratorConfig
from train.runtime.throughput import LEAST_TRIES, Throughput, format_flops, peak
from train.training.film_trainer import FilmTrainer
from train.training.recipes import GUIDED
from train.training.trainer import TrainingConfig

CPU = torch.device("cpu")


def test_a_step_is_counted_forwards_and_backwards_once_for_each_stage() -> None:
    forwards = 2 * 4 * 3 * 8 * 9 * 10 * 12  # 4 pictures, 3 planes to 8, 3×3 of them, 10×12 places
    pictures, weights = torch.randn(4, 3, 10, 12), torch.randn(8, 3, 3, 3, requires_grad=True)
    throughput = Throughput()
    with throughput.count_step(0):
        F.conv2d(pictures, weights, padding=1).sum().backward()  # only for the weights
    assert throughput.flops == 2 * forwards
    with throughput.count_step(0):
        pass  # counted as the first one
    assert throughput.flops == 4 * forwards
    with throughput.count_step(1):
        F.conv2d(pictures.requires_grad_(), weights, padding=1).sum().backward()
    assert throughput.flops == 7 * forwards


def test_a_training_counts_its_steps_anew_in_each_stage(hats_course: FilmCourse) -> None:
    shape = GeneratorConfig(channels=(16, 32), blocks=(0, 1), scale=2)
    recipe = replace(GUIDED, film_share=0.5, crop_side=12)
    run = FilmTrainer(TrainingConfig(batch=2), recipe, shape, hats_course, CPU, bf16=False)
    counted = [0]
    for step in range(4):
        run.budget_share = step / 4
        with run.throughput.count_step(run.stage):
            run.step()
        counted.append(run.throughput.flops)
    first, second, third, fourth = (after - before for before, after in pairwise(counted))
    assert first == second > 0
    assert third == fourth != first
    with FlopCounterMode(display=False) as again:
        run.step()
    assert again.get_total_flops() == pytest.approx(third, rel=0.05)


@pytest.mark.parametrize("bf16", [False, True])
def test_the_peak_is_the_operations_of_a_convolution_over_its_shortest_time(
    bf16: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    seconds = count()
    dtypes: list[torch.dtype] = []
    convolution: Callable[..., torch.Tensor] = F.conv2d

    def watched(pictures: torch.Tensor, *arguments: torch.Tensor, padding: int) -> torch.Tensor:
        dtypes.append(pictures.dtype)
        return convolution(pictures, *arguments, padding=padding)

    monkeypatch.setattr(F, "conv2d", watched)
    with FlopCounterMode(display=False) as counter:
        # Every try takes a second of this clock.
        reached = peak(CPU, bf16=bf16, shape=(1, 16, 8, 8), clock=lambda: float(next(seconds)))
    assert reached == counter.get_total_flops() / len(dtypes)
    assert len(dtypes) >= LEAST_TRIES
    assert set(dtypes) == {torch.bfloat16 if bf16 else torch.float32}


def test_units() -> None:
    assert format_flops(61.4e9) == "61 GFLOP/s"
    assert format_flops(0.25e9) == "0.2 GFLOP/s"
    assert format_flops(1.23e12) == "1.2 TFLOP/s"
    assert format_flops(412e12) == "412 TFLOP/s"
