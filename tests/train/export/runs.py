"""Runs of a few training steps, and their export."""

from dataclasses import asdict, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import torch
from rich.console import Console

from train.data.film import Film, load_film
from train.data.film_course import FilmCourse
from train.data.film_tail import film_tail
from train.data.film_windows import FilmWindows
from train.data.shots import find_story
from train.export.export import RolloutLengths, export_film
from train.images.video import write_video
from train.models.generator import GeneratorConfig
from train.runtime.checkpoint import save_checkpoint
from train.runtime.run_folder import FilmFacts, Run
from train.training.film_trainer import FilmTrainer
from train.training.loop import train
from train.training.options import Budget
from train.training.recipes import GUIDED
from train.training.rollout_pool import PoolConfig
from train.training.trainer import TrainingConfig

LIFE_SIGNS = {"sharpness": [0.1, 0.5], "motion": 0.001, "stillness": 0.5, "colour": [[0.1, 0.7]] * 3}
SMALL = GeneratorConfig(channels=(16, 32), blocks=(0, 1), scale=2)
SHORT = RolloutLengths(parity=20, calibration=8, comparison=8, card_seconds=4.0)


def pan(folder: Path) -> Film:
    """Make a film in a folder: a pan over a plain picture, 96 frames of 64×48 at 24 frames a second."""
    x, y = np.meshgrid(np.arange(64), np.arange(48))
    picture = np.stack([3 * x, 5 * y, 128 + 100 * np.sin(x / 9)], 2).astype(np.uint8)
    write_video(folder / "film.mkv", [np.roll(picture, 4 * number, 1) for number in range(96)], Fraction(24))
    return load_film(folder / "film.mkv", (64, 48), "crop", folder / "cache")


def train_a_little(film: Film, folder: Path, shape: GeneratorConfig, life_signs: dict[str, Any] = LIFE_SIGNS) -> Path:
    """Train for three steps at stride 2, of which two are of the first stage, and write the run folder."""
    story, frames = find_story(film), shape.context_frames
    windows = FilmWindows(
        film, story, context_frames=frames, stride=2, scale=shape.scale, padded=shape.padded(film.size)
    )
    recipe = replace(GUIDED, film_share=0.6, pool=PoolConfig(states=2, drawn=2), crop_side=12)
    course = FilmCourse(windows, cell=shape.cell)
    training = FilmTrainer(TrainingConfig(batch=2), recipe, shape, course, torch.device("cpu"), bf16=False)
    train(training, Budget(steps=3), on_step=lambda scalars: False)
    facts = FilmFacts("Hats", "ours", "0" * 64, film.size, "12", 2, 5.0, "crop", 4.96, life_signs)
    folder.mkdir(exist_ok=True)
    run = Run(folder)
    run.save_facts(facts, {"recipe": asdict(recipe), "generator": asdict(shape), "training": asdict(training.config)})
    run.save_tail(*film_tail(film, story, windows))
    save_checkpoint(run.checkpoint, training.state_dict())
    return folder


def export_run(folder: Path, out: Path, *, overwrite: bool = False, lengths: RolloutLengths = SHORT) -> None:
    """Export a run folder as the command does."""
    run = Run(folder)
    facts, settings = run.load_facts()
    assert isinstance(facts, FilmFacts)
    export_film(run, facts, settings, out, Console(quiet=True), overwrite=overwrite, lengths=lengths)
