"""Things that are missing when a show with `--wait` starts, as after a power cut, and come a little later."""

import http.client
import socket
import threading
from collections.abc import Callable, Sequence

from tests.campaign.runner import Fault
from tests.campaign.stage import Stage, wait_until


def _when_it_waits(stage: Stage, action: Callable[[], None]) -> None:
    """Do something as soon as the show says that it waits."""

    def run() -> None:
        wait_until(lambda: stage.count_said("waiting for"))
        action()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    stage.close_with(thread.join)


def _screen_later(stage: Stage) -> None:
    # Once, for its name.
    stage.screen.start()
    stage.screen.kill()
    _when_it_waits(stage, stage.screen.start)


def _webcam_later(stage: Stage) -> None:
    stage.screen.start()
    stage.webcam("absent")


def _plug_in(stage: Stage) -> None:
    stage.webcam("deliver")


def _port_later(stage: Stage) -> None:
    stage.screen.start()
    holder = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    holder.bind(("127.0.0.1", stage.port))
    stage.close_with(holder.close)
    _when_it_waits(stage, holder.close)


def _health_later(stage: Stage) -> None:
    stage.screen.start()
    # The number of the OSC port, which is one of UDP.
    holder = socket.create_server(("127.0.0.1", stage.port))
    stage.close_with(holder.close)
    _when_it_waits(stage, holder.close)


def _answers(stage: Stage) -> bool:
    """Return whether the health is answered, and good."""
    connection = http.client.HTTPConnection("127.0.0.1", stage.port, timeout=1.0)
    try:
        connection.request("GET", "/")
        return connection.getresponse().status == http.client.OK
    except OSError:
        return False
    finally:
        connection.close()


def _waits(_: Stage) -> Sequence[object]:
    return ("--wait",)


def _waits_with_health(stage: Stage) -> Sequence[object]:
    return ("--wait", "--health", stage.port)


def _hears(stage: Stage) -> bool:
    return stage.count_said("OSC is there") > 0


FAULTS = (
    Fault("no display at the start", _screen_later, r"waiting for display", options=_waits, at_start=True),
    Fault(
        "no webcam at the start",
        _webcam_later,
        r"waiting for .*webcam",
        _plug_in,
        options=_waits,
        at_start=True,
        recovered=Stage.webcam_leads,
    ),
    Fault(
        "the OSC port is taken at the start",
        _port_later,
        r"waiting for OSC",
        options=_waits,
        at_start=True,
        recovered=_hears,
    ),
    Fault(
        "the port of the health is taken at the start",
        _health_later,
        r"waiting for health",
        options=_waits_with_health,
        at_start=True,
        recovered=_answers,
    ),
)
