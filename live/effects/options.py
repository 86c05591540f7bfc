"""Options of the effects on the shown picture."""

from dataclasses import dataclass
from pathlib import Path

from cyclopts import Parameter

from live.effects.cube_file import read_cube
from live.effects.lookup_table import LookupTable
from live.option_types import SHOW_GROUP


@Parameter(name="*", group=SHOW_GROUP)
@dataclass(frozen=True, kw_only=True)
class EffectOptions:
    """Files of the effects. Their parameters are controls."""

    lut: Path | None = None
    """.cube file of a 3D look-up table that grades the picture (parameter lut-mix)."""

    def lookup_table(self) -> LookupTable | None:
        """Read the table; return None if none was asked for. Raises `SettingsError` if it cannot be used."""
        return LookupTable(read_cube(self.lut)) if self.lut else None
