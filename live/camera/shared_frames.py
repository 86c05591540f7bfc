"""Pictures handed from one process to another through shared memory, without a lock that a kill could leave taken."""

import math
import struct
import zlib
from ctypes import Array, c_ubyte
from enum import IntEnum
from multiprocessing.context import SpawnContext

import numpy as np

from live.frame import Pixels

# One that is read, one that is newest, one that is written.
SLOTS = 3


class State(IntEnum):
    """What the process of a webcam is at."""

    OPENING = 0
    DELIVERING = 1
    REPEATING = 2
    BLACK = 3
    ABSENT = 4
    REFUSED = 5
    HANGING = 6
    BROKEN = 7


class SharedFrames:
    """Shared memory for pictures of `size` (height, width): one process puts them, another takes the newest.

    Nobody waits: a picture is taken only if it is whole, which its checksum proves, and else the next time.
    """

    def __init__(self, memory: "Array[c_ubyte]", size: tuple[int, int]) -> None:
        self._fields = np.frombuffer(memoryview(memory), _layout(size), count=1)[0]
        self._slots = self._fields["slots"]
        self._taken = 0

    @staticmethod
    def memory(context: SpawnContext, size: tuple[int, int]) -> "Array[c_ubyte]":
        """Memory for such slots, zeroed, that can be handed to a process when it is started."""
        return context.RawArray(c_ubyte, _layout(size).itemsize)

    def put(self, pixels: Pixels, captured_at: float) -> None:
        """Leave `pixels`, uint8 [height, width, 3] RGB, captured at `captured_at` (`time.perf_counter`), as newest."""
        number = self.newest + 1
        slot = self._slots[number % SLOTS]
        slot["number"] = number
        slot["captured_at"] = captured_at
        slot["pixels"] = pixels
        slot["checksum"] = _checksum(number, captured_at, pixels)
        self._fields["newest"] = number

    def take(self) -> tuple[Pixels, float] | None:
        """A copy of the newest picture, uint8 [height, width, 3] RGB, and when it was captured.

        None if it was taken before.
        """
        number = self.newest
        if number == self._taken:
            return None
        slot = self._slots[number % SLOTS]
        pixels, captured_at = slot["pixels"].copy(), float(slot["captured_at"])
        if slot["checksum"] != _checksum(number, captured_at, pixels):
            return None
        self._taken = number
        return pixels, captured_at

    @property
    def newest(self) -> int:
        """The number of the newest picture, which is one more for each; 0 if there was none."""
        return int(self._fields["newest"])

    @property
    def captured_at(self) -> float:
        """When the newest picture was captured, in seconds of `time.perf_counter`; −∞ if there was none."""
        return float(self._slots[self.newest % SLOTS]["captured_at"]) if self.newest else -math.inf

    @property
    def state(self) -> State:
        """What the process says that it is at."""
        return State(int(self._fields["state"]))

    @state.setter
    def state(self, state: State) -> None:
        self._fields["state"] = state

    @property
    def alive_at(self) -> float:
        """When the process last gave a sign of life, in seconds of `time.perf_counter`."""
        return float(self._fields["alive_at"])

    @alive_at.setter
    def alive_at(self, seconds: float) -> None:
        self._fields["alive_at"] = seconds

    @property
    def mirror(self) -> bool:
        """Whether the pictures that are put from now on are to be mirrored."""
        return bool(self._fields["mirror"])

    @mirror.setter
    def mirror(self, mirror: bool) -> None:
        self._fields["mirror"] = mirror


def _layout(size: tuple[int, int]) -> np.dtype:
    slot = np.dtype(
        [("number", "u8"), ("captured_at", "f8"), ("checksum", "u4"), ("pixels", "u1", (*size, 3))], align=True
    )
    # Aligned, so that each number is written in one piece.
    fields = [("newest", "u8"), ("alive_at", "f8"), ("state", "u1"), ("mirror", "u1"), ("slots", slot, SLOTS)]
    return np.dtype(fields, align=True)


def _checksum(number: int, captured_at: float, pixels: Pixels) -> int:
    return zlib.crc32(pixels.tobytes(), zlib.crc32(struct.pack("<Qd", number, captured_at)))
