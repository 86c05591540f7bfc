"""The studio's commands: `python -m train fit | export | evaluate | sample-film`."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import App, CycloptsError, Parameter
from rich.console import Console
from rich.progress import Progress

from train.data.options import FilmConfig, parse_size
from train.errors import OutputError, PicturesError, RecipeError, TrainError
from train.evaluation.options import EvaluateConfig
from train.pix2pix.fit import fit_pictures
from train.pix2pix.pairs import Direction, Use
from train.pix2pix.recipes import DEFAULT_PICTURE_RECIPES, PICTURE_RECIPES
from train.training.fit import fit
from train.training.loop import Budget
from train.training.recipes import DEFAULT, RECIPES
from train.training.trainer import TrainingConfig, TrainingOptions

app = App(
    name="python -m train",
    help=(
        "Turn a film into a small network that goes on dreaming it, and export it for the stage. "
        "With --debug, errors show their traceback."
    ),
    version_flags=[],
)

Flat = Parameter(name="*")


def console() -> Console:
    """Plain lines: what a film is called is not markup, and a command to copy is not wrapped."""
    return Console(markup=False, emoji=False, highlight=False, soft_wrap=True)


def _known_recipe(name: str, recipes: Iterable[str]) -> str:
    if name not in recipes:
        raise RecipeError(f"there is no recipe {name}; there are {', '.join(recipes)}")
    return name


@app.command(name="fit")
def fit_command(
    film: Path | None = None,
    *,
    pairs: Path | None = None,
    pictures: Path | None = None,
    direction: Direction | None = None,
    out: Path,
    preset: Literal["small", "medium", "large"] = "small",
    recipe: str | None = None,
    film_config: Annotated[FilmConfig, Flat] = FilmConfig(),  # noqa: B008
    budget: Annotated[Budget, Flat] = Budget(),  # noqa: B008
    options: Annotated[TrainingOptions, Flat] = TrainingOptions(),  # noqa: B008
) -> None:
    """Train a generator on a film, on pairs of pictures, or on pictures, and sample as it goes.

    Of a film the story is found, and the generator goes on from its end. Of pairs it learns to make B of A, of
    pictures to make one of what a camera sees. The same command goes on where an interrupted one left off.

    Parameters
    ----------
    film
        Any video file that FFmpeg decodes, or a GIF.
    pairs
        Folder of pictures A|B side by side, or of two folders whose pictures have equal names.
    pictures
        Folder of pictures.
    direction
        Which side of the pairs is seen, and which is to be made of it; default: AtoB.
    out
        Run folder: checkpoint, samples, TensorBoard scalars, story.png or pairs.png.
    preset
        Size of picture and network: small (256x144, of square pictures 256x256) for a CPU stage, medium (512x288)
        and large (768x432) for a GPU.
    recipe
        How to train; default: guided, of pairs hinge, of pictures loose. The others are there to be compared
        (docs/continuation.md, docs/pairs.md).
    """
    if [film, pairs, pictures].count(None) != 2:
        raise PicturesError("give one of a FILM, --pairs DIR and --pictures DIR")
    if direction and not pairs:
        raise PicturesError("--direction is for --pairs DIR, which have two sides; leave it out")
    if film:
        recipe = _known_recipe(recipe or DEFAULT, RECIPES)
        fit(film, out, film_config, preset, recipe, options.over(TrainingConfig()), budget, console())
        return
    sources: dict[Use, Path | None] = {"pairs": pairs, "pictures": pictures}
    use, folder = next((use, folder) for use, folder in sources.items() if folder)
    recipe = _known_recipe(recipe or DEFAULT_PICTURE_RECIPES[use], PICTURE_RECIPES)
    training = options.over(PICTURE_RECIPES[recipe].defaults)
    fit_pictures(folder, use, direction or "AtoB", out, film_config, preset, recipe, training, budget, console())


@app.command(name="export")
def export_command(run: Path, *, out: Path, overwrite: bool = False) -> None:
    """Write the bundle of a run for the stage, and check it against the checkpoint.

    Parameters
    ----------
    run
        Run folder that `fit` made.
    out
        Bundle folder to write.
    overwrite
        Replace the bundle that is there.
    """
    # onnx and onnxruntime are not needed to train
    from train.export.export import export_film
    from train.pix2pix.export import export_pictures
    from train.runtime.run_folder import FilmFacts, Run

    folder = Run(run)
    facts, settings = folder.load_facts()
    if isinstance(facts, FilmFacts):
        export_film(folder, facts, settings, out, console(), overwrite=overwrite)
    else:
        export_pictures(folder, facts, settings, out, console(), overwrite=overwrite)


@app.command(name="evaluate")
def evaluate_command(
    *paths: Path,
    out: Path,
    pairs: Path | None = None,
    config: Annotated[EvaluateConfig, Flat] = EvaluateConfig(),  # noqa: B008
    overwrite: bool = False,
) -> None:
    """Measure whether continuations live: BUNDLE... FILM. Or how true pictures are: BUNDLE... --pairs DIR.

    Several bundles are compared. Beside them stand two that certainly do not live, a film frame held and the film
    replayed; or two that certainly have learnt nothing, the mean picture and the input.

    Parameters
    ----------
    paths
        One bundle or more, and last, if it was made of one, the film.
    out
        Report folder: figures.json, contact-sheet.png; of a film also curves.png and a video of each first rollout.
    pairs
        Folder of pairs to hold the bundles against. Of the folder that they were made of, those that were kept aside.
    overwrite
        Replace the report that is there.
    """
    from train.evaluation.evaluate import evaluate, split_paths  # nor are matplotlib and onnxruntime

    if pairs:
        from train.pix2pix.evaluate import evaluate_pairs

        if not paths:
            raise OutputError("give one bundle or more: evaluate BUNDLE... --pairs DIR")
        evaluate_pairs(paths, pairs, out, console(), overwrite=overwrite)
        return
    bundles, film = split_paths(paths)
    evaluate(bundles, film, out, config, console(), overwrite=overwrite)


@app.command(name="sample-film")
def sample_film_command(path: Path, *, size: str = "768x432", overwrite: bool = False) -> None:
    """Draw our own film: hats, wind, and a hill by the sea.

    Parameters
    ----------
    path
        Matroska file to write.
    size
        Picture size as WIDTHxHEIGHT, 16:9.
    overwrite
        Replace the file that is there.
    """
    from train.sample_film import FRAME_COUNT, draw_film

    if path.exists() and not overwrite:
        raise OutputError(f"{path} exists already; give another name, or --overwrite to replace it")
    width, height = parse_size(size)
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("drawing", total=FRAME_COUNT)
        draw_film(path, size=(width, height), on_frame=lambda done, total: progress.update(task, completed=done))
    print(f"{path}: {FRAME_COUNT} frames")


def main(arguments: list[str] | None = None) -> int:
    """Run a command; the exit code. What a user can mend is one line and 2; `--debug` shows the traceback."""
    words = sys.argv[1:] if arguments is None else list(arguments)
    debug = "--debug" in words
    words = [word for word in words if word != "--debug"]
    try:
        app(words, exit_on_error=False, print_error=False, result_action="return_value")
    except (TrainError, CycloptsError, OSError) as error:
        if debug:
            raise
        print(f"train: error: {' '.join(str(error).split())}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
