"""A virtual camera for the tests: a file on a FUSE mount that answers pyvirtualcam as Linux's v4l2loopback does.

pyvirtualcam opens the device, asks VIDIOC_QUERYCAP, sets a format with VIDIOC_S_FMT and writes whole frames. None of
that needs a kernel module. The driver runs in a process of its own, so that a test that hangs cannot hang the mount.
Both sides meet in a folder: the test writes faults into it, the driver the format that was set and the frames it got.
"""

import ctypes
import errno
import json
import os
import shutil
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

VIDIOC_QUERYCAP, VIDIOC_S_FMT = 0x80685600, 0xC0D05605
V4L2_CAP_VIDEO_OUTPUT, V4L2_CAP_READWRITE = 0x2, 0x01000000
V4L2_PIX_FMT_YUV420 = int.from_bytes(b"YU12", "little")
# Offsets of fields in struct v4l2_capability and struct v4l2_format.
DRIVER_AT, CAPABILITIES_AT, PIX_AT = 0, 84, 8

EVENTS = ("open", "querycap", "s_fmt", "write")

SECONDS = 100.0
"""Longest wait of a test for an event that must come."""


def why_not() -> str:
    """Return the reason why this machine can have no such camera; empty if it can."""
    if not os.path.exists("/dev/fuse"):
        return "there is no /dev/fuse"
    if not os.access("/dev/fuse", os.W_OK):
        return "/dev/fuse may not be opened"
    return "" if shutil.which("fusermount3") else "fuse3 is not installed"


def wait_until(condition: Callable[[], object], event: str) -> None:
    """Wait until the condition holds. Fail the test if it never does."""
    end = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < end, f"never: {event}"
        time.sleep(0.005)


class Loopback:
    """Test's side of the driver. It makes `folder`, and the device is a file in it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        for each in ("dev", "frames", "faults"):
            (folder / each).mkdir(parents=True)
        self.device = folder / "dev" / "video0"
        self._process = subprocess.Popen([sys.executable, __file__, folder], stdin=subprocess.PIPE)
        wait_until(lambda: self.device.exists() or self._process.poll() is not None, "the device")
        assert self._process.poll() is None, "the driver did not start"

    def close(self) -> None:
        """Unmount, even if a process still holds the device open."""
        self.clear_faults()
        try:
            self._process.communicate(timeout=SECONDS)
        finally:
            self._process.kill()
            self._process.wait()

    def fail(self, where: str, number: int) -> None:
        """Make every "open", "querycap", "s_fmt" or "write" from now on fail with this errno."""
        _write_atomically(self._folder / "faults" / where, str(number).encode())

    def block(self) -> None:
        """Make every write from now on wait until `clear_faults`."""
        self.fail("write", 0)

    def clear_faults(self) -> None:
        """Remove all faults."""
        for path in (self._folder / "faults").iterdir():
            path.unlink()

    def count(self, event: str) -> int:
        """Return the number of "open", "querycap", "s_fmt" or "write" (a piece of a frame), including failed ones."""
        try:
            return (self._folder / event).stat().st_size
        except FileNotFoundError:
            return 0

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) that VIDIOC_S_FMT set, in I420."""
        width, height, pixel_format = json.loads((self._folder / "format").read_text())
        assert pixel_format == V4L2_PIX_FMT_YUV420
        return width, height

    @property
    def frames(self) -> list[Path]:
        """Files of the complete frames that were written, in order."""
        return sorted((self._folder / "frames").glob("*.i420"))

    def read(self, path: Path) -> NDArray[np.uint8]:
        """Return one of `frames` as it was written: I420, uint8 [height * 3 / 2, width]."""
        width, height = self.size
        return np.fromfile(path, np.uint8).reshape(height * 3 // 2, width)


def _write_atomically(path: Path, content: bytes | bytearray) -> None:
    part = path.parent.parent / f"{path.name}.part"
    part.write_bytes(content)
    part.replace(path)


class _OpenFile(Protocol):
    """Part of FUSE's `fuse_file_info`."""

    direct_io: bool


def _serve(folder: Path) -> None:
    import mfusepy

    class Driver(mfusepy.Operations):  # type: ignore[misc]  # mfusepy has no types
        """The mounted file system. It keeps the pieces of a frame until the frame is complete."""

        use_ns = True

        def __init__(self) -> None:
            self._frame_bytes = 0
            self._pieces = bytearray()
            self._complete = 0
            # Kept open, because a test that measures a show also measures its driver.
            self._notes = {event: (folder / event).open("ab", buffering=0) for event in EVENTS}

        def _handle(self, event: str) -> None:
            """Note an event in the folder, and fail or wait if the folder holds a fault for it."""
            self._notes[event].write(b".")
            while (number := self._fault(event)) == 0:
                time.sleep(0.005)
            if number is not None:
                raise mfusepy.FuseOSError(number)

        @staticmethod
        def _fault(event: str) -> int | None:
            try:
                return int((folder / "faults" / event).read_text())
            except FileNotFoundError:
                return None

        def getattr(self, path: str, fh: int | None = None) -> dict[str, int]:
            if path == "/":
                return {"st_mode": stat.S_IFDIR | 0o755, "st_nlink": 2}
            if path != "/video0" or self._fault("open") == errno.ENOENT:
                raise mfusepy.FuseOSError(errno.ENOENT)
            return {"st_mode": stat.S_IFREG | 0o666, "st_nlink": 1}

        def open(self, path: str, file: _OpenFile) -> int:
            self._handle("open")
            file.direct_io = True
            self._pieces.clear()
            return 0

        def ioctl(self, path: str, command: int, argument: object, file: _OpenFile, flags: int, data: int) -> int:
            buffer = (ctypes.c_uint8 * (command >> 16 & 0x3FFF)).from_address(data)
            command &= 0xFFFFFFFF
            if command == VIDIOC_QUERYCAP:
                self._handle("querycap")
                buffer[DRIVER_AT : DRIVER_AT + 16] = list(b"v4l2 loopback".ljust(16, b"\0"))
                capabilities = V4L2_CAP_VIDEO_OUTPUT | V4L2_CAP_READWRITE
                buffer[CAPABILITIES_AT : CAPABILITIES_AT + 4] = list(capabilities.to_bytes(4, "little"))
            elif command == VIDIOC_S_FMT:
                self._handle("s_fmt")
                numbers = np.frombuffer(bytes(buffer[PIX_AT : PIX_AT + 12]), "<u4").tolist()
                _write_atomically(folder / "format", json.dumps(numbers).encode())
                self._frame_bytes = numbers[0] * numbers[1] * 3 // 2
            else:
                raise mfusepy.FuseOSError(errno.ENOTTY)
            return 0

        def write(self, path: str, data: bytes, offset: int, file: _OpenFile) -> int:
            self._handle("write")
            self._pieces += data
            if len(self._pieces) >= self._frame_bytes:
                frame = folder / "frames" / f"{self._complete:06}.i420"
                _write_atomically(frame, self._pieces[: self._frame_bytes])
                del self._pieces[: self._frame_bytes]
                self._complete += 1
            return len(data)

    def exit_with_the_test() -> None:
        sys.stdin.read()
        subprocess.run(["fusermount3", "-u", "-z", "-q", folder / "dev"], check=False)

    threading.Thread(target=exit_with_the_test, daemon=True).start()
    # The kernel caches nothing of the file, because it may disappear at any moment, and come back.
    options = {"attr_timeout": 0, "entry_timeout": 0, "negative_timeout": 0}
    mfusepy.FUSE(Driver(), str(folder / "dev"), raw_fi=True, foreground=True, nothreads=True, **options)


if __name__ == "__main__":
    _serve(Path(sys.argv[1]))
