"""Processes that have a file of a device open. No device is opened for it."""

import contextlib
import os
from pathlib import Path

from live.doctor.case import Machine


def holders(machine: Machine, device: str) -> list[str]:
    """Return "name (PID)" of each other process that has `device` open, of those that this user may look into."""
    found = []
    for process in sorted(machine.path("/proc").glob("[0-9]*"), key=lambda path: int(path.name)):
        if int(process.name) != os.getpid() and _has_open(process, device):
            found.append(f"{machine.read(process / 'comm') or 'process'} ({process.name})")
    return found


def _has_open(process: Path, device: str) -> bool:
    try:
        descriptors = os.listdir(process / "fd")
    # It belongs to somebody else, or has just ended.
    except OSError:
        return False
    for descriptor in descriptors:
        # It may have been closed in the meantime.
        with contextlib.suppress(OSError):
            if os.readlink(process / "fd" / descriptor) == device:
                return True
    return False
