"""Settings file with which a show was seen to play, for a restart that cannot use the file as it is now."""

import os
import struct
from typing import Self

from live.process.unnamed_file import create_unnamed_file

LENGTH = struct.Struct("<Q")


class KeptSettings:
    """Text in memory that the processes of a supervised show share by a file descriptor. One of them writes.

    Args:
        descriptor: Descriptor of the memory.
    """

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor

    @classmethod
    def create(cls) -> Self:
        """Return new, empty memory."""
        return cls(create_unnamed_file("settings"))

    def put(self, text: str) -> None:
        """Replace the text. A process that is killed meanwhile leaves none."""
        data = text.encode()
        os.pwrite(self.descriptor, LENGTH.pack(0), 0)
        os.pwrite(self.descriptor, data, LENGTH.size)
        os.pwrite(self.descriptor, LENGTH.pack(len(data)), 0)

    def take(self) -> str | None:
        """Return the text; None if there is none."""
        header = os.pread(self.descriptor, LENGTH.size, 0)
        length = LENGTH.unpack(header)[0] if len(header) == LENGTH.size else 0
        return os.pread(self.descriptor, length, LENGTH.size).decode() if length else None
