"""The case that is examined: the show as asked, and the machine."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from live.bundle.bundle import Bundle
from live.display.screens.display_facts import DisplayFacts
from live.paths import home_folder
from live.settings import Settings

# Programs of the system answer in milliseconds. One that hangs is given up.
ANSWER_SECONDS = 5.0


@dataclass(frozen=True)
class Machine:
    """The machine, as its files and programs describe it."""

    root: Path = Path("/")
    """Folder that holds /proc, /sys, /etc and /dev."""
    system: str = sys.platform
    """Operating system, as `sys.platform` names it."""
    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    """Environment variables. PATH leads to the programs that are asked."""
    cores: int = field(default_factory=lambda: os.cpu_count() or 1)
    """Number of logical cores."""

    @property
    def is_linux(self) -> bool:
        """True on Linux, the only system whose files and programs are read."""
        return self.system == "linux"

    @property
    def config_home(self) -> Path:
        """Folder of the user's settings."""
        given = self.environment.get("XDG_CONFIG_HOME")
        return Path(given) if given else Path(self.environment.get("HOME") or home_folder()) / ".config"

    def path(self, place: str) -> Path:
        """Return the path of an absolute place, such as "/proc/version"."""
        return self.root / place.lstrip("/")

    def read(self, place: str | Path) -> str:
        """Return the text of a file without the space around it; empty if it cannot be read."""
        path = self.path(place) if isinstance(place, str) else place
        try:
            return path.read_text(encoding="utf-8", errors="replace").strip()
        except OSError:
            return ""

    def has_program(self, name: str) -> bool:
        """Return True if PATH leads to a program of this name."""
        return shutil.which(name, path=self.environment.get("PATH")) is not None

    def ask(self, name: str, *arguments: str) -> str | None:
        """Return what a program prints on stdout; None if it is missing, fails or does not answer in time."""
        program = shutil.which(name, path=self.environment.get("PATH"))
        if program is None:
            return None
        try:
            done = subprocess.run(
                [program, *arguments],
                env=dict(self.environment),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=ANSWER_SECONDS,
                check=True,
            )
        except (OSError, subprocess.SubprocessError):
            return None
        return done.stdout.decode(errors="replace").strip()


@dataclass
class Case:
    """Show and machine, and what earlier checks learned for later ones."""

    settings: Settings
    machine: Machine = field(default_factory=Machine)
    bundle: Bundle | None = None
    """The bundle, once it is read."""
    display: DisplayFacts | None = None
    """The display, once a window was opened on it."""
