"""Options of parameters, presets, OSC and MIDI."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

from cyclopts import Group, Parameter

from live.controls.table import CONTROLS
from live.controls.table import Parameter as TurnedParameter
from live.errors import SettingsError
from live.option_types import Flag


def _from_the_table(name: str) -> Parameter:
    turned = CONTROLS[name]
    assert isinstance(turned, TurnedParameter)
    return Parameter(help=f"{turned.meaning}; {turned.range}. [default: {turned.default:g}]", show_default=False)


@Parameter(name="*", group=Group("Instrument", sort_key=2))
@dataclass(frozen=True, kw_only=True)
class ParameterSettings:
    """Where the parameters begin, over what --preset says; None: there, or at the default."""

    temperature: Annotated[float | None, _from_the_table("temperature")] = None
    speed: Annotated[float | None, _from_the_table("speed")] = None
    camera_mix: Annotated[float | None, _from_the_table("camera_mix")] = None
    zoom: Annotated[float | None, _from_the_table("zoom")] = None
    rotation: Annotated[float | None, _from_the_table("rotation")] = None
    shift_x: Annotated[float | None, _from_the_table("shift_x")] = None
    shift_y: Annotated[float | None, _from_the_table("shift_y")] = None
    hue_drift: Annotated[float | None, _from_the_table("hue_drift")] = None
    contrast_drift: Annotated[float | None, _from_the_table("contrast_drift")] = None
    camera_blend: Annotated[float | None, _from_the_table("camera_blend")] = None

    def __post_init__(self) -> None:
        for name, value in self.given().items():
            try:
                CONTROLS[name].read([value])
            except ValueError as error:
                turned = CONTROLS[name].range.replace("…", " to ")
                raise SettingsError(f"--{name.replace('_', '-')} is {value:g}; give a number from {turned}") from error

    def given(self) -> dict[str, float]:
        """Those that were given, by name."""
        return {name: value for name, value in asdict(self).items() if value is not None}


@Parameter(name="*", group=Group("Hands", sort_key=5))
@dataclass(frozen=True, kw_only=True)
class RemoteSettings:
    """What plays the show besides its keys, in a window."""

    list_controls: Flag = False
    """Print every action and parameter with its keys, OSC address, type and range, and do nothing else."""
    preset: Path | None = None
    """TOML file of parameters to begin with."""
    presets: Path = Path("presets")
    """Folder of 1.toml … 9.toml: keys 1…9 recall them, with Shift they store."""
    osc: str | None = None
    """[HOST:]PORT at which to listen to OSC. Without HOST nobody but this machine is heard."""
    midi: bool | str = False
    """MIDI device to listen to: its name or a part of it; without a name, the first there is."""
    midi_map: Path | None = None
    """TOML file in which is kept what the MIDI device's knobs were taught. Default: midi.toml beside the presets."""

    def __post_init__(self) -> None:
        _ = self.osc_address

    @property
    def osc_address(self) -> tuple[str, int] | None:
        """(host, port) of --osc."""
        if self.osc is None:
            return None
        host, _, port = self.osc.rpartition(":")
        if not port.isdecimal() or not 0 < int(port) < 65536:
            raise SettingsError(f"--osc is {self.osc}; give a port from 1 to 65535, or HOST:PORT")
        return host or "127.0.0.1", int(port)

    @property
    def midi_map_path(self) -> Path:
        """Where the MIDI map is kept."""
        return self.midi_map or self.presets / "midi.toml"
