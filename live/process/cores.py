"""Number of processor cores that this process may use."""

import math
import os
from collections.abc import Iterator
from pathlib import Path

CGROUPS = Path("/sys/fs/cgroup")
OWN_CGROUPS = Path("/proc/self/cgroup")


def usable_cores(cgroups: Path = CGROUPS, own: Path = OWN_CGROUPS) -> int:
    """Return the number of cores, at least 1. In a container these are fewer than the machine has.

    A container that may use half a core has one, by a quota of its time: more threads would only be made to wait.

    Args:
        cgroups: Where Linux shows the control groups.
        own: File with the control groups of this process.
    """
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min([cores, *(math.ceil(quota) for quota in _quotas(cgroups, own))]))


def _quotas(cgroups: Path, own: Path) -> Iterator[float]:
    """Yield each limit of the processor time, in cores: of the process's control group, and of those around it."""
    for line in _read(own).splitlines():
        number, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        if number == "0":  # version 2: all controllers in one tree
            root = cgroups
        elif "cpu" in controllers.split(","):  # version 1
            root = cgroups / "cpu"
        else:
            continue
        # Inside of a container, the path may be that outside of it, which is not there: then the root is its own group.
        group = root / path.lstrip("/")
        for folder in (group, *group.parents):
            if number == "0":
                limit = _read(folder / "cpu.max").split()
            else:
                limit = [*_read(folder / "cpu.cfs_quota_us").split(), *_read(folder / "cpu.cfs_period_us").split()]
            if len(limit) == 2 and all(each.isdecimal() for each in limit) and int(limit[1]):  # "max" and -1: none
                yield int(limit[0]) / int(limit[1])
            if folder == root:
                break


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
