"""Memory with the last picture of a show, which outlives its process: the show writes it, the backdrop reads it."""

import os
import struct
from dataclasses import dataclass
from typing import Self

from live.process.unnamed_file import create_unnamed_file

# One byte of the backdrop, then the header of the show, then two places for pictures.
READY_OFFSET, HEADER_OFFSET, PICTURES_OFFSET = 0, 8, 64
HEADER = struct.Struct("<4I")


@dataclass(frozen=True)
class StoredPicture:
    """Picture that was shown last."""

    number: int
    """Counted from 1."""
    size: tuple[int, int]
    """(height, width)."""
    fullscreen: bool
    """True if it was shown in fullscreen."""
    pixels: bytes
    """uint8 RGB, row by row."""


class SharedPicture:
    """Picture in memory that several processes share by a file descriptor. One of them writes.

    Args:
        descriptor: Descriptor of the memory.
    """

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor

    @classmethod
    def create(cls) -> Self:
        """Return new, empty memory."""
        return cls(create_unnamed_file("last picture"))

    @property
    def ready(self) -> bool:
        """True while the backdrop's window is open."""
        return os.pread(self.descriptor, 1, READY_OFFSET) == b"\1"

    @ready.setter
    def ready(self, ready: bool) -> None:
        os.pwrite(self.descriptor, b"\1" if ready else b"\0", READY_OFFSET)

    def put(self, pixels: memoryview, size: tuple[int, int], *, fullscreen: bool) -> None:
        """Replace the picture. A process that is killed meanwhile leaves the one before.

        Args:
            pixels: uint8 RGB, contiguous.
            size: (height, width) of this picture and of all.
            fullscreen: True if it is shown in fullscreen.
        """
        number = self._header()[0] + 1
        os.pwrite(self.descriptor, pixels, _offset(number, size))
        os.pwrite(self.descriptor, HEADER.pack(number, *size, fullscreen), HEADER_OFFSET)

    def take(self, after: int = 0) -> StoredPicture | None:
        """Return the picture if its number is another one than `after`; None if there is none."""
        number, height, width, fullscreen = self._header()
        if number == after:
            return None
        pixels = os.pread(self.descriptor, height * width * 3, _offset(number, (height, width)))
        return StoredPicture(number, (height, width), bool(fullscreen), pixels)

    def _header(self) -> tuple[int, int, int, int]:
        header = os.pread(self.descriptor, HEADER.size, HEADER_OFFSET)
        if len(header) < HEADER.size:
            return 0, 0, 0, 0
        number, height, width, fullscreen = HEADER.unpack(header)
        return number, height, width, fullscreen


def _offset(number: int, size: tuple[int, int]) -> int:
    return PICTURES_OFFSET + number % 2 * size[0] * size[1] * 3
