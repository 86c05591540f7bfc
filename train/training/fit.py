"""`fit`: from a film file to a trained run folder."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from rich.console import Console

from train.data.film import Film, display_shape, load_film
from train.data.film_tail import film_tail
from train.data.film_windows import FilmWindows
from train.data.options import FilmConfig, parse_size
from train.data.shot_sheet import shot_sheet
from train.data.shots import Story, choose_stride, find_story
from train.images.contact_sheet import write_picture
from train.metrics.film_statistics import FilmStatistics
from train.models.generator import GeneratorConfig, check_size
from train.models.presets import PRESETS, natural_size
from train.runtime.device import choose_device
from train.runtime.distributed import join_team
from train.runtime.interrupt import interruptible, progress_bar
from train.runtime.run_folder import FilmFacts, Run
from train.training.film_trainer import FilmTrainer
from train.training.loop import Budget, learn
from train.training.recipes import RECIPES, Recipe
from train.training.trainer import TrainingConfig
from train.training.validation import RolloutValidation


def fit(
    film_path: Path,
    out: Path,
    film_config: FilmConfig,
    preset: str,
    recipe_name: str,
    config: TrainingConfig,
    budget: Budget,
    console: Console,
) -> None:
    """Decode, find the story, train (or resume), sample as it goes."""
    recipe = RECIPES[recipe_name]
    shape = replace(
        PRESETS[preset].shape,
        context_frames=recipe.context_frames,
        guided=recipe.guided,
        camera=recipe.cameras > 0,
    )
    run = Run(out)
    with interruptible() as asked, join_team(choose_device(budget.device)) as (team, device):
        if not team.leads:
            console = Console(quiet=True)
            team.wait()  # until the film is decoded
        film = _decode(film_path, film_config, shape, PRESETS[preset].pixels, console, asked)
        story = find_story(film, film_config.end)
        stride = film_config.stride or choose_stride(film, story, context_frames=shape.context_frames)
        windows = FilmWindows(
            film, story, context_frames=shape.context_frames, stride=stride, scale=shape.scale, cell=shape.cell
        )
        if team.leads:
            facts = _facts(film, story, windows, film_config)
            run.save_facts(facts, _settings(recipe_name, recipe, shape, config))
            run.save_tail(*film_tail(film, story, windows))
            write_picture(out / "story.png", shot_sheet(film, story, windows.last))
            _say_what_was_found(film, story, windows, facts, run, console)
            team.wait()

        training = FilmTrainer(config, recipe, shape, windows, device, bf16=budget.bf16(device), team=team)
        learn(
            training, run, lambda: RolloutValidation(training, film, story, run.load_tail()[0]), budget, console, asked
        )


# ----------------------------------------------------------------------------
# Before the training: what the film is.


def _decode(
    path: Path,
    config: FilmConfig,
    shape: GeneratorConfig,
    pixels: int,
    console: Console,
    asked: Callable[[], bool],
) -> Film:
    size = parse_size(config.size) if config.size else natural_size(display_shape(path), shape, pixels)
    check_size(size, shape)
    with progress_bar("decoding", console, asked) as on_progress:
        return load_film(path, size, config.fit, config.cache, on_progress)


def _settings(name: str, recipe: Recipe, shape: GeneratorConfig, config: TrainingConfig) -> dict[str, Any]:
    recipe_settings = asdict(recipe)
    pool = recipe_settings.pop("pool")
    return {"recipe": name, **asdict(shape), **recipe_settings, **pool, **asdict(config)}


def _facts(film: Film, story: Story, windows: FilmWindows, config: FilmConfig) -> FilmFacts:
    return FilmFacts(
        title=config.title or film.title,
        rights=config.rights,
        source_hash=film.source_hash,
        size=film.size,
        frame_rate=str(film.step_rate(windows.stride)),
        stride=windows.stride,
        story_seconds=round(sum(len(shot) for shot in story.shots) / float(film.frame_rate), 2),
        fit=config.fit,
        end=round(float(film.times[windows.last]), 3),
        life_signs=FilmStatistics(
            film.frames, story.shots, windows.stride, float(film.step_rate(windows.stride))
        ).figures.life_signs(),
    )


def _say_what_was_found(
    film: Film, story: Story, windows: FilmWindows, facts: FilmFacts, run: Run, console: Console
) -> None:
    width, height = film.size
    console.print(
        f"{facts.title}: {len(film.frames)} frames, {float(film.frame_rate):.2f} a second, seen at {width}x{height}"
    )
    if film.damaged:
        console.print(f"the file is damaged: {film.damaged} packets could not be decoded; what could be is used")
    console.print(
        f"{len(story.shots)} shots, {facts.story_seconds:.1f} s of story; the last film frame is {windows.last}, "
        f"at {facts.end:.2f} s"
    )
    console.print(
        f"one step takes {facts.stride} film frames: the continuation runs at "
        f"{float(film.step_rate(facts.stride)):.2f} frames a second; {len(windows.moments)} windows to learn from"
    )
    if windows.last != story.last:
        console.print(
            f"the story ends at {film.times[story.last]:.2f} s, in a shot too short for stride {facts.stride}: "
            "the show goes on from the last frame before it that is not; a smaller --stride would reach it"
        )
    console.print(f"a picture of this: {run.folder / 'story.png'}")
