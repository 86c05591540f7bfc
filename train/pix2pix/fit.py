"""`fit --pairs` and `fit --pictures`: from a folder of pictures to a trained run folder."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console

from train.data.options import FilmConfig, parse_size
from train.errors import PicturesError
from train.images.contact_sheet import write_picture
from train.models.presets import natural_size
from train.pix2pix.metrics import SHEET_PAIRS, pairs_sheet, seen_of, spread
from train.pix2pix.pair_trainer import PairTrainer
from train.pix2pix.pairs import Direction, Pairs, Size, Use, read_pairs
from train.pix2pix.recipes import PICTURE_RECIPES, PictureRecipe
from train.pix2pix.translator import PRESETS, Reduction, TranslatorConfig, check_size
from train.pix2pix.validation import HeldOutValidation
from train.runtime.device import choose_device
from train.runtime.distributed import joined
from train.runtime.interrupt import interruptible, progressing
from train.runtime.run_folder import PictureFacts, Run
from train.training.loop import Budget, learn
from train.training.trainer import TrainingConfig

SQUARE = 0.02  # by which the sides of a square may differ


def fit_pictures(
    folder: Path,
    use: Use,
    direction: Direction,
    out: Path,
    config: FilmConfig,
    preset: str,
    recipe_name: str,
    training_config: TrainingConfig,
    budget: Budget,
    console: Console,
) -> None:
    """Read the pictures, keep a tenth aside, train (or resume), sample as it goes."""
    if config.end is not None or config.stride is not None:
        raise PicturesError("--end and --stride are for a film; pictures have no time")
    recipe = PICTURE_RECIPES[recipe_name]
    shape = TranslatorConfig(use, recipe.network, PRESETS[preset].channels)
    run = Run(out)
    with interruptible() as asked, joined(choose_device(budget.device)) as (team, device):
        if not team.leads:
            console = Console(quiet=True)

        def choose_size(first: Size) -> Size:
            size = parse_size(config.size) if config.size else _usual_size(first, shape, PRESETS[preset].side)
            check_size(size, shape)
            return size

        with progressing("reading", console, asked) as on_progress:
            pairs = read_pairs(folder, use, direction, config.fit, choose_size, on_progress)
        if team.leads:
            facts = _facts(pairs, folder, direction, config)
            run.save_facts(facts, _settings(recipe_name, recipe, shape, training_config))
            some = spread(pairs.held_out, SHEET_PAIRS)
            run.save_examples(pairs.a[some], pairs.b[some])
            _say_what_was_found(pairs, facts, run, shape, console)
        team.wait()
        training = PairTrainer(training_config, recipe, shape, pairs, device, bf16=budget.bf16(device), team=team)
        learn(training, run, lambda: HeldOutValidation(training, pairs), budget, console, asked)


def _usual_size(first: Size, shape: TranslatorConfig, side: int) -> Size:
    """A square for squares, and for the paper's network; else about as many pixels in the pictures' own shape."""
    if shape.network == "unet256" or abs(first[0] / first[1] - 1) <= SQUARE:
        return side, side
    return natural_size(first, shape, side * side)


def _settings(name: str, recipe: PictureRecipe, shape: TranslatorConfig, config: TrainingConfig) -> dict[str, Any]:
    asked = asdict(recipe)
    del asked["usual"]
    return {"recipe": name, **asked, **asdict(shape), **asdict(config)}


def _facts(pairs: Pairs, folder: Path, direction: Direction, config: FilmConfig) -> PictureFacts:
    return PictureFacts(
        title=config.title or folder.resolve().name,
        rights=config.rights,
        source_hash=pairs.source_hash,
        size=(pairs.b.shape[2], pairs.b.shape[1]),
        fit=config.fit,
        use=pairs.use,
        direction=direction,
        count=len(pairs.names),
        held_out=len(pairs.held_out),
    )


def _say_what_was_found(pairs: Pairs, facts: PictureFacts, run: Run, shape: TranslatorConfig, console: Console) -> None:
    width, height = facts.size
    console.print(pairs.told)
    way = {"pairs": {"AtoB": "A → B", "BtoA": "B → A"}[facts.direction], "pictures": "camera → pictures"}[pairs.use]
    console.print(
        f"{facts.title}: {facts.count} {pairs.use}, {way}, seen at {width}x{height}; {facts.held_out} of them are kept "
        "aside to judge by"
    )
    some = spread(pairs.learnt, SHEET_PAIRS)
    seen = seen_of(Reduction(shape.use), pairs.a[some])
    write_picture(run.folder / "pairs.png", pairs_sheet({"seen": seen, "true": list(pairs.b[some])}))
    console.print(f"a picture of this: {run.folder / 'pairs.png'}")
