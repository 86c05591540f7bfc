"""Ends of a show: by signals, by its terminal, and while something hangs. Each must come soon and lose nothing."""

import os
import signal
import time
from functools import partial

from tests.campaign.faults.files import record_on_disk
from tests.campaign.faults.process import terminal
from tests.campaign.runner import Bar, Fault
from tests.campaign.stage import Stage


def _send(number: int, stage: Stage) -> None:
    stage.end(number)


def _close_terminal(stage: Stage) -> None:
    os.close(stage.terminal)


def _while_disk_hangs(stage: Stage) -> None:
    stage.disk.does("hang")
    time.sleep(1.0)
    stage.end()


def _while_step_hangs(stage: Stage) -> None:
    stage.step("hang")
    time.sleep(1.0)
    stage.end()


FAULTS = (
    *(
        Fault(f"ended by {name}", partial(_send, getattr(signal, name)), ends=128 + getattr(signal, name))
        for name in ("SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT")
    ),
    Fault("its terminal is closed", _close_terminal, ends=128 + signal.SIGHUP, streams=terminal),
    Fault(
        "ended while the recording's disk hangs",
        _while_disk_hangs,
        ends=128 + signal.SIGTERM,
        options=record_on_disk,
        lost=Bar(3.0, "what waits for the disk when the show ends is lost"),
    ),
    Fault("ended while a step hangs", _while_step_hangs, ends=128 + signal.SIGTERM),
)
