"""Sinks for other programs: NDI, Spout and Syphon."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from importlib.util import find_spec

from live.errors import OutputError
from live.outputs.devices import ndi, spout, syphon
from live.outputs.devices.sink import DeviceSink, Rates
from live.outputs.options import HIGHEST_RATE, SharingOptions

DEFAULT_NAME = "Ninety Seconds After"


@dataclass(frozen=True)
class Way:
    """A way to hand the picture on."""

    name: str
    option: str
    """The field of `SharingOptions`, and the extra that brings the library."""
    library: str
    """Module that must be there."""
    package: str
    """Its name on PyPI."""
    system: str | None
    """The only system that has it, as `sys.platform` names it; None if all have."""
    advice: str
    """Remedy for a failure."""

    def advise(self, reason: str) -> str:
        """Return what to do about a failure."""
        return self.advice


WAYS = (
    Way("NDI", "ndi", "cyndilib", "cyndilib", None, "check that this machine is in a network"),
    Way("Spout", "spout", "SpoutGL", "SpoutGL", "win32", "check the graphics driver, which must have DirectX 11"),
    Way("Syphon", "syphon", "syphon", "syphon-python", "darwin", "check that this Mac has Metal"),
)


def open_sharing(
    options: SharingOptions, frame_rate: Fraction, *, smooth: bool, system: str = sys.platform
) -> list[DeviceSink]:
    """Open the sinks that the options ask for.

    Args:
        options: The names under which the picture is shared.
        frame_rate: Frames a second of the show.
        smooth: True to cross-fade the pictures, sixty a second.
        system: Operating system, as `sys.platform` names it.

    Raises:
        OutputError: The system or its library is missing.
    """
    rate = Fraction(HIGHEST_RATE) if smooth else min(frame_rate, Fraction(HIGHEST_RATE))
    asked = [(way, name) for way in WAYS if (name := getattr(options, way.option))]
    for way, _ in asked:
        check_way(way, system)
    targets: dict[str, tuple[Callable[..., None], tuple[object, ...]]] = {
        "ndi": (ndi.run, (rate,)),
        "spout": (spout.run, ()),
        "syphon": (syphon.run, ()),
    }
    sinks = []
    for way, name in asked:
        target, further = targets[way.option]
        arguments = (DEFAULT_NAME if name is True else name, *further)
        rates = Rates(float(frame_rate), float(HIGHEST_RATE), smooth)
        sinks.append(DeviceSink(way.name, target, arguments, rates, way.advise))
    return sinks


def check_way(way: Way, system: str = sys.platform) -> None:
    """Check that this machine can have a sink.

    Raises:
        OutputError: It cannot.
    """
    if way.system and way.system != system:
        where = {"win32": "Windows", "darwin": "macOS"}[way.system]
        raise OutputError(f"--{way.option}: {way.name} is of {where} alone; leave it out")
    if find_spec(way.library) is None:
        raise OutputError(f'--{way.option} needs {way.package}; pip install -e ".[{way.option}]" brings it')
