"""A sound server of the tests' own, with an input that hears a tone."""

import os
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread

from tests.live.sounds import tone
from tests.live.waiting import wait_until

INPUT = "Test microphone"


class PulseServer:
    """PulseAudio with one input that is fed through a pipe.

    Args:
        folder: Its files.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.address = f"unix:{folder / 'native'}"
        self._pipe = folder / "microphone"
        self.start()

    def start(self) -> None:
        """Start it, with its input."""
        source = f"module-pipe-source source_name=test file={self._pipe} format=float32le rate=48000 channels=1"
        named = f"{source} source_properties=\"device.description='{INPUT}'\""
        socket = f"module-native-protocol-unix socket={self._folder / 'native'} auth-anonymous=1"
        command = ["pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no", "-L", socket]
        own = {"HOME": str(self._folder), "XDG_RUNTIME_DIR": str(self._folder)}
        self._process = subprocess.Popen(
            [*command, "-L", named], env=os.environ | own, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        wait_until(lambda: (self._folder / "native").exists() and self._pipe.exists())
        self._ended = Event()
        self._player = Thread(target=self._play, daemon=True)
        self._player.start()

    def _play(self) -> None:
        """Let the input hear a tone, for as long as it runs."""
        descriptor = os.open(self._pipe, os.O_WRONLY | os.O_NONBLOCK)
        sound = tone(0.1, 1000)[:, 0].astype("<f4").tobytes()
        while not self._ended.is_set():
            # The pipe is full while nobody listens.
            with suppress(BlockingIOError):
                os.write(descriptor, sound)
            time.sleep(0.01)
        os.close(descriptor)

    def stop(self) -> None:
        """End it, as a crash does."""
        self._ended.set()
        self._player.join()
        self._process.kill()
        self._process.wait()
        for left in (self._folder / "native", self._pipe):
            left.unlink(missing_ok=True)
