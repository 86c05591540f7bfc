"""Checks of the system: clock, telemetry, and the start of the show with the machine."""

import ctypes
import re
from collections.abc import Callable, Iterator
from pathlib import Path

from live.doctor.case import Case, Machine
from live.doctor.finding import Finding, not_applicable, ok, warning

UNSYNCHRONISED = 0x40  # STA_UNSYNC
COMMAND = re.compile(r"run_live\.py|(?<=[/= ])ninety-seconds(?![\w-])")
UNIT_FOLDERS = ("/etc/systemd/system", "/etc/systemd/user", "/usr/lib/systemd/system", "/usr/lib/systemd/user")


class _Timex(ctypes.Structure):
    """The first fields of Linux's struct timex, and room for the others."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("frequency", ctypes.c_long),
        ("largest_error", ctypes.c_long),
        ("estimated_error", ctypes.c_long),
        ("status", ctypes.c_int),
        ("rest", ctypes.c_uint8 * 512),
    )


def kernel_clock_is_synchronised() -> bool | None:
    """Return what Linux knows of its clock; None if it does not tell. The clock is not touched."""
    try:
        read = ctypes.CDLL(None).adjtimex
    except (OSError, AttributeError):
        return None
    timex = _Timex()
    return None if read(ctypes.byref(timex)) < 0 else not timex.status & UNSYNCHRONISED


def check_clock(case: Case, synchronised: Callable[[], bool | None] = kernel_clock_is_synchronised) -> Finding:
    """Check that the clock follows a time server: names of files and the log's times depend on it."""
    if not case.machine.is_linux:
        return not_applicable("looked up on Linux alone")
    known = synchronised()
    if known is None:
        return not_applicable("the system does not tell")
    if known:
        return ok("synchronised")
    return warning("not synchronised: the log's times may be wrong", "sudo timedatectl set-ntp true")


def check_telemetry(case: Case) -> Finding:
    """Check that ONNX Runtime sends nothing."""
    if case.machine.environment.get("ORT_DISABLE_TELEMETRY") == "1":
        return ok("off (ORT_DISABLE_TELEMETRY=1)")
    return warning("ONNX Runtime may send telemetry", "export ORT_DISABLE_TELEMETRY=1")


def check_autostart(case: Case) -> Finding:
    """Look for what starts the show with the machine: a unit of systemd, or an entry of the desktop."""
    machine = case.machine
    if not machine.is_linux:
        return not_applicable("looked up on Linux alone")
    entries = [path for path in _files(machine.config_home / "autostart", "*.desktop") if _starts_show(machine, path)]
    if entries:
        return ok(f"the desktop starts it ({entries[0].name})")
    own = machine.config_home / "systemd" / "user"
    folders = [own, *map(machine.path, UNIT_FOLDERS)]
    units = [path for folder in folders for path in _files(folder, "*.service") if _starts_show(machine, path)]
    for unit in units:
        if any(folder.joinpath(unit.name).is_symlink() for parent in folders for folder in _wants(parent)):
            return ok(f"systemd starts it ({unit.name})")
    if units:
        user = "--user " if units[0].parent.name == "user" else ""
        sudo = "" if user else "sudo "
        return warning(f"{units[0].name} is not enabled", f"{sudo}systemctl {user}enable {units[0].name}")
    if not machine.path("/run/systemd/system").is_dir():
        return not_applicable("no systemd runs here, and the desktop starts nothing of it")
    return warning(
        "nothing starts the show with the machine",
        f"write {own / 'show.service'} with its command as ExecStart, then systemctl --user enable show",
    )


def _starts_show(machine: Machine, path: Path) -> bool:
    lines = machine.read(path).splitlines()
    return any(line.startswith(("ExecStart=", "Exec=")) and COMMAND.search(line) for line in lines)


def _wants(folder: Path) -> Iterator[Path]:
    yield from _files(folder, "*.wants")
    yield from _files(folder, "*.requires")


def _files(folder: Path, pattern: str) -> list[Path]:
    return sorted(folder.glob(pattern))
