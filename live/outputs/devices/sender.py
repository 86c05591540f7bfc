"""Device that sends pictures through a library: opened with the first picture, and anew after every failure."""

from collections.abc import Callable
from typing import Protocol

import numpy as np

from live.console import first_line
from live.errors import DeviceError
from live.frame import Pixels


class OpenSender(Protocol):
    """A sender of a library, open for pictures of one size. Its methods raise exceptions of any type."""

    name: str
    """Name under which other programs find it."""

    def send(self, picture: Pixels) -> None:
        """Send a picture: uint8 [height, width, 4], RGBA, contiguous."""

    def close(self) -> None:
        """Close the sender."""


class Sender:
    """A `Device` for pictures of any size.

    Args:
        open: Opens the library's sender for a size (height, width). It raises exceptions of any type.
    """

    def __init__(self, open: Callable[[tuple[int, int]], OpenSender]) -> None:
        self._open_sender = open
        self._open: OpenSender | None = None
        self._size = (0, 0)

    def show(self, picture: Pixels) -> str:
        """See `Device`."""
        import cv2

        height, width = picture.shape[:2]
        try:
            if self._open is None or self._size != (height, width):
                self.close()
                self._open, self._size = self._open_sender((height, width)), (height, width)
            self._open.send(np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2RGBA), np.uint8))
            return self._open.name
        except Exception as error:
            self.close()
            raise DeviceError(f"{type(error).__name__}: {first_line(error)}") from error

    def close(self) -> None:
        """See `Device`."""
        sender, self._open = self._open, None
        if sender is not None:
            sender.close()
