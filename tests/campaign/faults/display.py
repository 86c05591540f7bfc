"""Faults of the display: its server dies, its window is taken away."""

import subprocess
from functools import partial

from tests.campaign.runner import Fault, light
from tests.campaign.stage import Stage


def _kill_server(stage: Stage) -> None:
    stage.screen.kill()


def _window(action: str, stage: Stage) -> None:
    """Let a tool do something to the window of the show, which has the keys."""
    subprocess.run(["xdotool", "getwindowfocus", action], env=stage.screen.environment, check=True)


RESTARTED = r"it is started again"

FAULTS = (
    Fault(
        "the X server dies, and is back after 2 s",
        _kill_server,
        RESTARTED,
        light,
        restarts=True,
        lost=1.0,
    ),
    Fault("its window is destroyed", partial(_window, "windowclose"), RESTARTED, restarts=True, lost=1.0),
    Fault("its display connection is cut", partial(_window, "windowkill"), RESTARTED, restarts=True, lost=1.0),
)
