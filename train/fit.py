"""`fit`: from a film file to a trained run folder."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from types import FrameType
from typing import Any, Literal

import torch
from cyclopts.types import PositiveFloat, PositiveInt
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from torch import Tensor

from train.checkpoint import load_checkpoint
from train.dataset import FilmWindows
from train.errors import RunError, SizeError
from train.film import Film, Fit, display_shape, load_film
from train.networks import PRESETS, GeneratorConfig, check_size, natural_size, parameter_count
from train.pictures import story_sheet, write_picture
from train.recipes import RECIPES, Recipe
from train.reporter import Reporter
from train.run import FilmFacts, Run, rate_of, seed_of
from train.story import Story, choose_stride, find_story
from train.team import joined
from train.training_loop import Training, TrainingConfig, bf16_pays, choose_device, train


@dataclass(frozen=True)
class FilmConfig:
    """How a film is read."""

    size: str | None = None
    """Picture size as WIDTHxHEIGHT; default: the film's shape at about the preset's size."""
    fit: Fit = "crop"
    """What to do with a film of another shape: crop its edges, or letterbox it."""
    end: float | None = None
    """Second of the film at which the story ends; default: found (black and end credits left out)."""
    stride: PositiveInt | None = None
    """Film frames that one step takes; default: the fewest that keep motion visible."""
    title: str | None = None
    """Title for the model card; default: the file's own."""
    rights: str = "not stated"
    """Who owns the film and under which licence, for the model card."""
    cache: Path = Path(".cache/films")
    """Folder of decoded films."""


@dataclass(frozen=True)
class Budget:
    """How long and on what to train; may change when a training is resumed."""

    minutes: PositiveFloat | None = None
    """Stop after so many minutes of training, counted over all sessions; default 60 if no --steps."""
    steps: PositiveInt | None = None
    """Stop after so many training steps, counted over all sessions."""
    device: str = "auto"
    """auto, cpu, cuda, cuda:1, mps."""
    precision: Literal["auto", "fp32", "bf16"] = "auto"
    """Arithmetic of the training; auto takes bf16 where the device multiplies it in hardware."""
    sample_minutes: PositiveFloat = 5.0
    """Minutes between rollouts of ninety seconds: written to samples/, scored, and the best one kept."""
    patience: PositiveInt = 12
    """Stop after so many rollouts without a better score."""


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
    with _interruptible() as asked, joined(choose_device(budget.device)) as (team, device):
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
            run.save_seed(*seed_of(film, story, windows))
            write_picture(out / "story.png", story_sheet(film, story, windows.last))
            _say_what_was_found(film, story, windows, facts, run, console)
            team.wait()

        bf16 = bf16_pays(device) if budget.precision == "auto" else budget.precision == "bf16"
        training = Training(config, recipe, shape, windows, device, bf16=bf16, team=team)
        console.print(
            f"training a generator of {parameter_count(training.generator) / 1e6:.2f} M parameters on {device}, "
            f"{'bf16' if bf16 else 'fp32'}" + (f", in {team.size} processes" if team.size > 1 else "")
        )
        if run.checkpoint.is_file():
            training.load_state_dict(load_checkpoint(run.checkpoint))
            console.print(f"resumed at step {training.steps}, after {training.seconds / 60:.1f} minutes of training")
        minutes = 60.0 if budget.minutes is None and budget.steps is None else budget.minutes
        try:
            if team.leads:
                _lead(training, run, film, story, minutes, budget, console, asked)
            else:
                train(training, steps=budget.steps, minutes=minutes, on_step=lambda scalars: asked())
        except torch.OutOfMemoryError as error:
            raise RunError(f"{device} has too little memory for this; give a smaller --batch or --size") from error


def _lead(
    training: Training,
    run: Run,
    film: Film,
    story: Story,
    minutes: float | None,
    budget: Budget,
    console: Console,
    asked: Callable[[], bool],
) -> None:
    """Train, and tell of it."""
    with Reporter(
        run,
        training,
        film,
        story,
        minutes=minutes,
        steps=budget.steps,
        sample_minutes=budget.sample_minutes,
        patience=budget.patience,
        console=console,
    ) as reporter:

        def after_step(scalars: dict[str, Tensor]) -> bool:
            reporter.step(scalars)
            return reporter.stands_still or asked()

        train(training, steps=budget.steps, minutes=minutes, on_step=after_step)
        if asked():
            raise KeyboardInterrupt
    why = "the score rises no more" if reporter.stands_still else "done"
    console.print(f"{why}: {training.steps} steps in {training.seconds / 60:.1f} minutes")
    console.print(f"next: python -m train export {run.folder} --out models/{run.folder.name}")


def parse_size(text: str) -> tuple[int, int]:
    """(W, H) of "WIDTHxHEIGHT"."""
    width, cross, height = text.partition("x")
    if not (cross and width.isdecimal() and height.isdecimal() and int(width) and int(height)):
        raise SizeError(f"--size {text} is no picture size; write it as WIDTHxHEIGHT, such as 256x144")
    return int(width), int(height)


@contextmanager
def _interruptible() -> Iterator[Callable[[], bool]]:
    """Ctrl-C and SIGTERM end the work between two steps; pressed again, at once.

    Yields what says whether an end was asked for.
    """
    asked = threading.Event()

    def ask(number: int, frame: FrameType | None) -> None:
        if asked.is_set():
            raise KeyboardInterrupt
        asked.set()

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield asked.is_set
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


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
    columns = (
        TextColumn("decoding"),
        BarColumn(),
        TextColumn("{task.percentage:.0f} %"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("decode", total=1.0)

        def on_progress(share: float) -> None:
            if asked():
                raise KeyboardInterrupt
            progress.update(task, completed=share)

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
        frame_rate=str(rate_of(film, windows.stride)),
        stride=windows.stride,
        story_seconds=round(sum(len(shot) for shot in story.shots) / float(film.frame_rate), 2),
        fit=config.fit,
        end=round(float(film.times[windows.last]), 3),
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
        f"{float(rate_of(film, facts.stride)):.2f} frames a second; {len(windows.moments)} windows to learn from"
    )
    if windows.last != story.last:
        console.print(
            f"the story ends at {film.times[story.last]:.2f} s, in a shot too short for stride {facts.stride}: "
            "the show goes on from the last frame before it that is not; a smaller --stride would reach it"
        )
    console.print(f"a picture of this: {run.folder / 'story.png'}")
