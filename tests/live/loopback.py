"""A virtual camera for the tests: a file on a FUSE mount that answers pyvirtualcam as Linux's v4l2loopback does.

pyvirtualcam opens the device, asks VIDIOC_QUERYCAP, sets a format with VIDIOC_S_FMT and writes whole frames: all that
needs no kernel module. The driver runs in a process of its own, so that a test that hangs cannot hang the mount; both
sides meet in a folder: the test leaves faults in it, the driver what it was told and the frames it was given.
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

import numpy as np
from numpy.typing import NDArray

VIDIOC_QUERYCAP, VIDIOC_S_FMT = 0x80685600, 0xC0D05605
V4L2_CAP_VIDEO_OUTPUT, V4L2_CAP_READWRITE = 0x2, 0x01000000
V4L2_PIX_FMT_YUV420 = int.from_bytes(b"YU12", "little")
# Where in struct v4l2_capability and struct v4l2_format the fields lie.
DRIVER_AT, CAPABILITIES_AT, PIX_AT = 0, 84, 8

EVENTS = ("open", "querycap", "s_fmt", "write")

SECONDS = 20.0
"""How long a test waits for what must come."""


def why_not() -> str:
    """Why there can be no such camera on this machine; empty if there can be one."""
    if not os.path.exists("/dev/fuse"):
        return "there is no /dev/fuse"
    if not os.access("/dev/fuse", os.W_OK):
        return "/dev/fuse is not ours to open"
    return "" if shutil.which("fusermount3") else "fuse3 is not installed"


def wait_until(condition: Callable[[], object], what: str) -> None:
    """Wait until it is so, and fail the test if it never is."""
    end = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < end, f"never: {what}"
        time.sleep(0.005)


class Loopback:
    """The test's hands on the driver. `folder` is made; the device is a file in it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        for each in ("dev", "frames", "faults"):
            (folder / each).mkdir(parents=True)
        self.device = folder / "dev" / "video0"
        self._process = subprocess.Popen([sys.executable, __file__, folder], stdin=subprocess.PIPE)
        wait_until(lambda: self.device.exists() or self._process.poll() is not None, "the device")
        assert self._process.poll() is None, "the driver did not start"

    def close(self) -> None:
        """Unmount, whoever still holds the device open."""
        self.mend()
        try:
            self._process.communicate(timeout=SECONDS)
        finally:
            self._process.kill()
            self._process.wait()

    def fail(self, where: str, number: int) -> None:
        """Let every "open", "querycap", "s_fmt" or "write" from now on fail with this errno."""
        _write_whole(self._folder / "faults" / where, str(number))

    def block(self) -> None:
        """Let every write from now on wait until `mend`."""
        self.fail("write", 0)

    def mend(self) -> None:
        """Take all faults away."""
        for path in (self._folder / "faults").iterdir():
            path.unlink()

    def count(self, what: str) -> int:
        """How often there was an "open", "querycap", "s_fmt" or "write" (a piece of a frame), failed ones too."""
        try:
            return (self._folder / what).stat().st_size
        except FileNotFoundError:
            return 0

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) that VIDIOC_S_FMT asked for, in I420."""
        width, height, pixel_format = json.loads((self._folder / "format").read_text())
        assert pixel_format == V4L2_PIX_FMT_YUV420
        return width, height

    @property
    def frames(self) -> list[Path]:
        """Files of the whole frames that were written, in order."""
        return sorted((self._folder / "frames").glob("*.i420"))

    def read(self, path: Path) -> NDArray[np.uint8]:
        """One frame of `frames` as it came: I420, uint8 [height * 3 / 2, width]."""
        width, height = self.size
        return np.fromfile(path, np.uint8).reshape(height * 3 // 2, width)


def _write_whole(path: Path, content: str | bytes | bytearray) -> None:
    """Nobody ever sees half of it."""
    part = path.parent.parent / f"{path.name}.part"
    part.write_bytes(content.encode() if isinstance(content, str) else content)
    part.replace(path)


def _serve(folder: Path) -> None:
    import mfusepy

    class Driver(mfusepy.Operations):
        """What `Loopback` mounts. It keeps the pieces of a frame until the frame is whole."""

        use_ns = True

        def __init__(self) -> None:
            self._frame_bytes = 0
            self._pieces = bytearray()
            self._whole = 0
            # Kept open: whoever measures a show measures its driver, too.
            self._notes = {what: (folder / what).open("ab", buffering=0) for what in EVENTS}

        def _happens(self, what: str) -> None:
            """Note it in the folder, and fail or wait as the folder says."""
            self._notes[what].write(b".")
            while (number := self._fault(what)) == 0:
                time.sleep(0.005)
            if number is not None:
                raise mfusepy.FuseOSError(number)

        @staticmethod
        def _fault(what: str) -> int | None:
            try:
                return int((folder / "faults" / what).read_text())
            except FileNotFoundError:
                return None

        def getattr(self, path: str, fh: int | None = None) -> dict[str, int]:
            if path == "/":
                return {"st_mode": stat.S_IFDIR | 0o755, "st_nlink": 2}
            if path != "/video0" or self._fault("open") == errno.ENOENT:
                raise mfusepy.FuseOSError(errno.ENOENT)
            return {"st_mode": stat.S_IFREG | 0o666, "st_nlink": 1}

        def open(self, path: str, file) -> int:
            self._happens("open")
            file.direct_io = True
            self._pieces.clear()
            return 0

        def ioctl(self, path: str, command: int, argument, file, flags: int, data: int) -> int:
            buffer = (ctypes.c_uint8 * (command >> 16 & 0x3FFF)).from_address(data)
            command &= 0xFFFFFFFF
            if command == VIDIOC_QUERYCAP:
                self._happens("querycap")
                buffer[DRIVER_AT : DRIVER_AT + 16] = b"v4l2 loopback".ljust(16, b"\0")
                capabilities = V4L2_CAP_VIDEO_OUTPUT | V4L2_CAP_READWRITE
                buffer[CAPABILITIES_AT : CAPABILITIES_AT + 4] = capabilities.to_bytes(4, "little")
            elif command == VIDIOC_S_FMT:
                self._happens("s_fmt")
                numbers = np.frombuffer(bytes(buffer[PIX_AT : PIX_AT + 12]), "<u4").tolist()
                _write_whole(folder / "format", json.dumps(numbers))
                self._frame_bytes = numbers[0] * numbers[1] * 3 // 2
            else:
                raise mfusepy.FuseOSError(errno.ENOTTY)
            return 0

        def write(self, path: str, data: bytes, offset: int, file) -> int:
            self._happens("write")
            self._pieces += data
            if len(self._pieces) >= self._frame_bytes:
                _write_whole(folder / "frames" / f"{self._whole:06}.i420", self._pieces[: self._frame_bytes])
                del self._pieces[: self._frame_bytes]
                self._whole += 1
            return len(data)

    def leave_with_the_test() -> None:
        sys.stdin.read()
        subprocess.run(["fusermount3", "-u", "-z", "-q", folder / "dev"], check=False)

    threading.Thread(target=leave_with_the_test, daemon=True).start()
    # Nothing of the file is remembered: it may be gone at any moment, and come again.
    options = {"attr_timeout": 0, "entry_timeout": 0, "negative_timeout": 0}
    mfusepy.FUSE(Driver(), str(folder / "dev"), raw_fi=True, foreground=True, nothreads=True, **options)


if __name__ == "__main__":
    _serve(Path(sys.argv[1]))
