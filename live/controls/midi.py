"""A MIDI device that may come and go: read in a thread of its own, looked for again whenever it is missing."""

import atexit
import contextlib
import os
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import pygame.midi

from live.console import report, say
from live.errors import ControlError

READ_SECONDS = 1 / 200
MOST_MESSAGES = 64
# How often a missing device is looked for.
SEARCH_SECONDS = 2.0
# PortMidi does not say that a device was pulled out: after so much silence it is asked anew what there is.
SILENT_SECONDS = 10.0

Message = tuple[int, int, int]
"""Status, first and second data byte."""


class Ports(Protocol):
    """The MIDI inputs of a machine, one of which is open."""

    def open(self, device: str) -> str | None:
        """Close what is open, see what there is, and open the first whose name contains `device`; its name or None."""

    def read(self) -> list[Message]:
        """The messages that have come since the last call. Raises `OSError` if the device is gone."""

    def close(self) -> None:
        """Let go of it all."""


class PygamePorts:
    """The inputs that PortMidi knows of."""

    def __init__(self) -> None:
        self._input: pygame.midi.Input | None = None
        if sys.platform == "linux":
            # pygame's wheels bring an ALSA that looks for its configuration where nobody has it.
            configuration = "/usr/share/alsa/alsa.conf"
            if os.path.exists(configuration):
                os.environ.setdefault("ALSA_CONFIG_PATH", configuration)

    def open(self, device: str) -> str | None:
        """See `Ports`. Capital and small letters are the same."""
        self.close()
        # Without ALSA's sequencer there is no MIDI, and asking for it would make ALSA complain on stderr.
        if sys.platform == "linux" and not Path("/dev/snd/seq").exists():
            return None
        try:
            # PortMidi looks at the machine only here.
            pygame.midi.init()
            for number in range(pygame.midi.get_count()):
                _, name, is_input, _, _ = pygame.midi.get_device_info(number)
                label = name.decode(errors="replace")
                if is_input and device.lower() in label.lower():
                    self._input = pygame.midi.Input(number)
                    return label
        # PortMidi's errors have no type of their own.
        except Exception:
            self.close()
        return None

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
            # One that was pulled out may have nothing left to close.
            with contextlib.suppress(Exception):
                device.close()
        pygame.midi.quit()
        # pygame.midi.init registers it anew each time.
        atexit.unregister(pygame.midi.quit)


class MidiInput:
    """Hands the messages of the device whose name contains `device` (empty: the first there is) to `receive`.

    A device that is missing or pulled out is said in one line and looked for again; the show never waits for it.
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
        """The device that is open; None while it is looked for."""
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="midi", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop listening."""
        self._closing.set()
        self._thread.join()

    def _run(self) -> None:
        # None: not yet said of either.
        there: bool | None = None
        while not self._closing.is_set():
            self.name = self._ports.open(self._device)
            if (self.name is not None) != there:
                there = self.name is not None
                self._tell()
            if self.name is None:
                self._closing.wait(self._search_seconds)
            else:
                self._listen()
        self._ports.close()

    def _tell(self) -> None:
        if self.name is not None:
            say(f"MIDI: {self.name}")
        else:
            what = f"MIDI device {self._device}" if self._device else "MIDI device"
            report(ControlError(f"there is no {what}; plug it in, it is looked for"))

    def _listen(self) -> None:
        """Read until the device is gone, was silent for long, or nobody wants to know any more."""
        heard = time.monotonic()
        while not self._closing.wait(READ_SECONDS) and time.monotonic() - heard < self._silent_seconds:
            try:
                messages = self._ports.read()
            except OSError:
                return
            for message in messages:
                heard = time.monotonic()
                self._receive(*message)
