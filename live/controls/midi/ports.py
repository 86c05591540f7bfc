"""A MIDI device that may come and go: read in a thread of its own, and searched for whenever it is missing."""

import atexit
import contextlib
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

import pygame.midi

from live.console import report, say
from live.errors import ControlError

READ_SECONDS = 1 / 200
MOST_MESSAGES = 64
# Interval between two searches for a missing device.
SEARCH_SECONDS = 2.0
# PortMidi does not report that a device was unplugged: after so much silence the device is opened anew.
SILENT_SECONDS = 10.0
# A driver that hangs does not delay the end of the show.
CLOSING_SECONDS = 1.0

Message = tuple[int, int, int]
"""Status, first and second data byte."""


class Ports(Protocol):
    """The MIDI inputs of a machine, one of which is open."""

    def open(self, device: str) -> str | None:
        """Close the open input and open the first whose name contains `device`; return its name, or None."""

    def read(self) -> list[Message]:
        """Return the messages since the last call.

        Raises:
            OSError: The device is gone.
        """

    def close(self) -> None:
        """Close the open input and release the library."""


class PygamePorts:
    """Inputs that PortMidi finds."""

    def __init__(self) -> None:
        self._input: pygame.midi.Input | None = None
        if sys.platform == "linux":
            # pygame's wheels bring an ALSA that searches for its configuration in the wrong folder.
            configuration = "/usr/share/alsa/alsa.conf"
            if os.path.exists(configuration):
                os.environ.setdefault("ALSA_CONFIG_PATH", configuration)

    def open(self, device: str) -> str | None:
        """See `Ports`. Upper and lower case are the same."""
        self.close()
        for number, label in self._labels():
            if device.lower() in label.lower():
                try:
                    self._input = pygame.midi.Input(number)
                # PortMidi's errors have no type of their own.
                except Exception:
                    break
                return label
        self.close()
        return None

    def names(self) -> list[str]:
        """Return the names of all inputs that are plugged in, without opening one."""
        return [label for _, label in self._labels()]

    def _labels(self) -> Iterator[tuple[int, str]]:
        """Yield PortMidi's number and the name of each input."""
        # Without ALSA's sequencer there is no MIDI, and asking for it makes ALSA print errors on stderr.
        if sys.platform == "linux" and not Path("/dev/snd/seq").exists():
            return
        # PortMidi lists the devices only at this call.
        pygame.midi.init()
        for number in range(pygame.midi.get_count()):
            _, name, is_input, _, _ = pygame.midi.get_device_info(number)
            if is_input:
                yield number, name.decode(errors="replace")

    def read(self) -> list[Message]:
        """See `Ports`."""
        if self._input is None:
            return []
        try:
            events: list[Any] = self._input.read(MOST_MESSAGES) if self._input.poll() else []
        except Exception as error:
            raise OSError(str(error)) from error
        return [(status, data1, data2) for (status, data1, data2, _), _ in events]

    def close(self) -> None:
        """See `Ports`."""
        device, self._input = self._input, None
        if device is not None:
            # An unplugged device may have nothing left to close.
            with contextlib.suppress(Exception):
                device.close()
        pygame.midi.quit()
        # pygame.midi.init registers it again each time.
        atexit.unregister(pygame.midi.quit)


class MidiInput:
    """Reads a MIDI device in a thread of its own.

    A device that is missing or unplugged is reported in one line and searched for; the show never waits for it.

    Args:
        device: A part of the device's name; empty for the first device found.
        receive: Takes the bytes of each message, in the thread of the device.
        ports: Inputs of the machine.
        search_seconds: Interval between two searches for a missing device.
        silent_seconds: Silence after which the device is opened anew.
    """

    def __init__(
        self,
        device: str,
        receive: Callable[[int, int, int], None],
        ports: Ports,
        *,
        search_seconds: float = SEARCH_SECONDS,
        silent_seconds: float = SILENT_SECONDS,
    ) -> None:
        self._device = device
        self._receive = receive
        self._ports = ports
        self._search_seconds = search_seconds
        self._silent_seconds = silent_seconds
        self.name: str | None = None
        """Name of the open device; None while it is searched for."""
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="midi", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop listening."""
        self._closing.set()
        self._thread.join(CLOSING_SECONDS)

    def _run(self) -> None:
        # None: nothing has been reported yet.
        found: bool | None = None
        while not self._closing.is_set():
            self.name = self._ports.open(self._device)
            if (self.name is not None) != found:
                found = self.name is not None
                self._report()
            if self.name is None:
                self._closing.wait(self._search_seconds)
            else:
                self._listen()
        self._ports.close()

    def _report(self) -> None:
        if self.name is not None:
            say(f"MIDI: {self.name}")
        else:
            what = f"MIDI device {self._device}" if self._device else "MIDI device"
            report(ControlError(f"there is no {what}; plug it in, the show keeps searching"))

    def _listen(self) -> None:
        """Read until the device is gone, was silent for too long, or `close` is called."""
        heard = time.monotonic()
        while not self._closing.wait(READ_SECONDS) and time.monotonic() - heard < self._silent_seconds:
            try:
                messages = self._ports.read()
            except OSError:
                return
            for message in messages:
                heard = time.monotonic()
                self._receive(*message)
