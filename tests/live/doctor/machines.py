"""Machines of the tests: a folder that stands for /, with the files and programs that a test puts there."""

from pathlib import Path

from live.doctor.case import Case, Machine
from live.settings import parse_settings


class FakeMachine:
    """A folder with the files and programs of a machine.

    Args:
        folder: The folder.
        system: Operating system, as `sys.platform` names it.
        cores: Number of logical cores.
    """

    def __init__(self, folder: Path, *, system: str = "linux", cores: int = 4) -> None:
        self.root = folder / "machine"
        self._programs = folder / "programs"
        self._programs.mkdir()
        self.root.mkdir()
        self.environment = {"PATH": str(self._programs), "HOME": str(self.root / "home")}
        self._system, self._cores = system, cores

    def write(self, place: str, text: str = "") -> Path:
        """Write a file, such as "/proc/self/cgroup"."""
        path = self.root / place.lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def link(self, place: str, target: str) -> None:
        """Make a link to another place, or to any text."""
        path = self.root / place.lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.symlink_to(target)

    def program(self, name: str, prints: str = "", *, code: int = 0) -> None:
        """Make a program that prints a text."""
        path = self._programs / name
        path.write_text(f"#!/bin/sh\nwhile read -r line; do echo \"$line\"; done <<'END'\n{prints}\nEND\nexit {code}\n")
        path.chmod(0o755)

    def case(self, *arguments: object) -> Case:
        """Return the case of a show on this machine."""
        settings = parse_settings([*map(str, arguments)])
        assert settings is not None
        return Case(settings, Machine(self.root, self._system, self.environment, self._cores))
