"""Faults of the display: its server dies, its window is taken away."""

import subprocess
from functools import partial

from tests.campaign.runner import RESTARTED_GAP, Bar, Fault, light
from tests.campaign.stage import Stage


def _kill_server(stage: Stage) -> None:
    stage.screen.kill()


def _window(action: str, stage: Stage) -> None:
    """Let a tool do something to the window of the show, which has the keys."""
    subprocess.run(["xdotool", "getwindowfocus", action], env=stage.screen.environment, check=True)


RESTARTED = r"it is started again"
AWAY = Bar(RESTARTED_GAP.seconds + 2.0, "the server is away for 2 s of it")

FAULTS = (
    Fault(
        "the X server dies, and is back after 2 s",
        _kill_server,
        RESTARTED,
        light,
        restarts=True,
        gap=AWAY,
        dark=AWAY,
    ),
    Fault("its window is destroyed", partial(_window, "windowclose"), RESTARTED, restarts=True),
    Fault("its display connection is cut", partial(_window, "windowkill"), RESTARTED, restarts=True),
)
