"""Stand-in for SpoutGL 0.1.1, which exists on Windows alone: the parts that the show calls, with the same arguments.

Its functions take them by position, and none has a default, as in `src/PySpoutGL.cpp` of the library. What is sent is
received in the same process.
"""

import sys
from types import ModuleType

import numpy as np
from numpy.typing import NDArray

GL_RGBA, GL_BGR_EXT = 0x1908, 0x80E0

# SpoutGL.enums is a module of its own.
__path__: list[str] = []
enums = ModuleType("SpoutGL.enums")
enums.__dict__.update(GL_RGBA=GL_RGBA, GL_BGR_EXT=GL_BGR_EXT)
sys.modules["SpoutGL.enums"] = enums

SENDERS: dict[str, tuple[NDArray[np.uint8], int]] = {}
"""Newest picture of each sender, uint8 [height, width, 4] RGBA, and its number."""


class SpoutSender:
    """A sender."""

    def __init__(self) -> None:
        self._name = ""

    def setSenderName(self, name: str, /) -> None:
        """Set the name."""
        self._name = name

    def sendImage(
        self, pixels: NDArray[np.uint8], width: int, height: int, gl_format: int, invert: bool, host_fbo: int, /
    ) -> bool:
        """Send a picture."""
        assert (gl_format, invert, host_fbo) == (GL_RGBA, False, 0)
        assert pixels.flags.c_contiguous, "Buffer must be contiguous"
        assert pixels.nbytes >= 4 * width * height, "Buffer not large enough"
        _, number = SENDERS.get(self._name, (None, 0))
        SENDERS[self._name] = pixels.reshape(height, width, 4).copy(), number + 1
        return True

    def setFrameSync(self, name: str, /) -> None:
        """Say that a picture is there."""
        assert name in SENDERS

    def releaseSender(self) -> None:
        """End."""
        SENDERS.pop(self._name, None)


class SpoutReceiver:
    """A receiver."""

    def __init__(self) -> None:
        self._name = ""
        self._size = (0, 0)
        self._updated = self._new = False
        self._number = 0

    def setReceiverName(self, name: str, /) -> None:
        """Set the name of the sender that is wanted."""
        self._name = name

    def receiveImage(self, buffer: NDArray[np.uint8] | None, gl_format: int, invert: bool, host_fbo: int, /) -> bool:
        """Receive the newest picture; after another size, only note it."""
        assert (gl_format, invert, host_fbo) == (GL_BGR_EXT, False, 0)
        self._new = False
        name = self._name or next(iter(SENDERS), "")
        if name not in SENDERS:
            self._size = (0, 0)
            return False
        picture, number = SENDERS[name]
        height, width = picture.shape[:2]
        if self._size != (height, width):
            self._size, self._updated = (height, width), True
        elif buffer is not None:
            assert buffer.nbytes >= 3 * width * height, "Buffer not large enough"
            self._new, self._number = number != self._number, number
            buffer.reshape(height, width, 3)[:] = picture[:, :, 2::-1]
        return True

    def isUpdated(self) -> bool:
        """Return True once after the sender or its size has changed."""
        updated, self._updated = self._updated, False
        return updated

    def isConnected(self) -> bool:
        """Return True if there is a sender."""
        return self._size != (0, 0)

    def isFrameNew(self) -> bool:
        """Return True if the picture was not received before."""
        return self._new

    def getSenderWidth(self) -> int:
        """Return the width of the sender's picture."""
        return self._size[1]

    def getSenderHeight(self) -> int:
        """Return the height of the sender's picture."""
        return self._size[0]
