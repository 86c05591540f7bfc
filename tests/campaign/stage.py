"""A supervised show with a window, a webcam, a virtual camera, OSC and a recording, and everything around it."""

import contextlib
import fcntl
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path

from pythonosc.udp_client import SimpleUDPClient

from tests.campaign.faulty_disk import FaultyDisk
from tests.campaign.faulty_show import FOLDER
from tests.campaign.screen import Screen, Wall
from tests.live.bundles import METADATA, make_model, read_film, write_bundle
from tests.live.loopback import Loopback, why_not

ROOT = Path(__file__).parents[2]
FAULTY_SHOW = Path(__file__).with_name("faulty_show.py")
FRAME_RATE = 24
SECONDS = 100.0
FIRST_FRAMES = 24
ENDING_SECONDS = 30.0
# Ranges that every picture of the small network keeps, but a black one.
LIFE_SIGNS = {"sharpness": [0.0, 1e6], "colour": [[0.02, 1.0]] * 3, "motion": 1e-6, "stillness": 2.0}


def write_campaign_bundle(folder: Path) -> Path:
    """Write a small bundle with a camera, whose title no ASCII terminal can show, and return its folder."""
    metadata = METADATA | {
        "frame_rate": str(FRAME_RATE),
        "title": "Ninety − Seconds",
        "life_signs": json.dumps(LIFE_SIGNS),
    }
    return write_bundle(folder, make_model(camera=True, metadata=metadata))


def wait_until(condition: Callable[[], object], seconds: float = SECONDS) -> bool:
    """Wait until the condition holds, for so many seconds at most. Return whether it does."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


class Stage:
    """Place of one show. What a fault needs is made when it is first asked for.

    Args:
        folder: New folder for all its files.
        bundle: The bundle to play.
    """

    def __init__(self, folder: Path, bundle: Path) -> None:
        self.folder = folder
        self._bundle = bundle
        folder.mkdir(parents=True)
        for name in ("out", "presets", "snapshots"):
            (folder / name).mkdir()
        self.webcam("deliver")
        self.step("work")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])
        self.screen = Screen(folder / "screens")
        self.wall = Wall(self.screen)
        self.process: subprocess.Popen[bytes] | None = None
        self.unread = self.terminal = -1
        """Descriptors of a pipe that nobody reads, and of a terminal, where a fault has made them."""
        self._closing = contextlib.ExitStack()
        self._closing.callback(self.screen.kill)
        self._closing.callback(self.wall.close)

    # ------------------------------------------------------------------------
    # What surrounds the show.

    @cached_property
    def disk(self) -> FaultyDisk:
        """A disk that fails on request."""
        disk = FaultyDisk(self.folder / "stick")
        self._closing.callback(disk.close)
        return disk

    @cached_property
    def virtual_camera(self) -> Loopback | None:
        """Driver of a virtual camera; None where this machine can have none."""
        if why_not():
            return None
        loopback = Loopback(self.folder / "loopback")
        self._closing.callback(_close, loopback)
        return loopback

    def webcam(self, deed: str) -> None:
        """Change what the webcam's driver does (`tests.live.scripted_capture`)."""
        self._write("does", deed)

    def step(self, deed: str) -> None:
        """Change what the steps of the network do (`tests.campaign.faulty_show`)."""
        self._write("step", deed)

    def osc(self, address: str, *values: object, host: str = "127.0.0.1") -> None:
        """Send an OSC message from and to this address of the machine."""
        client = SimpleUDPClient(host, self.port)
        client.send_message(address, list(values))
        client._sock.close()

    def close_with(self, close: Callable[[], object]) -> None:
        """Call a function at the end."""
        self._closing.callback(close)

    # ------------------------------------------------------------------------
    # The show.

    def start(
        self,
        options: Sequence[object],
        environment: Mapping[str, str],
        streams: Mapping[str, int] | None = None,
        *,
        supervised: bool = True,
    ) -> None:
        """Start the show on the screen as it is. `options` overrule the usual ones."""
        usual: dict[str, Sequence[object]] = {
            "--model": [self._bundle],
            "--mode": ["camera"],
            "--camera-mix": [0.5],
            "--osc": [self.port],
            "--record": [self.folder / "out/a.mkv"],
            "--presets": [self.folder / "presets"],
            "--snapshots": [self.folder / "snapshots"],
            "--log": [self.log_path],
            "--status": [self.folder / "status.json"],
            "--stats": [self.folder / "stats.json"],
            "--provider": ["cpu"],
            "--precision": ["fp32"],
            "--seed": [7],
        }
        if self.virtual_camera:
            usual |= {"--virtual-camera": [self.virtual_camera.device], "--virtual-camera-size": ["128x96"]}
        left = {name: values for name, values in usual.items() if name not in options}
        command: list[object] = [sys.executable, FAULTY_SHOW, "--fullscreen", *options]
        command += ["--supervise"] if supervised else []
        command += [each for name, values in left.items() for each in (name, *values)]
        self._said = (self.folder / "said.txt").open("wb")
        self.close_with(self._said.close)
        own = {FOLDER: str(self.folder), "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
        given = dict(streams or {})
        self.process = subprocess.Popen(
            list(map(str, command)),
            env={**self.screen.environment, **own, **environment},
            cwd=self.folder,
            stdin=given.get("stdin", subprocess.DEVNULL),
            stdout=given.get("stdout", self._said),
            stderr=given.get("stderr", self._said),
            start_new_session=True,
            preexec_fn=_take_terminal if "stdin" in given else None,
        )

    @property
    def log_path(self) -> Path:
        return self.folder / "show.log"

    def shows(self) -> bool:
        """Wait until the show moves on the screen and is recorded. Return False if it never does."""
        return wait_until(lambda: len(self.wall.frames()) >= FIRST_FRAMES)

    def is_whole(self) -> bool:
        """Return whether the webcam delivers, and the virtual camera is written to."""
        return self.webcam_leads() and (self.virtual_camera is None or bool(self.virtual_camera.frames))

    def webcam_leads(self) -> bool:
        """Return whether the status says that the show follows the webcam."""
        for path in (self.folder / "status.json", self.folder / "stick/behind/status.json"):
            with contextlib.suppress(OSError, ValueError):
                return ", mix " in (json.loads(path.read_text())["camera"] or "")
        return False

    @property
    def pid(self) -> int | None:
        """Number of the show's process; None if there is none at the moment."""
        if self.process is None:
            return None
        supervisor = self.process.pid
        with contextlib.suppress(OSError):
            for number in map(int, Path(f"/proc/{supervisor}/task/{supervisor}/children").read_text().split()):
                with contextlib.suppress(OSError):
                    command = Path(f"/proc/{number}/cmdline").read_text()
                    if FAULTY_SHOW.name in command and "--supervise" not in command:
                        return number
        return None

    def send(self, number: int) -> None:
        """Send a signal to the show's process, past its supervisor."""
        if (pid := self.pid) is not None:
            os.kill(pid, number)

    def count_said(self, pattern: str) -> int:
        """Return how often the log, or else the output of the supervisor, has this regular expression."""
        for path in (self.log_path, self.folder / "stick/behind/show.log", self.folder / "said.txt"):
            if path.is_file() and (found := re.findall(pattern, path.read_text(errors="replace"))):
                return len(found)
        return 0

    def lost_seconds(self, since: float = 0.0) -> float:
        """Return for how long frames were shown that no recording holds: infinity if a recording cannot be played.

        Args:
            since: Time of the first frame that counts, in seconds of `time.monotonic`.
        """
        # Not in the disk's own folder: it may still hang.
        folders = (self.folder / "out", self.folder / "stick/behind", self.folder / "moved")
        recordings = [path for folder in folders for path in folder.glob("*.mkv") if path.stat().st_size]
        try:
            recorded = sum(len(read_film(path)) for path in recordings)
        except OSError:
            return float("inf")
        return max(0.0, (len(self.wall.frames(since)) - recorded) / FRAME_RATE)

    def end(self, number: int = signal.SIGTERM) -> None:
        """Send a signal to the supervisor that ends the show."""
        assert self.process is not None
        self.process.send_signal(number)

    def exit_code(self) -> int | None:
        """Wait for the end, and return the exit code; None if it does not come soon."""
        process = self.process
        assert process is not None
        wait_until(lambda: process.poll() is not None, ENDING_SECONDS)
        return process.returncode

    def close(self) -> None:
        """End everything and remove the files."""
        if self.process and self.process.poll() is None:
            pid = self.pid
            self.process.kill()
            self.process.wait()
            if pid is not None:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(pid, signal.SIGKILL)
        if self.process:
            # What an unsupervised show has started, and what would end by itself a moment later.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
        self._closing.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _write(self, name: str, text: str) -> None:
        new = self.folder / f"{name}.new"
        new.write_text(text)
        new.replace(self.folder / name)


def _close(loopback: Loopback) -> None:
    """Close a driver. One that does not end is killed, and says nothing about the show, which has ended."""
    with contextlib.suppress(subprocess.TimeoutExpired):
        loopback.close()


def _take_terminal() -> None:
    """Make stdin the terminal of this session, which is told when it is closed."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
