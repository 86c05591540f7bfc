"""A disk that fails on request: a FUSE mount over a usual folder, in a process of its own.

What the disk does stands in a file: "work", "hang" (nothing is answered), "full" (nothing can be written), or "gone"
(every access fails, as on a stick that was pulled).
"""

import errno
import os
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterable
from pathlib import Path

from tests.live.loopback import SECONDS, wait_until

POLLING_SECONDS = 0.01


class FaultyDisk:
    """Campaign's side of the driver. `folder` is the mounted folder, `behind` holds its files."""

    def __init__(self, place: Path) -> None:
        self.folder, self.behind, self._does = place / "disk", place / "behind", place / "does"
        self.folder.mkdir(parents=True)
        self.behind.mkdir()
        self.does("work")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.campaign.faulty_disk", place],
            cwd=Path(__file__).parents[2],
            stdin=subprocess.PIPE,
        )
        wait_until(lambda: self.folder.is_mount() or self._process.poll() is not None, "the mount")
        assert self._process.poll() is None, "the driver did not start"

    def does(self, deed: str) -> None:
        """Change what the disk does: "work", "hang", "full" or "gone"."""
        new = self._does.with_suffix(".new")
        new.write_text(deed)
        new.replace(self._does)

    def close(self) -> None:
        """Unmount. What still waits for the disk goes on."""
        self.does("work")
        try:
            self._process.communicate(timeout=SECONDS)
        finally:
            self._process.kill()
            self._process.wait()


def _serve(place: Path) -> None:
    import mfusepy

    behind, does = place / "behind", place / "does"

    def answer(*, writes: bool = False) -> None:
        """Wait or fail as the disk does at present."""
        while (deed := does.read_text()) == "hang":
            time.sleep(POLLING_SECONDS)
        if deed == "gone":
            raise mfusepy.FuseOSError(errno.EIO)
        if deed == "full" and writes:
            raise mfusepy.FuseOSError(errno.ENOSPC)

    def real(path: str) -> Path:
        return behind / path.lstrip("/")

    class Driver(mfusepy.Operations):  # type: ignore[misc]  # mfusepy has no types
        """The mounted file system. A full disk still makes empty files, as real ones often do."""

        use_ns = True

        def getattr(self, path: str, fh: int | None = None) -> dict[str, int]:
            if path == "/":
                return {"st_mode": stat.S_IFDIR | 0o755, "st_nlink": 2}
            answer()
            found = real(path).lstat()
            names = ("st_mode", "st_nlink", "st_size", "st_mtime_ns")
            return {name.removesuffix("_ns"): getattr(found, name) for name in names}

        def readdir(self, path: str, fh: int) -> Iterable[str]:
            answer()
            return [".", "..", *os.listdir(real(path))]

        def create(self, path: str, mode: int, fi: object = None) -> int:
            answer()
            return os.open(real(path), os.O_RDWR | os.O_CREAT, mode)

        def open(self, path: str, flags: int) -> int:
            answer()
            # The kernel has computed the offsets of what is appended.
            return os.open(real(path), flags & ~os.O_APPEND)

        def read(self, path: str, size: int, offset: int, fh: int) -> bytes:
            answer()
            return os.pread(fh, size, offset)

        def write(self, path: str, data: bytes, offset: int, fh: int) -> int:
            answer(writes=True)
            return os.pwrite(fh, data, offset)

        def truncate(self, path: str, length: int, fh: int | None = None) -> int:
            answer(writes=True)
            os.truncate(real(path), length)
            return 0

        def unlink(self, path: str) -> int:
            answer()
            real(path).unlink()
            return 0

        def rename(self, old: str, new: str) -> int:
            answer()
            real(old).replace(real(new))
            return 0

        def release(self, path: str, fh: int) -> int:
            os.close(fh)
            return 0

    def exit_with_the_campaign() -> None:
        sys.stdin.read()
        subprocess.run(["fusermount3", "-u", "-z", "-q", place / "disk"], check=False)

    threading.Thread(target=exit_with_the_campaign, daemon=True).start()
    mfusepy.FUSE(Driver(), str(place / "disk"), foreground=True, nothreads=False, attr_timeout=0, entry_timeout=0)


if __name__ == "__main__":
    _serve(Path(sys.argv[1]))
