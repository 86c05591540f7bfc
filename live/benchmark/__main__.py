"""`python -m live.benchmark`: one table of all that the stage's speed is judged by."""

import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from cyclopts import App, CycloptsError, Parameter
from cyclopts.validators import Number
from rich.console import Console

from live.benchmark import network, stage
from live.benchmark.machine import machine
from live.benchmark.options import every_option
from live.benchmark.report import Part, print_report, write_report
from live.bundle.bundle import Bundle, read_bundle
from live.console import report
from live.errors import SettingsError, ShowError
from live.option_types import WholeNumber
from live.settings import DEFAULT_MODEL

USER_ERROR_EXIT_CODE = 2

app = App(
    name="python -m live.benchmark",
    help="Measure how fast the stage is on this machine, beside what it is to be measured by.",
    help_format="plaintext",
    version_flags=(),
    result_action="return_value",
)


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What is measured, and for how long."""

    model: Annotated[Path, Parameter(show_default=lambda _: "models/hats")] = DEFAULT_MODEL
    """The model: a folder that `python -m train export` wrote."""
    seconds: float = 10.0
    """How long each comparison takes, about."""
    out: Path | None = None
    """JSON file to write all figures to."""

    def __post_init__(self) -> None:
        if not 0 < self.seconds <= 3600:
            raise SettingsError(f"--seconds is {self.seconds:g}; give seconds above 0, 3600 at most")
        if self.out is not None and (self.out.is_dir() or not self.out.parent.is_dir()):
            raise SettingsError(f"--out {self.out}: give the name of a file in a folder that exists")


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure as command line `arguments` say (default: the process's own) and return the exit code, 2 for an error."""
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
def everything(
    *,
    wanted: Wanted | None = None,
    virtual_camera: str | None = None,
    memory_frames: Annotated[WholeNumber, Parameter(validator=Number(gte=100))] = 3000,
) -> None:
    """Measure the network by itself and the whole show.

    Parameters
    ----------
    virtual_camera:
        A virtual camera's device: the whole show is shown on it, too.
    memory_frames:
        Frames of the show whose memory is watched.
    """
    wanted = wanted or Wanted()
    bundle, seconds = read_bundle(wanted.model, 0), wanted.seconds

    def parts() -> Iterator[Part]:
        yield network.beside_the_unet(bundle, seconds)
        yield network.beside_the_peak(bundle, seconds)
        yield network.bound_beside_numpy(bundle, seconds)
        yield network.every_provider(bundle, seconds)
        if "context" in bundle.graph.inputs:
            yield stage.whole_show(wanted.model, bundle, seconds, virtual_camera)
            yield stage.start_up(wanted.model)
            yield stage.memory(wanted.model, bundle, memory_frames)

    _measure(parts(), wanted, bundle)


@app.command
def options(*, wanted: Wanted | None = None) -> None:
    """Measure what each session option of the CPU is worth."""
    wanted = wanted or Wanted()
    bundle = read_bundle(wanted.model, 0)
    _measure(every_option(bundle, wanted.seconds), wanted, bundle)


def _measure(parts: Iterable[Part], wanted: Wanted, bundle: Bundle) -> None:
    measured = list(parts)
    known = machine()
    print_report(measured, known, float(bundle.frame_rate), Console())
    if wanted.out:
        facts = {"model": bundle.name, "size": [bundle.graph.width, bundle.graph.height], "machine": known}
        write_report(wanted.out, measured, facts)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
