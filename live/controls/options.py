"""Options of parameters, presets, OSC and MIDI."""

from dataclasses import asdict, dataclass
from ipaddress import IPv4Network, ip_address
from pathlib import Path
from typing import Annotated

from cyclopts import Group
from cyclopts import Parameter as Option

from live.controls.control import Parameter
from live.controls.entries.feedback import Blend, FeedbackPlace
from live.controls.entries.grading import PictureMirror
from live.controls.table import CONTROLS
from live.errors import SettingsError
from live.option_types import Flag, read_address
from live.tempo.quantizer import Quantize


def _parameter(name: str) -> Parameter:
    parameter = CONTROLS[name]
    assert isinstance(parameter, Parameter)
    return parameter


def _option(name: str) -> Option:
    parameter = _parameter(name)
    meaning = parameter.meaning[0].upper() + parameter.meaning[1:]
    span = "" if parameter.choices else f"; {parameter.range}"
    return Option(help=f"{meaning}{span}. [default: {parameter.text(parameter.default)}]", show_default=False)


@Option(name="*", group=Group("Initial parameters", sort_key=2))
@dataclass(frozen=True, kw_only=True)
class ParameterOptions:
    """Values with which parameters begin. They overrule --preset; None leaves its value or the table's default."""

    temperature: Annotated[float | None, _option("temperature")] = None
    model_fade: Annotated[float | None, _option("model_fade")] = None
    speed: Annotated[float | None, _option("speed")] = None
    camera_mix: Annotated[float | None, _option("camera_mix")] = None
    feedback: Annotated[FeedbackPlace | None, _option("feedback")] = None
    zoom: Annotated[float | None, _option("zoom")] = None
    rotation: Annotated[float | None, _option("rotation")] = None
    shift_x: Annotated[float | None, _option("shift_x")] = None
    shift_y: Annotated[float | None, _option("shift_y")] = None
    hue_drift: Annotated[float | None, _option("hue_drift")] = None
    contrast_drift: Annotated[float | None, _option("contrast_drift")] = None
    trail: Annotated[float | None, _option("trail")] = None
    feedback_blend: Annotated[Blend | None, _option("feedback_blend")] = None
    camera_blend: Annotated[float | None, _option("camera_blend")] = None
    gain: Annotated[float | None, _option("gain")] = None
    gamma: Annotated[float | None, _option("gamma")] = None
    saturation: Annotated[float | None, _option("saturation")] = None
    hue: Annotated[float | None, _option("hue")] = None
    tint: Annotated[float | None, _option("tint")] = None
    tint_hue: Annotated[float | None, _option("tint_hue")] = None
    lut_mix: Annotated[float | None, _option("lut_mix")] = None
    picture_mirror: Annotated[PictureMirror | None, _option("picture_mirror")] = None
    kaleidoscope: Annotated[float | None, _option("kaleidoscope")] = None

    def __post_init__(self) -> None:
        _ = self.given()

    def given(self) -> dict[str, float]:
        """Return the values that were given, by name. Raises `SettingsError` if one is out of range."""
        return {name: _read(name, value) for name, value in asdict(self).items() if value is not None}


def _read(name: str, value: float | str) -> float:
    parameter = _parameter(name)
    try:
        return parameter.read([value])
    except ValueError as error:
        wanted = parameter.range.replace("…", " to ")
        raise SettingsError(f"--{name.replace('_', '-')} is {value:g}; give a number from {wanted}") from error


@Option(name="*", group=Group("Controls", sort_key=5))
@dataclass(frozen=True, kw_only=True)
class RemoteOptions:
    """Presets, and the controls of a show in a window besides its keys."""

    list_controls: Flag = False
    """Print every action and parameter with its keys, OSC address, type and range, and end."""
    preset: Path | None = None
    """TOML file of parameters to begin with."""
    presets: Path = Path("presets")
    """Folder of 1.toml … 9.toml: keys 1…9 recall them, with Shift they store."""
    osc: str | None = None
    """[HOST:]PORT at which to listen to OSC. Without HOST, only this machine is heard. Others need --osc-allow."""
    osc_allow: Annotated[tuple[str, ...], Option(consume_multiple=True, negative="", show_default=False)] = ()
    """Addresses and networks that OSC hears, such as 192.168.1.20 or 192.168.1.0/24. All others are ignored."""
    osc_all: Flag = False
    """Let other machines quit, record, save pictures, store presets, learn and switch fullscreen, too."""
    osc_query: str | None = None
    """[HOST:]PORT at which OSCQuery is answered over HTTP: what OSC can move, with ranges and values. Without HOST, on
    this machine only."""
    osc_feedback: str | None = None
    """HOST:PORT of a touch surface that follows: what changes is sent there, at the controls' own addresses."""
    midi: Annotated[bool | str, Option(show_default=False)] = False
    """MIDI device to listen to: its name or a part of it; without a name, the first one found."""
    midi_feedback: Annotated[bool | str, Option(show_default=False, metavar="[OUTPUT]")] = False
    """Send what changes to the MIDI device, for motor faders and lamps: to the output of this name, or without a name
    to that of --midi."""
    midi_map: Path | None = None
    """TOML file of the learned MIDI knobs. Default: midi.toml beside the presets."""
    link: Flag = False
    """Take the tempo from an Ableton Link session in the network while there is one."""
    quantize: Quantize = "none"
    """Moment for which reseeds, shots and presets wait: the next beat or bar of the tempo, or none."""

    def __post_init__(self) -> None:
        address, networks, surface = self.osc_address, self.osc_networks, self.osc_feedback_address
        for option, given in (("--osc", address), ("--osc-query", self.osc_query_address)):
            if given and not networks and not _is_this_machine(given[0]):
                raise SettingsError(
                    f"{option} {given[0]}:{given[1]} hears other machines; name them with --osc-allow, "
                    "as 192.168.1.20 or 192.168.1.0/24, or give the port alone"
                )
        if self.osc_query and not address:
            raise SettingsError("--osc-query tells what --osc can move; add --osc 9000")
        if self.midi_feedback and not self.midi:
            raise SettingsError("--midi-feedback moves what --midi has learned; add --midi")
        if address and surface and _reaches(surface, address):
            raise SettingsError(f"--osc-feedback {self.osc_feedback} is where --osc listens; give the surface's")

    @property
    def osc_address(self) -> tuple[str, int] | None:
        """(host, port) of --osc."""
        if self.osc is None:
            return None
        return read_address("--osc", self.osc)

    @property
    def osc_query_address(self) -> tuple[str, int] | None:
        """(host, port) of --osc-query."""
        return None if self.osc_query is None else read_address("--osc-query", self.osc_query)

    @property
    def osc_feedback_address(self) -> tuple[str, int] | None:
        """(host, port) of --osc-feedback."""
        if self.osc_feedback is None:
            return None
        return read_address("--osc-feedback", self.osc_feedback)

    @property
    def osc_networks(self) -> list[IPv4Network] | None:
        """Machines of --osc-allow; None if it was not given."""
        try:
            return [IPv4Network(text) for text in self.osc_allow] or None
        except ValueError as error:
            raise SettingsError(
                f"--osc-allow: {error}; give IPv4 addresses such as 192.168.1.20 or networks such as 192.168.1.0/24"
            ) from error

    @property
    def midi_map_path(self) -> Path:
        """File of the MIDI map."""
        return self.midi_map or self.presets / "midi.toml"


def _is_this_machine(host: str) -> bool:
    """Return whether a host is an address that no other machine can reach."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _reaches(surface: tuple[str, int], server: tuple[str, int]) -> bool:
    """Return whether what is sent to the surface would come back to the show."""
    (host, port), (own_host, own_port) = surface, server
    return port == own_port and (host == own_host or _is_this_machine(host))
