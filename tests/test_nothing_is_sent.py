"""Nothing is sent or left behind that was not asked for: a show, a training and an export, watched from outside.

ONNX Runtime's official builds send telemetry unless `ORT_DISABLE_TELEMETRY` is set before the first import; where `CI`
is set they keep still. So each command runs here without `CI`, in an empty home folder, under strace.
"""

import os
import subprocess
import sys
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from tests.live.bundles import write_bundle
from train.images.video import write_video

ROOT = Path(__file__).parent.parent
STRACE = ("strace", "-f", "-qq", "--seccomp-bpf", "-e", "trace=socket,connect,sendto,sendmsg")
# A local socket stays on this machine: X11, a Unix socket between processes.
INTERNET = ("AF_INET", "AF_INET6")

# The training's own command. Its measure of the film looks at a few dozen crops instead of thousands: they take half a
# minute, and the network that sees them is the same.
TRAIN = """
import runpy
from train.metrics.wholeness import Wholeness
Wholeness.__init__.__kwdefaults__.update(manifold=64, count=64)
runpy.run_module("train", run_name="__main__", alter_sys=True)
"""

Watch = Callable[..., None]

pytestmark = [
    pytest.mark.needs("strace"),
    pytest.mark.skipif(sys.platform != "linux", reason="strace watches Linux alone"),
]


@pytest.fixture
def watch(tmp_path: Path) -> Watch:
    """Run a command of ours and fail if it opens an internet socket or leaves a file in its home folder."""
    home = tmp_path / "home"
    home.mkdir()

    def run(*command: str) -> None:
        trace = tmp_path / "trace.txt"
        # XDG's folders may lie outside of the home folder, and would hide what is left there.
        inherited = {
            name: value for name, value in os.environ.items() if not name.startswith(("CI", "GITHUB_", "XDG_"))
        }
        # A setting of somebody else's must not switch it on.
        environment = inherited | {
            "HOME": str(home),
            "PYTHONPATH": str(ROOT),
            "ORT_DISABLE_TELEMETRY": "0",
            "OMP_NUM_THREADS": "1",
            "SDL_VIDEODRIVER": "dummy",
        }
        done = subprocess.run(
            [*STRACE, "-o", str(trace), sys.executable, *command],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        calls = trace.read_text().splitlines()
        assert [call for call in calls if any(f"{family}," in call for family in INTERNET)] == []
        assert [str(path.relative_to(home)) for path in home.rglob("*")] == []

    return run


def test_a_show_sends_nothing(watch: Watch, tmp_path: Path) -> None:
    small = ("--model", str(write_bundle(tmp_path / "small")))
    # The show as it comes, with its own network. Of the other two, what they load beside the network is watched.
    watch(str(ROOT / "run_live.py"), "--headless", "--tail", "1", "--seconds", "5")
    watch(str(ROOT / "run_live.py"), "--seconds", "3", *small)
    watch(str(ROOT / "run_live.py"), "--doctor", "--provider", "cpu", "--precision", "fp32", *small)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["home", "small", "trace.txt"]


@pytest.mark.parametrize(
    "program",
    [
        "import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).close()",
        "import pathlib; pathlib.Path.home().joinpath('left').touch()",
    ],
)
def test_the_watch_sees_what_it_watches_for(watch: Watch, program: str) -> None:
    with pytest.raises(AssertionError):
        watch("-c", program)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_training_export_and_evaluation_send_nothing(watch: Watch, tmp_path: Path) -> None:
    # Two frames a second, so that ninety seconds are a short rollout.
    pictures = [np.roll(picture, 4 * number, 1) for number, picture in enumerate([gradient()] * 48)]
    write_video(tmp_path / "film.mkv", pictures, Fraction(2))
    cache = ("--cache", "decoded")
    small = ("--preset", "small", "--size", "64x48", "--steps", "1")
    watch("-c", TRAIN, "fit", "film.mkv", "--out", "run", *small, *cache)
    watch("-c", TRAIN, "export", "run", "--out", "bundle")
    short = ("--starts", "1", "--seeds", "1", "--seconds", "8")
    watch("-c", TRAIN, "evaluate", "bundle", "film.mkv", "--out", "report", *short, *cache)
    made = {"bundle", "decoded", "film.mkv", "home", "report", "run", "trace.txt"}
    assert {path.name for path in tmp_path.iterdir()} == made


def gradient() -> np.ndarray:
    """Return a picture with something to see: uint8 RGB [64, 112, 3]."""
    x, y = np.meshgrid(np.arange(112), np.arange(64))
    return np.stack([2 * x, 4 * y, 128 + 100 * np.sin(x / 9)], 2).astype(np.uint8)
