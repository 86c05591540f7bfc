"""Commands of the studio: `python -m train fit | export | evaluate | sample-film`."""

from __future__ import annotations

import atexit
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Literal

try:
    import torch
except ModuleNotFoundError:
    # The stage alone is installed.
    print('train: error: PyTorch is missing; in the project\'s folder: pip install ".[train]"', file=sys.stderr)
    raise SystemExit(2) from None
from cyclopts import App, CycloptsError, Group, Parameter
from rich.console import Console
from rich.progress import Progress

from live.process.cores import usable_cores
from train.console import accept_any_text, command_names
from train.data.options import FilmConfig, parse_size
from train.errors import OutputError, PicturesError, RecipeError, TrainError
from train.evaluation.options import EvaluateConfig
from train.pix2pix.fit import fit_pictures
from train.pix2pix.pairs import Direction, Use
from train.pix2pix.recipes import DEFAULT_PICTURE_RECIPES, PICTURE_RECIPES
from train.training.fit import fit
from train.training.options import Budget, TrainingOptions
from train.training.recipes import DEFAULT_RECIPE, RECIPES
from train.watching.options import Page

STUDIO, SHOW = command_names()

app = App(
    name=STUDIO,
    help="Train a small network that continues a film, export it for the stage, and measure it.",
    help_epilogue=(
        "Example, from a film to a show:\n\n"
        f"{STUDIO} fit FILM --out runs/mine\n\n"
        f"{STUDIO} export runs/mine --out models/mine\n\n"
        f"{SHOW} --model models/mine\n\n"
        "--debug, after any command, shows the traceback of an error."
    ),
    version_flags=[],
    default_parameter=Parameter(negative=(), json_list=False),  # the name of a film may begin with a bracket
)

SOURCE = Group("Source and output", sort_key=1)
NETWORK = Group("Network", sort_key=2)
READING = Group("Reading a film or pictures", sort_key=3)
BUDGET = Group("Duration and device", sort_key=4)
SETTINGS = Group("Training settings", sort_key=5)
ROLLOUTS = Group("Rollouts", sort_key=6)
PAGE = Group("Page", sort_key=7)
OUTPUT = Group("Output", sort_key=1)


def console() -> Console:
    """Return a console of plain lines: no markup in titles of films, and commands that can be copied unwrapped."""
    return Console(markup=False, emoji=False, highlight=False, soft_wrap=True)


def _check_recipe(name: str, recipes: Iterable[str]) -> str:
    if name not in recipes:
        raise RecipeError(f"there is no recipe {name}; choose one of {', '.join(recipes)}")
    return name


@app.command(
    name="fit",
    help_epilogue=(
        f"Example: {STUDIO} fit FILM --out runs/mine --minutes 480\n\nThe same command resumes an interrupted training."
    ),
)
def fit_command(
    *films: Annotated[Path, Parameter(group=SOURCE)],
    pairs: Annotated[Path | None, Parameter(group=SOURCE)] = None,
    pictures: Annotated[Path | None, Parameter(group=SOURCE)] = None,
    direction: Annotated[Direction | None, Parameter(group=SOURCE)] = None,
    out: Annotated[Path, Parameter(group=SOURCE)],
    preset: Annotated[Literal["small", "medium", "wall"] | None, Parameter(group=NETWORK)] = None,
    recipe: Annotated[str | None, Parameter(group=NETWORK)] = None,
    film_config: Annotated[FilmConfig, Parameter(name="*", group=READING)] = FilmConfig(),  # noqa: B008
    budget: Annotated[Budget, Parameter(name="*", group=BUDGET)] = Budget(),  # noqa: B008
    options: Annotated[TrainingOptions, Parameter(name="*", group=SETTINGS)] = TrainingOptions(),  # noqa: B008
    page: Annotated[Page, Parameter(name="*", group=PAGE)] = Page(),  # noqa: B008
) -> None:
    """Train a generator on a film or several, on pairs of pictures, or on pictures.

    From films, it learns to continue the last one after its end. From pairs, it learns to make picture B from
    picture A. From pictures, it learns to make such a picture from what a camera sees.

    Parameters
    ----------
    films
        Any video file that FFmpeg decodes, or a GIF. Several, or folders of them, follow one another in this order.
    pairs
        Folder of pictures A|B side by side, or of two folders whose pictures have equal names.
    pictures
        Folder of pictures.
    direction
        Side of the pairs that is the input, and side that is the output. Default: AtoB.
    out
        Run folder to write: checkpoint, samples, TensorBoard scalars, and story.png or pairs.png.
    preset
        Picture size and network, for the machine that plays it: small (256x144) for a weak one and for browsers, medium
        (768x432, default for films) for two good cores, wall (1280x720) for a GPU. For pairs and pictures: small
        (256x256, default), medium (512x512), wall (768x768). The recipe paper for a film has its own network and no
        preset.
    recipe
        How to train. For a film: guided (default), paper (pix2pix from frame to frame). For pairs and pictures: hinge
        (default for pairs), loose (default for pictures), paper. See docs/continuation.md and docs/pairs.md.
    """
    if [films or None, pairs, pictures].count(None) != 2:
        raise PicturesError("give one of a FILM, --pairs DIR and --pictures DIR")
    if direction and not pairs:
        raise PicturesError("--direction is for --pairs DIR, which have two sides; leave it out")
    if films:
        recipe = _check_recipe(recipe or DEFAULT_RECIPE, RECIPES)
        config = options.over(RECIPES[recipe].defaults)
        fit(films, out, film_config, preset, recipe, config, budget, console(), page=page)
        return
    sources: dict[Use, Path | None] = {"pairs": pairs, "pictures": pictures}
    use, folder = next((use, folder) for use, folder in sources.items() if folder)
    recipe = _check_recipe(recipe or DEFAULT_PICTURE_RECIPES[use], PICTURE_RECIPES)
    config = options.over(PICTURE_RECIPES[recipe].defaults)
    fit_pictures(
        folder,
        use,
        direction or "AtoB",
        out,
        film_config,
        preset or "small",
        recipe,
        config,
        budget,
        console(),
        page=page,
    )


@app.command(name="export", help_epilogue=f"Example: {STUDIO} export runs/mine --out models/mine")
def export_command(
    run: Annotated[Path, Parameter(group=SOURCE)],
    /,
    *,
    out: Annotated[Path, Parameter(group=SOURCE)],
    overwrite: Annotated[bool, Parameter(group=SOURCE, show_default=False)] = False,
    web: Annotated[Path | None, Parameter(group=PAGE)] = None,
    runtime: Annotated[Path | None, Parameter(group=PAGE)] = None,
) -> None:
    """Write the bundle of a run for the stage, and check it against the checkpoint.

    Parameters
    ----------
    run
        Run folder that `fit` wrote.
    out
        Bundle folder to write.
    overwrite
        Replace an existing bundle, and an existing page.
    web
        Also write a page to this folder, which plays the bundle in a browser (docs/web.md).
    runtime
        Unpacked npm package onnxruntime-web, which computes the network of the page. Its files are copied.
    """
    # Training needs neither onnx nor onnxruntime.
    from train.export.export import export_film
    from train.export.page import check_page, write_page
    from train.pix2pix.export import export_pictures
    from train.runtime.run_folder import FilmFacts, Run

    if web:
        check_page(web, overwrite=overwrite)
    elif runtime:
        raise OutputError("--runtime is for the page of --web FOLDER; add it, or leave --runtime out")
    folder = Run(run)
    facts, settings = folder.load_facts()
    if isinstance(facts, FilmFacts):
        export_film(folder, facts, settings, out, console(), overwrite=overwrite)
    else:
        export_pictures(folder, facts, settings, out, console(), overwrite=overwrite)
    if web:
        write_page(out, web, runtime, overwrite=overwrite)


@app.command(
    name="evaluate",
    help_epilogue=(
        f"Example: {STUDIO} evaluate models/mine FILM --out report\n\n"
        f"Example, for pairs: {STUDIO} evaluate models/tiles --pairs DIR --out report"
    ),
)
def evaluate_command(
    *paths: Annotated[Path, Parameter(group=SOURCE)],
    out: Annotated[Path, Parameter(group=SOURCE)],
    pairs: Annotated[Path | None, Parameter(group=SOURCE)] = None,
    config: Annotated[EvaluateConfig, Parameter(name="*", group=ROLLOUTS)] = EvaluateConfig(),  # noqa: B008
    overwrite: Annotated[bool, Parameter(group=SOURCE, show_default=False)] = False,
) -> None:
    """Measure how long continuations stay alive, or how close pictures come to the true ones.

    Several bundles are compared. For a film, the report also has two reference continuations: a held frame, and the
    film replayed. For pairs, it has two reference models that are not trained: the mean picture, and the input.

    Parameters
    ----------
    paths
        Bundles, and after them the film or films that `fit` was given, unless they were made from pairs.
    out
        Report folder to write: figures.json and contact-sheet.png; for a film also curves.png, a video of the first
        rollout of each bundle, and with several bundles side-by-side.mkv, a video of all of them.
    pairs
        Folder of pairs to compare with. Of the folder that the bundles were made from, only held-out pairs are used.
    overwrite
        Replace an existing report.
    """
    _keep_matplotlib_out_of_the_home_folder()
    from train.evaluation.evaluate import evaluate, split_paths  # training needs neither matplotlib nor onnxruntime

    if pairs:
        from train.pix2pix.evaluate import evaluate_pairs

        if not paths:
            raise OutputError("give one bundle or more: evaluate BUNDLE... --pairs DIR")
        evaluate_pairs(paths, pairs, out, console(), overwrite=overwrite)
        return
    bundles, films = split_paths(paths)
    evaluate(bundles, films, out, config, console(), overwrite=overwrite)


def _keep_matplotlib_out_of_the_home_folder() -> None:
    """Give Matplotlib a folder for its cache of fonts that goes with this process."""
    folder = TemporaryDirectory(prefix="ninety-seconds-after-")
    atexit.register(folder.cleanup)
    os.environ["MPLCONFIGDIR"] = folder.name


@app.command(name="sample-film", help_epilogue=f"Example: {STUDIO} sample-film hats.mkv")
def sample_film_command(
    path: Annotated[Path, Parameter(group=OUTPUT)],
    /,
    *,
    size: Annotated[str, Parameter(group=OUTPUT, metavar="WIDTHxHEIGHT")] = "768x432",
    overwrite: Annotated[bool, Parameter(group=OUTPUT, show_default=False)] = False,
) -> None:
    """Draw our own film: hats, wind, and a hill by the sea.

    Parameters
    ----------
    path
        Matroska file to write.
    size
        Picture size, 16:9.
    overwrite
        Replace an existing file.
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
    """Run a command and return its exit code: 2 after an error that the user can fix, which is shown as one line.

    `--debug` shows the traceback instead.
    """
    words = sys.argv[1:] if arguments is None else list(arguments)
    debug = "--debug" in words
    words = [word for word in words if word != "--debug"]
    accept_any_text()
    torch.set_num_threads(min(torch.get_num_threads(), usable_cores()))
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
