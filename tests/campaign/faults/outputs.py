"""Faults of the virtual camera. Each needs a driver that this machine may not have."""

import errno
import os
import signal
import time
from functools import partial
from pathlib import Path

from tests.campaign.runner import Fault
from tests.campaign.stage import Stage


def _fail(where: str, number: int, stage: Stage) -> None:
    if stage.virtual_camera:
        stage.virtual_camera.fail(where, number)


def _cure(stage: Stage) -> None:
    if stage.virtual_camera:
        stage.virtual_camera.clear_faults()


def _kill_process(stage: Stage) -> None:
    """Kill the process that writes to the device."""
    if stage.virtual_camera:
        device = str(stage.virtual_camera.device)
        for link in Path("/proc").glob("[0-9]*/fd/*"):
            try:
                holder = os.readlink(link) == device
            except OSError:
                continue
            if holder:
                os.kill(int(link.parts[2]), signal.SIGKILL)


def _gets_frames(stage: Stage) -> bool:
    """Return whether the device is written to."""
    camera = stage.virtual_camera
    if camera is None:
        return False
    before = len(camera.frames)
    time.sleep(0.5)
    return len(camera.frames) > before


def _missing(stage: Stage) -> None:
    _fail("open", errno.ENOENT, stage)
    stage.screen.start()


FAULTS = (
    Fault(
        "the virtual camera's device fails",
        partial(_fail, "write", errno.ENODEV),
        r"refused a picture",
        _cure,
        seconds=4.0,
        recovered=_gets_frames,
    ),
    Fault(
        "the virtual camera's device hangs",
        partial(_fail, "write", 0),
        r"took no picture",
        _cure,
        seconds=6.0,
        recovered=_gets_frames,
    ),
    Fault(
        "the virtual camera's process is killed",
        _kill_process,
        r"the process that writes to it",
        recovered=_gets_frames,
    ),
    Fault(
        "the virtual camera is missing at the start",
        _missing,
        r"does not exist",
        _cure,
        seconds=6.0,
        recovered=_gets_frames,
        at_start=True,
    ),
)
