"""Shows on machines that are short of something, or set up for little more than the show."""

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from tests.live.command import RUN_LIVE, run

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="limits and mounts of Linux")

# Everything that is mounted is read-only, the folder for temporary files among it, and there is no home.
READ_ONLY = """
set -e
mount --rbind / /
awk '{print $2}' /proc/self/mounts | sort -u | while read -r place; do
    case "$place" in /proc*|/sys*|/dev*) ;; *) mount -o remount,bind,ro "$place" 2>/dev/null || true ;; esac
done
! touch /tmp/written 2>/dev/null
exec "$@"
"""


@pytest.mark.parametrize(
    ("kind", "most"),
    [
        # Enough for Python, and not for the libraries, or for what the show opens.
        (resource.RLIMIT_AS, 200 * 2**20),
        (resource.RLIMIT_NOFILE, 8),
    ],
)
def test_a_machine_short_of_something_is_one_line(bundle_folder: Path, kind: int, most: int) -> None:
    def limit() -> None:
        resource.setrlimit(kind, (most, most))

    given = ["--model", bundle_folder, "--headless", "--seconds", "0.1"]
    ended = run(*given, env=os.environ | {"OMP_NUM_THREADS": "1"}, preexec_fn=limit)
    assert (ended.returncode in (1, 2), ended.stdout) == (True, "")
    assert ended.stderr.startswith("ninety-seconds-after: error: ")
    assert ended.stderr.count("\n") == 1


@pytest.mark.needs("unshare")
def test_a_read_only_system_without_a_home_plays(bundle_folder: Path, tmp_path: Path) -> None:
    probe = subprocess.run(["unshare", "-rm", "true"], capture_output=True, check=False)
    if probe.returncode:
        pytest.skip("this account may not make a namespace of mounts")
    play = [sys.executable, str(RUN_LIVE), "--model", str(bundle_folder), "--seconds", "0.5", "--tail", "0.2"]
    kept = ("PATH", "SYSTEM_TOOLS")
    environment = {name: value for name, value in os.environ.items() if name in kept}
    ended = subprocess.run(
        ["unshare", "-rm", "sh", "-c", READ_ONLY, "sh", *play, "--status", str(tmp_path / "s.json"), "--fullscreen"],
        capture_output=True,
        text=True,
        env=environment | {"SDL_VIDEODRIVER": "dummy", "OMP_NUM_THREADS": "1"},
        cwd="/",
        timeout=120,
        check=False,
    )
    assert ended.stderr == ""
    assert "cannot write the status" in ended.stdout
    assert ended.returncode == 0
