"""Process that owns the virtual camera's device: it receives pictures through a connection and answers each.

The show imports this module only to name the process's target and to read its answers. The libraries that write to the
device are therefore imported inside the functions that run in the process.
"""

import os
import signal
import sys
from contextlib import closing, suppress
from dataclasses import dataclass
from io import FileIO
from multiprocessing.connection import Connection
from tempfile import TemporaryFile
from typing import TYPE_CHECKING

from live.errors import VirtualCameraError
from live.frame import Pixels
from live.geometry import ResizeMode
from live.outputs.virtual_camera_messages import first_sentences

if TYPE_CHECKING:
    import pyvirtualcam


@dataclass(frozen=True)
class Answer:
    """Answer to one picture: either field is empty. Both are empty in `READY`."""

    device: str = ""
    """Name of the device that shows the picture."""
    failure: str = ""
    """Reason why no device shows it."""


READY = Answer()
"""First answer, before any picture: the process is ready to receive."""


def run(
    connection: Connection, device: str | None, size: tuple[int, int], rate: float, resize_mode: ResizeMode
) -> None:
    """Show every picture that comes through `connection` and send an `Answer` to each. This is the process's target.

    Args:
        connection: Delivers pictures, uint8 [height, width, 3] RGB. The process ends when it is closed.
        device: Name of the device; None for the first one found.
        size: (width, height) of the device's picture.
        rate: Frames a second that the device is told.
        resize_mode: Letterboxes or fills the device's picture.
    """
    import cv2

    # Ctrl-C, and the SIGTERM that a service manager sends to all, are for the show, which closes the connection.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    # The network needs the cores more.
    cv2.setNumThreads(1)
    with TemporaryFile(buffering=0) as stderr, closing(_Device(stderr, device, size, rate, resize_mode)) as output:
        # The file receives what C code prints on stderr. Python keeps the real stderr.
        sys.stderr = os.fdopen(os.dup(2), "w")
        os.dup2(stderr.fileno(), 2)
        # The show is over when the connection is closed.
        with suppress(EOFError, ConnectionError):
            connection.send(READY)
            while True:
                picture = connection.recv()
                try:
                    answer = Answer(device=output.show(picture))
                except VirtualCameraError as error:
                    answer = Answer(failure=str(error))
                connection.send(answer)


class _Device:
    """The device, opened when the first picture is shown and again after every failure."""

    def __init__(
        self, stderr: FileIO, device: str | None, size: tuple[int, int], rate: float, resize_mode: ResizeMode
    ) -> None:
        self._stderr = stderr
        self._device, self._size, self._rate, self._resize_mode = device, size, rate, resize_mode
        self._camera: pyvirtualcam.Camera | None = None

    def show(self, picture: Pixels) -> str:
        """Show a picture and return the device's name.

        Raises:
            VirtualCameraError: The device cannot be opened, or refused the picture.
        """
        from live.images.scaling import scaled

        _drain(self._stderr)
        try:
            camera = self._camera = self._camera or self._open()
            camera.send(scaled(picture, self._size[::-1], self._resize_mode))
        except (ImportError, RuntimeError) as error:
            self.close()
            raise VirtualCameraError(first_sentences(str(error))) from error
        name: str = camera.device
        # The only report of a refused picture is this line on stderr.
        _, refused, reason = _drain(self._stderr).partition("error writing frame: ")
        if refused:
            self.close()
            raise VirtualCameraError(f"{name} refused a picture ({reason.splitlines()[0]})")
        return name

    def close(self) -> None:
        """Close the device if it is open."""
        if self._camera is not None:
            self._camera.close()
            self._camera = None

    def _open(self) -> "pyvirtualcam.Camera":
        import pyvirtualcam

        # In RGB. Each backend converts it to what its device likes best: I420 (v4l2loopback), NV12 (OBS on Windows),
        # UYVY (OBS on macOS), RGBA (Unity Capture); in BT.601 with limited range, as readers expect it.
        return pyvirtualcam.Camera(*self._size, self._rate, device=self._device)


def _drain(file: FileIO) -> str:
    """Return the text of a file and empty the file."""
    file.seek(0)
    text = file.read().decode(errors="replace")
    file.seek(0)
    file.truncate()
    return text
