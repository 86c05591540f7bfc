"""Supervised shows on a real X screen, for tests that kill, press keys and look."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from live.frame import Pixels
from tests.live.command import RUN_LIVE
from tests.live.waiting import SECONDS, is_running

# Like `--supervise`, with other limits.
SUPERVISE = """
import sys
sys.path.insert(0, {root!r})
from live.supervision.supervisor import Limits, supervise
sys.exit(supervise([sys.executable, {script!r}, *sys.argv[1:]], Limits({limits})))
"""


class Supervised:
    """A supervised show that runs, and the socket that its supervisor talks to."""

    def __init__(self, environment: dict[str, str], folder: Path, program: list[str], *arguments: object) -> None:
        self.environment = environment
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(folder / "notify"))
        self.socket.settimeout(SECONDS)
        self.said: list[str] = []
        common = ["--provider", "cpu", "--precision", "fp32", "--seed", 7]
        self.process = subprocess.Popen(
            [sys.executable, *program, *map(str, [*common, *arguments])],
            env=environment | {"NOTIFY_SOCKET": str(folder / "notify"), "OMP_NUM_THREADS": "1"},
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def wait_for(self, text: str) -> None:
        """Wait until the supervisor tells the service manager a line with `text`."""
        end = time.monotonic() + SECONDS
        while not any(text in line for line in self.said):
            assert time.monotonic() < end, self.said
            self.said += self.socket.recv(4096).decode().splitlines()

    def wait_for_state(self) -> None:
        """Wait until the supervisor has a state that the show sent after this call."""
        self.socket.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            while True:
                self.said += self.socket.recv(4096).decode().splitlines()
        self.socket.settimeout(SECONDS)
        # Of two lines, which are a second apart, the second follows a later state, which comes twice a second.
        for _ in range(2):
            self.said = [line for line in self.said if not line.startswith("STATUS=presenting")]
            self.wait_for("STATUS=presenting")

    def children(self) -> dict[int, str]:
        """Return the processes that the supervisor has started: number and command."""
        pid = self.process.pid
        children: dict[int, str] = {}
        # Each of them may just have ended.
        with contextlib.suppress(OSError):
            for number in map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split()):
                with contextlib.suppress(OSError):
                    children[number] = Path(f"/proc/{number}/cmdline").read_text()
        return children

    def show(self, besides: int = 0) -> int:
        """Wait for a process of the show and return its number, which is another one than `besides`."""
        end = time.monotonic() + SECONDS
        while True:
            # Until it runs its own program, a new process has the supervisor's command.
            found = [
                number
                for number, command in self.children().items()
                if "--seed" in command and "--supervise" not in command
            ]
            if found and found[0] != besides:
                return found[0]
            assert time.monotonic() < end

    def screenshot(self) -> Pixels:
        """Return the whole screen, uint8 [H, W, 3] RGB."""
        command = ["import", "-window", "root", "png:-"]
        png = subprocess.run(command, env=self.environment, capture_output=True, check=True).stdout
        picture = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_COLOR)
        assert picture is not None
        return np.asarray(picture[:, :, ::-1], np.uint8)

    def wait_for_screen(self, condition: Callable[[Pixels], object]) -> None:
        """Wait until a screenshot fulfils the condition."""
        end = time.monotonic() + SECONDS
        while not condition(self.screenshot()):
            assert time.monotonic() < end

    def press(self, *keys: str) -> None:
        """Press keys, by their names in X, one after the other."""
        subprocess.run(["xdotool", "key", "--delay", "60", *keys], env=self.environment, check=True)

    def press_until(self, condition: Callable[[], object], key: str) -> None:
        """Press a key again and again until it has had its effect. While the backdrop has the keys, it has none."""
        end = time.monotonic() + SECONDS
        while not condition():
            assert time.monotonic() < end
            self.press(key)
            again_at = time.monotonic() + 3
            while not condition() and time.monotonic() < again_at:
                time.sleep(0.02)

    def hold(self, seconds: float, *keys: str) -> None:
        """Hold keys down for so many seconds."""
        for action in ("keydown", "keyup"):
            subprocess.run(["xdotool", action, *keys], env=self.environment, check=True)
            time.sleep(seconds if action == "keydown" else 0)

    def end(self) -> tuple[int, str, str]:
        """Wait for the end, and return exit code, stdout and stderr. Nothing may be left over."""
        children = self.children()
        out, errors = self.process.communicate(timeout=SECONDS)
        assert [command for number, command in children.items() if is_running(number)] == []
        return self.process.returncode, out, errors


class Start:
    """Starts supervised shows, and kills what is left of them."""

    def __init__(self, environment: dict[str, str], folder: Path) -> None:
        self._environment, self._folder = environment, folder
        self.started: list[Supervised] = []

    def __call__(self, *arguments: object, limits: str = "") -> Supervised:
        limited = SUPERVISE.format(root=str(RUN_LIVE.parent), script=str(RUN_LIVE), limits=limits)
        program = ["-c", limited] if limits else [str(RUN_LIVE), "--supervise"]
        self.started.append(Supervised(self._environment, self._folder, program, *arguments))
        return self.started[-1]

    def close(self) -> None:
        """Kill what is left of the shows."""
        for supervised in self.started:
            if supervised.process.poll() is None:
                for number in supervised.children():
                    os.kill(number, signal.SIGKILL)
            supervised.process.kill()
            supervised.process.communicate()
            supervised.socket.close()
