"""A folder on a disk that hangs: a FUSE mount that never answers questions about a file in it.

The driver runs in a process of its own, and answers by itself after a minute, so that a test that waits for it fails
and does not hang.
"""

import errno
import os
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path

from tests.live.loopback import SECONDS, wait_until

HANGING_SECONDS = 60.0


class HangingFolder:
    """Test's side of the driver. `folder` is the mounted folder."""

    def __init__(self, place: Path) -> None:
        self.folder = place / "disk"
        self._asked = place / "asked"
        self.folder.mkdir(parents=True)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.live.hanging_folder", place],
            cwd=Path(__file__).parents[2],
            stdin=subprocess.PIPE,
        )
        wait_until(lambda: self.folder.is_mount() or self._process.poll() is not None, "the mount")
        assert self._process.poll() is None, "the driver did not start"

    @property
    def asked(self) -> int:
        """Number of questions about files that were not answered."""
        return self._asked.stat().st_size if self._asked.exists() else 0

    def close(self) -> None:
        """Unmount. What still waits for the disk gets an error."""
        try:
            self._process.communicate(timeout=SECONDS)
        finally:
            self._process.kill()
            self._process.wait()


def _serve(place: Path) -> None:
    import mfusepy

    class Driver(mfusepy.Operations):  # type: ignore[misc]  # mfusepy has no types
        """The mounted file system: a folder without an answer."""

        use_ns = True

        def getattr(self, path: str, fh: int | None = None) -> dict[str, int]:
            if path == "/":
                return {"st_mode": stat.S_IFDIR | 0o755, "st_nlink": 2}
            with (place / "asked").open("ab") as asked:
                asked.write(b".")
            time.sleep(HANGING_SECONDS)
            raise mfusepy.FuseOSError(errno.ENOENT)

    def exit_with_the_test() -> None:
        sys.stdin.read()
        subprocess.run(["fusermount3", "-u", "-z", "-q", place / "disk"], check=False)
        time.sleep(0.1)
        # The threads that do not answer would keep the process. When it is gone, the kernel answers for them.
        os._exit(0)

    threading.Thread(target=exit_with_the_test, daemon=True).start()
    mfusepy.FUSE(Driver(), str(place / "disk"), foreground=True, nothreads=False, attr_timeout=0, entry_timeout=0)


if __name__ == "__main__":
    _serve(Path(sys.argv[1]))
