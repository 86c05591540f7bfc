"""Process that torchrun starts for test_distributed.py: train a little, and compare the result with the others'."""

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
import torch.distributed as dist

from train.data.film import load_film
from train.data.film_course import FilmCourse
from train.data.film_windows import FilmWindows
from train.data.shots import find_story
from train.models.generator import GeneratorConfig
from train.runtime.distributed import join_team
from train.training.film_trainer import FilmTrainer
from train.training.loop import train
from train.training.options import Budget
from train.training.recipes import GUIDED
from train.training.trainer import TrainingConfig


def main(film_path: str, cache: str) -> None:
    shape = GeneratorConfig(channels=(16, 32), blocks=(0, 1), scale=2)
    with join_team(torch.device("cpu")) as (team, device):
        film = load_film(Path(film_path), (64, 48), "crop", Path(cache))
        windows = FilmWindows(film, find_story(film), context_frames=2, stride=2, scale=2)
        course = FilmCourse(windows)
        recipe = replace(GUIDED, film_share=0.3, crop_side=12)
        training = FilmTrainer(TrainingConfig(batch=1), recipe, shape, course, device, bf16=False, team=team)
        # One process asks to stop in the second stage; the others stop at the same step.
        train(training, Budget(steps=40), on_step=lambda scalars: team.rank == 1 and training.steps > 16)
        mine = {
            "weights": torch.cat([weight.detach().flatten() for weight in training.ema.parameters()]),
            "pool": training.pool.contexts,
            "steps": training.steps,
        }
        everyone: list[dict[str, Any]] = [{}] * team.size
        dist.all_gather_object(everyone, mine)
    first, second = everyone
    assert torch.equal(first["weights"], second["weights"])
    assert not torch.equal(first["pool"], second["pool"])  # each trains on other film windows
    assert first["steps"] == second["steps"] == 32
    print("the same model")


if __name__ == "__main__":
    main(*sys.argv[1:])
