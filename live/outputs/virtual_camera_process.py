"""The process that owns the virtual camera's device: it receives pictures and answers each."""

import os
import re
import signal
import sys
from contextlib import closing, suppress
from io import FileIO
from multiprocessing.connection import Connection
from tempfile import TemporaryFile
from typing import Any

import numpy as np

from live.errors import VirtualCameraError
from live.frame import Pixels
from live.geometry import ResizeMode, placed


class _Device:
    """The device, opened when the first picture is shown and again after every failure."""

    def __init__(self, stderr: FileIO, device: str | None, size: tuple[int, int], rate: float, fit: ResizeMode) -> None:
        self._stderr = stderr
        self._device, self._size, self._rate, self._fit = device, size, rate, fit
        self._camera: Any = None

    def show(self, picture: Pixels) -> str:
        """Show `picture` and return the device's name. Raises `VirtualCameraError` with the reason."""
        try:
            # Here and not above, because the show itself needs none of it.
            import pyvirtualcam

            if self._camera is None:
                self._camera = pyvirtualcam.Camera(*self._size, self._rate, device=self._device)
            # As RGB, of which each backend makes what its device likes best: I420 (v4l2loopback), NV12 (OBS on
            # Windows), UYVY (OBS on macOS), RGBA (Unity Capture); BT.601 in limited range, as readers expect it.
            _take(self._stderr)
            self._camera.send(fitted(picture, self._size, self._fit))
        except (ImportError, RuntimeError) as error:
            self.close()
            raise VirtualCameraError(_first_sentences(str(error))) from error
        _, refused, why = _take(self._stderr).partition("error writing frame: ")
        if refused:
            name = self._camera.device
            self.close()
            raise VirtualCameraError(f"{name} refused a picture ({why.splitlines()[0]})")
        return self._camera.device

    def close(self) -> None:
        """Let go of the device, if it is open."""
        if self._camera is not None:
            self._camera.close()
            self._camera = None


def fitted(picture: Pixels, size: tuple[int, int], fit: ResizeMode) -> Pixels:
    """`picture`, uint8 [height, width, 3], scaled into one of `size` (width, height), with black borders if need be."""
    import cv2

    left, top, width, height = placed((picture.shape[1], picture.shape[0]), size, fit)
    way = cv2.INTER_AREA if width < picture.shape[1] else cv2.INTER_LINEAR
    scaled = np.asarray(cv2.resize(picture, (width, height), interpolation=way), np.uint8)
    if (width, height) == size:
        return scaled
    whole = np.zeros((size[1], size[0], 3), np.uint8)
    inside = whole[max(0, top) : top + height, max(0, left) : left + width]
    inside[:] = scaled[max(0, -top) :, max(0, -left) :][: inside.shape[0], : inside.shape[1]]
    return whole


def _first_sentences(message: str) -> str:
    """Of each of pyvirtualcam's backends, one to a line, the first sentence of what it says."""
    said = [line.partition("backend: ")[2] or line for line in message.splitlines()]
    return ", ".join(re.split(r"(?<=[.!?])\s", line)[0].rstrip(".!?") for line in said)


def _take(said: FileIO) -> str:
    """What stands in the file, which is empty afterwards."""
    said.seek(0)
    text = said.read().decode(errors="replace")
    said.seek(0)
    said.truncate()
    return text


def _work(connection: Connection, *arguments: Any) -> None:
    """Show every picture that comes through `connection`, and answer each with (device, failure), one of them empty.

    Ready to begin, it says so by an answer in which both are empty.
    """
    import cv2

    # Ctrl-C and what a service manager sends to everybody are for the show, which will close the connection.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    # The network needs the cores more.
    cv2.setNumThreads(1)
    with TemporaryFile(buffering=0) as said, closing(_Device(said, *arguments)) as device:
        # What C code says on stderr is kept; Python goes on to use the real one.
        sys.stderr = os.fdopen(os.dup(2), "w")
        os.dup2(said.fileno(), 2)
        # The show is over when the connection is.
        with suppress(EOFError, ConnectionError):
            connection.send(("", ""))
            while True:
                picture = connection.recv()
                try:
                    answer = (device.show(picture), "")
                except VirtualCameraError as error:
                    answer = ("", str(error))
                connection.send(answer)
