"""`python -m live.benchmark`: all figures of the stage's speed, or the errors of its guard, with their targets."""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

from cyclopts import App, CycloptsError, Parameter
from cyclopts.validators import Number
from rich.console import Console

from live.benchmark import effects, guard, network, stage
from live.benchmark.machine import machine
from live.benchmark.report import Part, print_report, write_report
from live.bundle.bundle import Bundle, read_bundle
from live.console import accept_any_text, report
from live.errors import SettingsError, ShowError
from live.inference.trial.trial import try_networks
from live.option_types import WholeNumber, check_file_name
from live.settings import DEFAULT_MODEL

USER_ERROR_EXIT_CODE = 2
EXAMPLE = """\
Example, the shipped model and all figures in a file:
  python -m live.benchmark --out figures.json
Example, the errors of the collapse guard:
  python -m live.benchmark guard hats.mkv
"""

app = App(
    name="python -m live.benchmark",
    help="Measure how fast the stage is on this machine, and compare with the targets.",
    help_format="plaintext",
    help_epilogue=EXAMPLE,
    version_flags=(),
    result_action="return_value",
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure with command line arguments, by default those of the process.

    Returns:
        The exit code: 0, or 2 after an error that the user can fix.
    """
    accept_any_text()
    try:
        app(arguments, exit_on_error=False, print_error=False)
    except CycloptsError as error:
        report(SettingsError(f"{' '.join(str(error).split()).rstrip('.')}; see --help"))
        return USER_ERROR_EXIT_CODE
    except ShowError as error:
        report(error)
        return USER_ERROR_EXIT_CODE
    return 0


@app.default
def measure(
    *,
    model: Annotated[Path, Parameter(show_default=lambda _: "hats, as shipped")] = DEFAULT_MODEL,
    seconds: float = 10.0,
    virtual_camera: str | None = None,
    memory_frames: Annotated[WholeNumber, Parameter(validator=Number(gte=100))] = 3000,
    out: Path | None = None,
) -> None:
    """Measure the network by itself and the whole show.

    Parameters
    ----------
    model:
        The model: a folder that `python -m train export` wrote.
    seconds:
        Approximate seconds that each comparison takes.
    virtual_camera:
        Device of a virtual camera: also send the show to this device.
    memory_frames:
        Number of frames over which memory is measured.
    out:
        JSON file to write all figures to.
    """
    _check_seconds(seconds)
    check_file_name("--out", out)
    bundle = read_bundle(model, 0)
    try_networks(bundle)

    def parts() -> Iterator[Part]:
        yield network.beside_the_unet(bundle, seconds)
        yield network.beside_the_peak(bundle, seconds)
        yield network.bound_beside_numpy(bundle, seconds)
        yield network.every_provider(bundle, seconds)
        yield effects.beside_a_step(bundle, seconds)
        if "context" in bundle.graph.inputs:
            yield stage.whole_show(model, bundle, seconds, virtual_camera)
            yield stage.start_up(model)
            yield stage.memory(model, bundle, memory_frames)

    _report(bundle, list(parts()), out)


@app.command(name="guard")
def measure_guard(
    film: Path,
    *,
    model: Annotated[Path, Parameter(show_default=lambda _: "hats, as shipped")] = DEFAULT_MODEL,
    seconds: float = 3600.0,
    rollouts: Annotated[WholeNumber, Parameter(validator=Number(gte=1))] = 5,
    places: Annotated[WholeNumber, Parameter(validator=Number(gte=1))] = 60,
    out: Path | None = None,
) -> None:
    """Measure the errors of the collapse guard: false alarms, and delays on forced collapses.

    Parameters
    ----------
    film:
        The film that the model was made from.
    model:
        The model: a folder that `python -m train export` wrote.
    seconds:
        Length of the film's replay, again and again.
    rollouts:
        Number of continuations of 90 seconds.
    places:
        Number of places in the film at which each collapse is forced.
    out:
        JSON file to write all figures to.
    """
    _check_seconds(seconds)
    check_file_name("--out", out)
    bundle = read_bundle(model, 0)
    if not bundle.graph.context_frames:
        raise SettingsError(f"{model} continues no film; give --model a model that was made from a film")
    try_networks(bundle)
    signs, rate = guard.signs_of(bundle), bundle.frame_rate
    parts = [
        guard.replayed(signs, rate, guard.film_of(bundle, film, whole=True), seconds),
        guard.continued(bundle, rollouts),
        guard.collapsed(signs, rate, guard.film_of(bundle, film, whole=False), places),
    ]
    _report(bundle, parts, out)


def _check_seconds(seconds: float) -> None:
    if not 0 < seconds <= 3600:
        raise SettingsError(f"--seconds is {seconds:g}; give seconds above 0, 3600 at most")


def _report(bundle: Bundle, parts: list[Part], out: Path | None) -> None:
    known = machine()
    print_report(parts, known, float(bundle.frame_rate), Console())
    if out:
        facts = {"model": bundle.name, "size": [bundle.graph.width, bundle.graph.height], "machine": known}
        write_report(out, parts, facts)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
