"""Audio inputs of this machine: microphones, line inputs, and on Linux what the machine itself plays.

The only module that loads miniaudio.
"""

import os
import queue
import sys
from collections.abc import Generator
from typing import Any

import miniaudio
import numpy as np
from numpy.typing import NDArray

from live.audio.sound_file import SAMPLE_RATE
from live.errors import AudioError

# Time between two blocks of sound.
BLOCK_MILLISECONDS = 10
# Without a sound server there may be ALSA alone, which prints errors on stderr where there is no sound card.
SOUND_CARDS = "/dev/snd"


def _backends() -> list[miniaudio.Backend]:
    """Return the interfaces to look for inputs in. The null device, which is always there, is none of them."""
    kinds = miniaudio.Backend
    if sys.platform == "win32":
        return [kinds.WASAPI, kinds.DSOUND, kinds.WINMM]
    if sys.platform == "darwin":
        return [kinds.COREAUDIO]
    return [kinds.PULSEAUDIO, *([kinds.ALSA] if os.path.isdir(SOUND_CARDS) else [])]


def _captures() -> list[dict[str, Any]]:
    try:
        return list(miniaudio.Devices(_backends()).get_captures())
    # Without a sound server and a sound card there is no interface at all.
    except miniaudio.MiniaudioError:
        return []


def list_inputs() -> list[str]:
    """Return the names of all inputs that are plugged in, without opening one."""
    return [str(each["name"]) for each in _captures()]


class OpenInput:
    """An input that delivers its sound in mono.

    Args:
        name: A part of its name, in upper or lower case; empty for the system's own choice.

    Raises:
        AudioError: It is missing or cannot be opened, which may pass.
    """

    def __init__(self, name: str) -> None:
        self._blocks: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        captures = _captures()
        found = [each for each in captures if name.lower() in str(each["name"]).lower()]
        if not found:
            there = ", ".join(str(each["name"]) for each in captures)
            what = f"no audio input {name}" if name else "no audio input"
            raise AudioError(f"there is {what}{f'; there are {there}' if there else ''}", may_pass=True)
        self.name = str(found[0]["name"]) if name else "the system's audio input"
        """Name of the input."""
        try:
            self._device = miniaudio.CaptureDevice(
                miniaudio.SampleFormat.FLOAT32,
                nchannels=1,
                sample_rate=SAMPLE_RATE,
                buffersize_msec=BLOCK_MILLISECONDS,
                device_id=found[0]["id"] if name else None,
                backends=_backends(),
                app_name="Ninety Seconds After",
            )
            taking = self._take()
            next(taking)
            self._device.start(taking)
        except miniaudio.MiniaudioError as error:
            raise AudioError(f"the audio input {self.name} cannot be opened ({error})", may_pass=True) from error

    def read(self, timeout: float) -> NDArray[np.float32] | None:
        """Return the next sound, float32 [n], −1…1; None if none comes in time."""
        try:
            return np.frombuffer(self._blocks.get(timeout=timeout), np.float32)
        except queue.Empty:
            return None

    def close(self) -> None:
        """Release the input."""
        self._device.close()

    def _take(self) -> Generator[None, bytes, None]:
        """Take blocks of sound, in a thread of the library."""
        while True:
            self._blocks.put(bytes((yield)))
