"""`fit`: from a film file to a trained run folder."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict, replace
from functools import cache
from pathlib import Path
from typing import Any

import torch
from rich.console import Console

from train.data.film import Film, display_shape, load_film
from train.data.film_course import FilmCourse
from train.data.film_tail import film_tail
from train.data.film_windows import FilmWindows
from train.data.options import FilmConfig, parse_size
from train.data.shot_sheet import shot_sheet
from train.data.shots import Story, choose_stride, find_story
from train.errors import RecipeError
from train.images.contact_sheet import write_picture
from train.metrics.film_statistics import FilmStatistics
from train.metrics.life_signs import measure_life_signs
from train.models.generator import GeneratorConfig
from train.models.presets import PRESETS, check_size, natural_size
from train.models.unet import UNetConfig
from train.runtime.device import choose_device
from train.runtime.distributed import Team, join_team
from train.runtime.interrupt import interruptible, progress_bar
from train.runtime.output_folder import check_name
from train.runtime.run_folder import FilmFacts, Run
from train.runtime.run_lock import only_training_in
from train.training.film_trainer import FilmTrainer
from train.training.loop import learn
from train.training.options import Budget
from train.training.paper_trainer import PaperTrainer
from train.training.recipes import RECIPES, FilmRecipe, PaperRecipe
from train.training.trainer import TrainingConfig
from train.training.validation import ROLLOUT_SECONDS, RolloutValidation


def fit(
    film_path: Path,
    out: Path,
    film_config: FilmConfig,
    preset: str,
    recipe_name: str,
    config: TrainingConfig,
    budget: Budget,
    console: Console,
    *,
    rollout_seconds: float = ROLLOUT_SECONDS,
) -> None:
    """Decode a film, find its story, and train a generator on it, or resume its training.

    Args:
        film_path: the film.
        out: run folder.
        film_config: how to read the film.
        preset: picture size and network, of `PRESETS`; for the recipe `paper`, "small" alone.
        recipe_name: of `RECIPES`.
        config: settings of the training.
        budget: how long to train.
        console: for reports.
        rollout_seconds: length of the rollouts that choose the checkpoint.

    Raises:
        RecipeError: the recipe does not have this preset.
    """
    recipe = RECIPES[recipe_name]
    if isinstance(recipe, PaperRecipe) and preset != "small":
        raise RecipeError(f"the recipe {recipe_name} has a network of its own, of 256x256; leave --preset {preset} out")
    generator_config = _generator_config(recipe, preset)
    check_name(out)
    run = Run(out)
    with (
        interruptible() as interrupted,
        join_team(choose_device(budget.device)) as (team, device),
        ExitStack() as held,
    ):
        if not team.leads:
            console = Console(quiet=True)
            team.wait()  # until the leader has decoded the film
        film = _decode(film_path, film_config, generator_config, PRESETS[preset].pixels, console, interrupted)
        story = find_story(film, film_config.end)
        frames = generator_config.context_frames
        stride = film_config.stride or choose_stride(film, story, context_frames=frames)
        windows = FilmWindows(film, story, context_frames=frames, stride=stride, scale=generator_config.scale)
        rate = film.step_rate(stride)

        @cache
        def statistics() -> FilmStatistics:  # only the leader needs them
            return FilmStatistics(film.frames, story.shots, stride, float(rate))

        tail, shot_starts = film_tail(film, story, windows)
        if team.leads:
            held.enter_context(only_training_in(out))
            facts = _facts(film, story, windows, film_config, statistics())
            run.save_facts(facts, _settings(recipe, generator_config, config))
            run.save_tail(tail, shot_starts)
            write_picture(out / "story.png", shot_sheet(film, story, windows.last_frame))
            _report_film(film, story, windows, facts, run, console)
            team.wait()

        trainer = _trainer(config, recipe, preset, windows, device, budget.bf16(device), team)

        def make_validation() -> RolloutValidation:
            return RolloutValidation(trainer, statistics(), rate, tail, seconds=rollout_seconds)

        learn(trainer, run, make_validation, budget, console, interrupted)


def _generator_config(recipe: FilmRecipe | PaperRecipe, preset: str) -> GeneratorConfig | UNetConfig:
    return UNetConfig() if isinstance(recipe, PaperRecipe) else _film_generator_config(recipe, preset)


def _film_generator_config(recipe: FilmRecipe, preset: str) -> GeneratorConfig:
    return replace(PRESETS[preset].shape, camera=recipe.camera_share > 0)


def _trainer(
    config: TrainingConfig,
    recipe: FilmRecipe | PaperRecipe,
    preset: str,
    windows: FilmWindows,
    device: torch.device,
    bf16: bool,
    team: Team,
) -> FilmTrainer | PaperTrainer:
    if isinstance(recipe, PaperRecipe):
        return PaperTrainer(config, recipe, windows, device, bf16=bf16, team=team)
    generator_config = _film_generator_config(recipe, preset)
    course = FilmCourse(windows, cell=generator_config.cell)
    return FilmTrainer(config, recipe, generator_config, course, device, bf16=bf16, team=team)


def _settings(
    recipe: FilmRecipe | PaperRecipe, generator_config: GeneratorConfig | UNetConfig, config: TrainingConfig
) -> dict[str, Any]:
    return {"recipe": asdict(recipe), "generator": asdict(generator_config), "training": asdict(config)}


# ----------------------------------------------------------------------------
# The film, before the training.


def _decode(
    path: Path,
    config: FilmConfig,
    generator_config: GeneratorConfig | UNetConfig,
    pixels: int,
    console: Console,
    interrupted: Callable[[], bool],
) -> Film:
    """Decode the film at the size that the user or the generator asks for."""
    if config.size:
        size = parse_size(config.size)
    elif isinstance(generator_config, UNetConfig):
        size = (generator_config.multiple, generator_config.multiple)
    else:
        size = natural_size(display_shape(path), generator_config, pixels)
    check_size(size, generator_config)
    with progress_bar("decoding", console, interrupted) as on_progress:
        return load_film(path, size, config.fit, config.cache, on_progress)


def _facts(film: Film, story: Story, windows: FilmWindows, config: FilmConfig, statistics: FilmStatistics) -> FilmFacts:
    return FilmFacts(
        title=config.title or film.title,
        rights=config.rights,
        source_hash=film.source_hash,
        size=film.size,
        frame_rate=str(film.step_rate(windows.stride)),
        stride=windows.stride,
        story_seconds=round(sum(len(shot) for shot in story.shots) / float(film.frame_rate), 2),
        fit=config.fit,
        end=round(float(film.times[windows.last_frame]), 3),
        life_signs=measure_life_signs(
            film.frames, story.shots, statistics.figures, stride=windows.stride, rate=statistics.rate
        ),
    )


def _report_film(film: Film, story: Story, windows: FilmWindows, facts: FilmFacts, run: Run, console: Console) -> None:
    width, height = film.size
    console.print(
        f"{facts.title}: {len(film.frames)} frames at {float(film.frame_rate):.2f} frames per second, "
        f"seen at {width}x{height}"
    )
    if film.damaged:
        console.print(f"the file is damaged: {film.damaged} packets could not be decoded; the rest is used")
    console.print(
        f"{len(story.shots)} shots, {facts.story_seconds:.1f} s of story; the last film frame is "
        f"{windows.last_frame}, at {facts.end:.2f} s"
    )
    console.print(
        f"one step takes {facts.stride} film frames: the continuation runs at "
        f"{float(film.step_rate(facts.stride)):.2f} frames per second; "
        f"{len(windows.film_indices)} windows to learn from"
    )
    if windows.last_frame != story.last:
        console.print(
            f"the story ends at {film.times[story.last]:.2f} s, in a shot too short for stride {facts.stride}: the "
            "show continues from the last frame of a longer shot before it; a smaller --stride would reach the end"
        )
    console.print(f"picture of the shots: {run.folder / 'story.png'}")
