"""Processes in place of that of the operator window."""

import os
import time
from multiprocessing.connection import Connection

from live.display.operator.view import Event


def press_keys(connection: Connection, title: str, wanted: str | None, audience: str | None) -> None:
    """Press A, hold it until the third view, then close the window."""
    connection.send(Event("ready"))
    connection.send(Event("key", "a"))
    connection.send(Event("held", "a"))
    for _ in range(3):
        connection.recv()
        connection.send(Event("drawn"))
    connection.send(Event("held"))
    connection.send(Event("closed"))
    connection.recv()


def crash(connection: Connection, title: str, wanted: str | None, audience: str | None) -> None:
    """End with the first view."""
    connection.send(Event("ready"))
    connection.recv()
    os._exit(1)


def hang(connection: Connection, title: str, wanted: str | None, audience: str | None) -> None:
    """Open the window, and do nothing more."""
    connection.send(Event("ready"))
    time.sleep(600)
