"""Process that owns a device: it receives pictures through a connection and answers each.

The show imports the modules of such processes only to name their targets and to read their answers. The libraries that
write to the devices are therefore imported inside the functions that run in the process.
"""

import os
import signal
import sys
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass
from functools import partial
from io import FileIO
from multiprocessing.connection import Connection
from typing import Protocol

from live.errors import DeviceError
from live.frame import Pixels
from live.process.unnamed_file import create_unnamed_file


@dataclass(frozen=True)
class Answer:
    """Answer to one picture: either field is empty. Both are empty in `READY`."""

    device: str = ""
    """Name of the device that shows the picture."""
    failure: str = ""
    """Reason why no device shows it."""


READY = Answer()
"""First answer, before any picture: the process is ready to receive."""


class Device(Protocol):
    """A device, opened when the first picture is shown and again after every failure."""

    def show(self, picture: Pixels) -> str:
        """Show a picture and return the device's name.

        Raises:
            DeviceError: The device cannot be opened, or refused the picture.
        """

    def close(self) -> None:
        """Close the device if it is open."""


def serve(connection: Connection, make_device: Callable[[Callable[[], str]], Device]) -> None:
    """Show every picture that comes through `connection` and send an `Answer` to each.

    Args:
        connection: Delivers pictures, uint8 [height, width, 3] RGB. The process ends when it is closed.
        make_device: Makes the device. It takes a function that returns what C code has printed on stderr since the
            device was last asked to show a picture.
    """
    import cv2

    # Ctrl-C, and the SIGTERM that a service manager sends to all, are for the show, which closes the connection.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    # The network needs the cores more.
    cv2.setNumThreads(1)
    with (
        open(create_unnamed_file("stderr"), "w+b", buffering=0) as stderr,
        closing(make_device(partial(_drain, stderr))) as device,
    ):
        # The file receives what C code prints on stderr. Python keeps the real stderr.
        sys.stderr = os.fdopen(os.dup(2), "w")
        os.dup2(stderr.fileno(), 2)
        # The show is over when the connection is closed.
        with suppress(EOFError, ConnectionError):
            connection.send(READY)
            while True:
                picture = connection.recv()
                _drain(stderr)
                try:
                    answer = Answer(device=device.show(picture))
                except DeviceError as error:
                    answer = Answer(failure=str(error))
                connection.send(answer)


def _drain(file: FileIO) -> str:
    """Return the text of a file and empty the file."""
    file.seek(0)
    text = file.read().decode(errors="replace")
    file.seek(0)
    file.truncate()
    return text
