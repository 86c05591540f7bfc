"""Frames handed from one process to another through shared memory, without a lock that a kill could leave locked."""

import math
import struct
import zlib
from ctypes import Array, c_ubyte
from enum import IntEnum
from multiprocessing.context import SpawnContext

import numpy as np

from live.frame import Pixels

# One is being read, one is the newest, one is being written.
SLOTS = 3


class State(IntEnum):
    """State of a webcam's process."""

    OPENING = 0
    DELIVERING = 1
    REPEATING = 2
    BLACK = 3
    ABSENT = 4
    REFUSED = 5
    HANGING = 6
    BROKEN = 7


class SharedFrames:
    """Ring of frames in shared memory: one process puts them, another takes the newest.

    Neither process waits. A frame is taken only if its checksum proves it complete; otherwise the next call may take
    it.

    Args:
        memory: Memory that `allocate` returned.
        size: (height, width) of the frames.
    """

    def __init__(self, memory: "Array[c_ubyte]", size: tuple[int, int]) -> None:
        self._fields = np.frombuffer(memoryview(memory), _layout(size), count=1)[0]
        self._slots = self._fields["slots"]
        self._taken = 0

    @staticmethod
    def allocate(context: SpawnContext, size: tuple[int, int]) -> "Array[c_ubyte]":
        """Return zeroed memory for frames of `size` (height, width). A process can receive it when it is started."""
        return context.RawArray(c_ubyte, _layout(size).itemsize)

    def put(self, pixels: Pixels, captured_at: float) -> None:
        """Put the newest frame.

        Args:
            pixels: uint8 [height, width, 3] RGB.
            captured_at: Capture time in seconds of `time.perf_counter`.
        """
        number = self.newest + 1
        slot = self._slots[number % SLOTS]
        slot["number"] = number
        slot["captured_at"] = captured_at
        slot["pixels"] = pixels
        slot["checksum"] = _checksum(number, captured_at, pixels)
        self._fields["newest"] = number

    def take(self) -> tuple[Pixels, float] | None:
        """Return a copy of the newest frame, uint8 [height, width, 3] RGB, and its capture time.

        Returns None if the newest frame was taken before or is not complete.
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
        """Number of the newest frame, which counts up by one; 0 if there was none."""
        return int(self._fields["newest"])

    @property
    def captured_at(self) -> float:
        """Capture time of the newest frame, in seconds of `time.perf_counter`; −∞ if there was none."""
        return float(self._slots[self.newest % SLOTS]["captured_at"]) if self.newest else -math.inf

    @property
    def state(self) -> State:
        """State of the process that puts frames."""
        return State(int(self._fields["state"]))

    @state.setter
    def state(self, state: State) -> None:
        self._fields["state"] = state

    @property
    def alive_at(self) -> float:
        """Time of the last sign of life of the process that puts frames, in seconds of `time.perf_counter`."""
        return float(self._fields["alive_at"])

    @alive_at.setter
    def alive_at(self, seconds: float) -> None:
        self._fields["alive_at"] = seconds

    @property
    def mirror(self) -> bool:
        """True if the frames that are put from now on are to be mirrored."""
        return bool(self._fields["mirror"])

    @mirror.setter
    def mirror(self, mirror: bool) -> None:
        self._fields["mirror"] = mirror


def _layout(size: tuple[int, int]) -> np.dtype[np.void]:
    slot = np.dtype(
        [("number", "u8"), ("captured_at", "f8"), ("checksum", "u4"), ("pixels", "u1", (*size, 3))], align=True
    )
    # Aligned, so that each number is written at once.
    fields = [("newest", "u8"), ("alive_at", "f8"), ("state", "u1"), ("mirror", "u1"), ("slots", slot, SLOTS)]
    return np.dtype(fields, align=True)


def _checksum(number: int, captured_at: float, pixels: Pixels) -> int:
    return zlib.crc32(pixels.tobytes(), zlib.crc32(struct.pack("<Qd", number, captured_at)))
