"""`fit --pairs` and `fit --pictures`: from a folder of pictures to the run folder of a training."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console

from train.data.options import FilmConfig, parse_size
from train.errors import PicturesError
from train.images.contact_sheet import write_picture
from train.models.presets import check_size, natural_size
from train.pix2pix.metrics import SHEET_PAIRS, evenly_spaced, pairs_sheet, reduced_pictures
from train.pix2pix.pair_trainer import PairTrainer
from train.pix2pix.pairs import Direction, Pairs, Size, Use, read_pairs
from train.pix2pix.recipes import PICTURE_RECIPES, PictureRecipe
from train.pix2pix.translator import PICTURE_PRESETS, Reduction, TranslatorConfig
from train.pix2pix.validation import HeldOutValidation
from train.runtime.device import choose_device
from train.runtime.distributed import join_team
from train.runtime.interrupt import interruptible, progress_bar
from train.runtime.output_folder import check_name
from train.runtime.run_folder import PictureFacts, Run
from train.runtime.run_lock import only_training_in
from train.training.loop import learn
from train.training.options import Budget
from train.training.trainer import TrainingConfig
from train.watching.options import NO_PAGE, Page
from train.watching.watched import watched

SQUARE_TOLERANCE = 0.02  # relative difference between the sides of a picture that still counts as square


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
    *,
    page: Page = NO_PAGE,
) -> None:
    """Read the pictures, hold out a tenth, and train or resume a training, with samples on the way."""
    if config.end is not None or config.stride is not None:
        raise PicturesError("--end and --stride are for a film; leave them out")
    recipe = PICTURE_RECIPES[recipe_name]
    shape = TranslatorConfig(use, recipe.network, PICTURE_PRESETS[preset].channels)
    check_name(out)
    run = Run(out)
    with (
        interruptible() as asked,
        watched(run, page, console, asked) as board,
        join_team(choose_device(budget.device)) as (team, device),
        ExitStack() as held,
    ):
        if not team.leads:
            console = Console(quiet=True)

        def choose_size(first: Size) -> Size:
            size = parse_size(config.size) if config.size else _default_size(first, shape, PICTURE_PRESETS[preset].side)
            check_size(size, shape)
            return size

        with progress_bar("reading", console, asked) as on_progress:
            pairs = read_pairs(folder, use, direction, config.fit, choose_size, on_progress)
        if team.leads:
            held.enter_context(only_training_in(out))
            facts = _facts(pairs, folder, direction, config)
            board.title = facts.title
            run.save_facts(facts, _settings(recipe_name, recipe, shape, training_config))
            indices = evenly_spaced(pairs.held_out_indices, SHEET_PAIRS)
            run.save_examples(pairs.a[indices], pairs.b[indices])
            _report_pairs(pairs, facts, run, shape, console)
        team.wait()
        trainer = PairTrainer(training_config, recipe, shape, pairs, device, bf16=budget.bf16(device), team=team)
        learn(trainer, run, lambda: HeldOutValidation(trainer, pairs), budget, console, asked, board)


def _default_size(first: Size, shape: TranslatorConfig, side: int) -> Size:
    """Return a square for square pictures and the paper's network, else about as many pixels in the pictures' shape."""
    if shape.network == "unet256" or abs(first[0] / first[1] - 1) <= SQUARE_TOLERANCE:
        return side, side
    return natural_size(first, shape.multiple, side * side)


def _settings(name: str, recipe: PictureRecipe, shape: TranslatorConfig, config: TrainingConfig) -> dict[str, Any]:
    fields = asdict(recipe)
    del fields["defaults"]
    return {"recipe": {"name": name, **fields}, "generator": asdict(shape), "training": asdict(config)}


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
        held_out=len(pairs.held_out_indices),
    )


def _report_pairs(pairs: Pairs, facts: PictureFacts, run: Run, shape: TranslatorConfig, console: Console) -> None:
    width, height = facts.size
    console.print(pairs.summary)
    way = {"pairs": {"AtoB": "A → B", "BtoA": "B → A"}[facts.direction], "pictures": "camera → pictures"}[pairs.use]
    console.print(
        f"{facts.title}: {facts.count} {pairs.use}, {way}, at {width}x{height}; "
        f"{facts.held_out} of them are held out for validation"
    )
    indices = evenly_spaced(pairs.train_indices, SHEET_PAIRS)
    inputs = reduced_pictures(Reduction(shape.use), pairs.a[indices])
    write_picture(run.folder / "pairs.png", pairs_sheet({"input": inputs, "target": list(pairs.b[indices])}))
    console.print(f"contact sheet: {run.folder / 'pairs.png'}")
