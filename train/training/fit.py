"""`fit`: from a film file to a trained run folder."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

import torch
from rich.console import Console

from live.reading.text import printable
from train.data.film import Film
from train.data.film_course import FilmCourse
from train.data.film_tail import film_tail, tail_sound
from train.data.film_windows import FilmWindows
from train.data.films import film_files, load_films
from train.data.long_films.decoding_estimate import DecodingEstimate
from train.data.options import FilmConfig, parse_size
from train.data.probing.film_bars import display_shape
from train.data.shot_sheet import shot_sheet
from train.data.shots import Story, choose_stride, find_story
from train.errors import RecipeError
from train.images.contact_sheet import write_picture
from train.metrics.fidelity import FilmFidelity
from train.metrics.film_statistics import FilmStatistics
from train.metrics.life_signs import measure_life_signs
from train.metrics.perceptual import open_crop_features
from train.models.generator import GeneratorConfig
from train.models.presets import DEFAULT_PRESET, PRESETS, check_size, natural_size
from train.models.unet import UNetConfig
from train.runtime.device import choose_device
from train.runtime.distributed import Team, join_team
from train.runtime.interrupt import Interruption, interruptible, progress_bar
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
from train.watching.options import NO_PAGE, Page
from train.watching.watched import watched

VALIDATION_TARGETS = 50  # single steps of a validation; `evaluate` takes four times as many


def fit(
    film_paths: Sequence[Path],
    out: Path,
    film_config: FilmConfig,
    preset: str | None,
    recipe_name: str,
    config: TrainingConfig,
    budget: Budget,
    console: Console,
    *,
    page: Page = NO_PAGE,
    rollout_seconds: float = ROLLOUT_SECONDS,
) -> None:
    """Decode a film of one file or several, find its story, and train a generator on it, or resume its training.

    Args:
        film_paths: of `load_films`: files, or folders of films. The show goes on from the end of the last one.
        out: run folder.
        film_config: how to read the film.
        preset: picture size and network, of `PRESETS`, or None for the default; the recipe `paper` has none.
        recipe_name: of `RECIPES`.
        config: settings of the training.
        budget: how long to train.
        console: for reports.
        page: of the training.
        rollout_seconds: length of the rollouts that choose the checkpoint.

    Raises:
        RecipeError: the recipe does not have this preset.
    """
    recipe = RECIPES[recipe_name]
    if isinstance(recipe, PaperRecipe) and preset:
        raise RecipeError(f"the recipe {recipe_name} has a network of its own, of 256x256; leave --preset {preset} out")
    preset = preset or DEFAULT_PRESET
    generator_config = _generator_config(recipe, preset)
    check_name(out)
    run = Run(out)
    with (
        interruptible() as interruption,
        watched(run, page, console, interruption) as board,
        join_team(choose_device(budget.device)) as (team, device),
        ExitStack() as held,
    ):
        if not team.leads:
            console = Console(quiet=True)
            team.wait()  # until the leader has decoded the film
        film = _decode(film_paths, film_config, generator_config, PRESETS[preset].pixels, console, interruption)
        with interruption.at_once():
            story = find_story(film, film_config.end)
        frames = generator_config.context_frames
        stride = film_config.stride or choose_stride(film, story, context_frames=frames)
        windows = FilmWindows(
            film,
            story,
            context_frames=frames,
            stride=stride,
            scale=generator_config.scale,
            padded=generator_config.padded(film.size),
        )
        rate = film.step_rate(stride)

        @cache
        def statistics() -> FilmStatistics:  # only the leader needs them
            with interruption.at_once():
                return FilmStatistics(film.frames, story.shots, stride, float(rate))

        @cache
        def fidelity() -> FilmFidelity:  # in the first validation, which can be interrupted at any time
            found = FilmFidelity(
                film.frames,
                story.shots,
                stride=stride,
                rate=float(rate),
                context_frames=frames,
                features=open_crop_features(),
                most_targets=VALIDATION_TARGETS,
            )
            if reason := found.without_wholeness:
                console.print(f"wholeness is left out: {reason}", markup=False)
            return found

        tail, shot_starts = film_tail(film, story, windows)
        if team.leads:
            held.enter_context(only_training_in(out))
            facts = _facts(film, story, windows, film_config, statistics())
            board.title = facts.title
            run.save_facts(facts, _settings(recipe, generator_config, config))
            run.save_tail(tail, shot_starts)
            run.save_sound(tail_sound(film, story, windows))
            with interruption.at_once():  # of a film with bars, it decodes up to the story
                sheet = shot_sheet(film, story, windows.last_frame)
            write_picture(out / "story.png", sheet)
            _report_film(film, story, windows, facts, film_config, run, console)
            team.wait()

        trainer = _trainer(config, recipe, preset, windows, device, budget.bf16(device), team)

        def make_validation() -> RolloutValidation:
            return RolloutValidation(trainer, statistics(), fidelity, rate, tail, seconds=rollout_seconds)

        learn(trainer, run, make_validation, budget, console, interruption, board)


def _generator_config(recipe: FilmRecipe | PaperRecipe, preset: str) -> GeneratorConfig | UNetConfig:
    return UNetConfig() if isinstance(recipe, PaperRecipe) else _film_generator_config(recipe, preset)


def _film_generator_config(recipe: FilmRecipe, preset: str) -> GeneratorConfig:
    return PRESETS[preset].shape


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
    paths: Sequence[Path],
    config: FilmConfig,
    generator_config: GeneratorConfig | UNetConfig,
    pixels: int,
    console: Console,
    interruption: Interruption,
) -> Film:
    """Decode the film at the size that the user or the generator asks for; by default in the shape of the last file."""
    with interruption.at_once(), progress_bar("decoding", console, interruption) as on_progress:
        size = _picture_size(paths, config, generator_config, pixels)
        estimate = DecodingEstimate(on_progress, console.print)
        return load_films(
            paths, size, config.fit, config.cache, estimate.on_progress, end=config.end, say=console.print
        )


def _picture_size(
    paths: Sequence[Path], config: FilmConfig, generator_config: GeneratorConfig | UNetConfig, pixels: int
) -> tuple[int, int]:
    if isinstance(generator_config, UNetConfig):
        size = parse_size(config.size) if config.size else (generator_config.multiple, generator_config.multiple)
        check_size(size, generator_config)
        return size
    if config.size:
        width, height = parse_size(config.size)
        least = 2 * generator_config.scale  # of which the enlarger can see a crop
        width, height = (max(least, side + side % 2) for side in (width, height))  # even, as video files need it
        return width, height
    return natural_size(display_shape(film_files(paths)[-1]), generator_config.scale, pixels)


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
        sources={file.source_hash: printable(file.title) for file in film.parts},
    )


def _report_film(
    film: Film,
    story: Story,
    windows: FilmWindows,
    facts: FilmFacts,
    config: FilmConfig,
    run: Run,
    console: Console,
) -> None:
    width, height = film.size
    count = sum(file.frame_count for file in film.files)
    console.print(f"{facts.title}: {count} frames, {float(film.frame_rate):.2f} a second, at {width}x{height}")
    for number, file in enumerate(film.parts, 1):
        console.print(f"film {number} is {file.path}: {file.frame_count} frames, {file.times[-1]:.1f} s")
    for file in film.files:
        for line in file.lines:
            console.print(f"{file.path} {line}")
    kind = "shots" if film.every == 1 else "pieces of shots"
    console.print(
        f"{len(story.shots)} {kind}, {facts.story_seconds:.1f} s of story; the last film frame is "
        f"{windows.last_frame}, at {film.time_of(windows.last_frame)}"
    )
    left_out = film.times[-1] - film.times[story.last]
    if config.end is None and left_out > 0.5:
        console.print(f"{left_out:.1f} s after it are taken for black and end credits; --end SECONDS overrules it")
    console.print(
        f"one step takes {facts.stride} film frames: the continuation runs at "
        f"{float(film.step_rate(facts.stride)):.2f} frames per second"
    )
    console.print(f"{len(windows.film_indices)} windows to learn from")
    if windows.last_frame != story.last:
        console.print(
            f"the story ends at {film.time_of(story.last)}, in a shot too short for stride {facts.stride}: the "
            "show continues from the last frame of a longer shot before it; a smaller --stride would reach the end"
        )
    console.print(f"picture of the shots: {run.folder / 'story.png'}")
