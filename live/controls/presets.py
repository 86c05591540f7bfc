"""Presets: TOML files with the parameters' names as keys, 1.toml … 9.toml in a folder.

A table `[modulation]` may bind parameters to sources.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from live.controls.control import Parameter
from live.controls.table import MOST_MODELS, PARAMETERS
from live.errors import PresetError
from live.files import read_toml, write_atomically
from live.modulation.binding import Binding, Bindings, read_binding

LONGEST_GLIDE = 3600
"""Seconds."""
_PARAMETERS = {parameter.name: parameter for parameter in PARAMETERS}


@dataclass(frozen=True)
class Preset:
    """Values for some or all parameters."""

    values: Mapping[str, float]
    glide: float = 0.0
    """Seconds over which the parameters move to their values."""
    modulation: Bindings = field(default_factory=dict)
    """Bindings of parameters to sources. Parameters that have a value and no binding are not modulated."""
    model: int | None = None
    """Number of the model to play; None for whichever plays."""


def read_preset(path: Path) -> Preset:
    """Read a preset.

    Raises:
        PresetError: The file is missing, or holds anything but parameters in their range.
    """
    preset = _read(path)
    if preset is None:
        raise PresetError(f"there is no preset {path}; give --preset a file that exists, or leave it out")
    return preset


class Presets:
    """Presets of a folder. Remembers the two that were recalled last.

    Args:
        folder: The folder.
        present: Number of the one that was recalled last; None if there was none.
        other: Number of the one before it; None if there was none.
    """

    def __init__(self, folder: Path, present: int | None = None, other: int | None = None) -> None:
        self._folder = folder
        self._present = present
        self._other = other

    @property
    def recalled(self) -> tuple[int | None, int | None]:
        """Number of the preset that was recalled last, and of the one before it; None where there was none."""
        return self._present, self._other

    def stored(self) -> frozenset[int]:
        """Return the numbers of the presets that have a file."""
        return frozenset(number for number in range(1, 10) if os.path.exists(self._path(number)))

    def recall(self, number: int) -> Preset:
        """Read preset `number`, 1…9.

        Raises:
            PresetError: There is none, or it cannot be used.
        """
        path = self._path(number)
        preset = _read(path)
        if preset is None:
            raise PresetError(f"there is no preset {path}; Shift and its number stores one")
        if number != self._present:
            self._present, self._other = number, self._present
        return preset

    def recall_other(self) -> Preset:
        """Read the preset that was recalled before the present one.

        Raises:
            PresetError: There is none, or it cannot be used.
        """
        if self._other is None:
            raise PresetError("only one preset or none was recalled yet; recall two, then go back and forth")
        return self.recall(self._other)

    def store(
        self, number: int, values: Mapping[str, float], modulation: Bindings | None = None, model: int | None = None
    ) -> Path:
        """Write values and bindings as preset `number`, 1…9, and return its path. A glide that was in the file stays.

        Args:
            number: Number of the preset.
            values: Values by name.
            modulation: Bindings of parameters to sources.
            model: Number of the model that plays; None keeps the one that was in the file.

        Raises:
            OutputError: The file cannot be written.
            PresetError: The file there is not a preset; it is kept.
        """
        path = self._path(number)
        present = _read(path)
        glide = present.glide if present else 0.0
        lines = [f"{name} = {_in_toml(_PARAMETERS[name], value)}\n" for name, value in values.items()]
        if glide:
            lines.insert(0, f"glide = {glide!r}\n")
        model = present.model if present and model is None else model
        if model is not None:
            lines.insert(0, f"model = {model}\n")
        if modulation:
            lines += ["\n[modulation]\n", *(f"{name} = {binding.toml()}\n" for name, binding in modulation.items())]
        write_atomically(path, "".join(lines))
        return path

    def _path(self, number: int) -> Path:
        return self._folder / f"{number}.toml"


def _in_toml(parameter: Parameter, value: float) -> str:
    return f'"{parameter.text(value)}"' if parameter.choices else parameter.text(value)


def _read(path: Path) -> Preset | None:
    """Read a preset; return None if the file is missing."""
    try:
        given = read_toml(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise PresetError(f"the preset {path} cannot be read ({error.strerror}); give another") from error
    except ValueError as error:
        raise PresetError(f"the preset {path} is not TOML ({' '.join(str(error).split())}); fix it") from error
    glide = given.pop("glide", 0.0)
    if type(glide) not in (int, float) or not 0 <= glide <= LONGEST_GLIDE:
        raise PresetError(f"the preset {path}: glide is {glide!r}; give seconds from 0 to {LONGEST_GLIDE}")
    model = given.pop("model", None)
    if model is not None and (type(model) is not int or not 1 <= model <= MOST_MODELS):
        raise PresetError(f"the preset {path}: model is {model!r}; give a number from 1 to {MOST_MODELS}")
    try:
        modulation = read_modulation(given.pop("modulation", {}))
    except ValueError as error:
        raise PresetError(f"the preset {path}: modulation{error}; see docs/performing.md") from error
    values = {}
    for name, value in given.items():
        if name not in _PARAMETERS:
            raise PresetError(f"the preset {path}: there is no parameter {name}; see --list-controls")
        try:
            values[name] = _PARAMETERS[name].read([value])
        except ValueError as error:
            raise PresetError(f"the preset {path}: {name}: {error}; see --list-controls") from error
    return Preset(values, float(glide), modulation, model)


def read_modulation(given: object) -> Bindings:
    """Read the bindings of a table of TOML or JSON.

    Raises:
        ValueError: They are no bindings of parameters. The message is the end of a sentence.
    """
    if not isinstance(given, dict):
        raise ValueError(" is no table; write [modulation] above the parameters that move")
    return {name: _read_binding(name, value) for name, value in given.items()}


def _read_binding(name: str, value: Any) -> Binding:
    parameter = _PARAMETERS.get(name)
    if parameter is None:
        raise ValueError(f": there is no parameter {name}")
    if parameter.choices:
        raise ValueError(f": {name} is a choice, and has nothing to move between")
    try:
        binding = read_binding(value)
    except ValueError as error:
        raise ValueError(f" of {name}: {error}") from error
    span = parameter.high - parameter.low
    if abs(binding.depth) > span:
        raise ValueError(f" of {name}: depth is {binding.depth:g}; give a number from {-span:g} to {span:g}")
    return binding
