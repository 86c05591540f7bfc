"""A MIDI device that may come and go: read and sent to in a thread of its own, and searched for while it is missing."""

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
    """The MIDI inputs and outputs of a machine. One of each may be open."""

    def open(self, device: str) -> str | None:
        """Close what is open, and open the first input whose name contains `device`; return its name, or None."""

    def open_output(self, device: str) -> str | None:
        """Open the first output whose name contains `device`, beside the input; return its name, or None."""

    def read(self) -> list[Message]:
        """Return the messages since the last call.

        Raises:
            OSError: The device is gone.
        """

    def send(self, message: Message) -> None:
        """Send a message to the open output.

        Raises:
            OSError: The device is gone.
        """

    def close(self) -> None:
        """Close what is open and release the library."""


class PygamePorts:
    """Inputs and outputs that PortMidi finds."""

    def __init__(self) -> None:
        self._input: pygame.midi.Input | None = None
        self._output: pygame.midi.Output | None = None
        if sys.platform == "linux":
            # pygame's wheels bring an ALSA that searches for its configuration in the wrong folder.
            configuration = "/usr/share/alsa/alsa.conf"
            if os.path.exists(configuration):
                os.environ.setdefault("ALSA_CONFIG_PATH", configuration)

    def open(self, device: str) -> str | None:
        """See `Ports`. Upper and lower case are the same."""
        self.close()
        name, self._input = self._first(device, pygame.midi.Input)
        if name is None:
            self.close()
        return name

    def open_output(self, device: str) -> str | None:
        """See `Ports`. Upper and lower case are the same."""
        name, self._output = self._first(device, pygame.midi.Output)
        return name

    def _first(self, device: str, kind: Any) -> tuple[str | None, Any]:
        """Open the first input or output whose name contains `device`; return its name and the port, or None twice."""
        for number, label in self._labels(outputs=kind is pygame.midi.Output):
            if device.lower() in label.lower():
                # PortMidi's errors have no type of their own.
                with contextlib.suppress(Exception):
                    return label, kind(number)
                break
        return None, None

    def names(self) -> list[str]:
        """Return the names of all inputs that are plugged in, without opening one."""
        return [label for _, label in self._labels()]

    def _labels(self, *, outputs: bool = False) -> Iterator[tuple[int, str]]:
        """Yield PortMidi's number and the name of each input, or output."""
        # Without ALSA's sequencer there is no MIDI, and asking for it makes ALSA print errors on stderr.
        if sys.platform == "linux" and not Path("/dev/snd/seq").exists():
            return
        # PortMidi lists the devices only at this call.
        pygame.midi.init()
        for number in range(pygame.midi.get_count()):
            _, name, is_input, is_output, _ = pygame.midi.get_device_info(number)
            if is_output if outputs else is_input:
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

    def send(self, message: Message) -> None:
        """See `Ports`."""
        if self._output is None:
            return
        try:
            self._output.write_short(*message)
        except Exception as error:
            raise OSError(str(error)) from error

    def close(self) -> None:
        """See `Ports`."""
        ports, self._input, self._output = (self._input, self._output), None, None
        for port in ports:
            # An unplugged device may have nothing left to close.
            with contextlib.suppress(Exception):
                if port is not None:
                    port.close()
        pygame.midi.quit()
        # pygame.midi.init registers it again each time.
        atexit.unregister(pygame.midi.quit)


class Feedback(Protocol):
    """What a device is sent."""

    def refresh(self) -> None:
        """Let everything be sent again."""

    def due(self) -> list[Message]:
        """Return what is to be sent now."""


class MidiDevice:
    """Reads a MIDI device, and sends to it, in a thread of its own.

    A device that is missing or unplugged is reported in one line and searched for; the show never waits for it.

    Args:
        device: A part of the device's name; empty for the first device found.
        receive: Takes the bytes of each message, in the thread of the device.
        ports: Inputs and outputs of the machine.
        feedback: Says what is to be sent; None if nothing is.
        output: A part of the name of the output; empty for the one that is named as the input.
        search_seconds: Interval between two searches for a missing device.
        silent_seconds: Silence after which the device is opened anew.
    """

    def __init__(
        self,
        device: str,
        receive: Callable[[int, int, int], None],
        ports: Ports,
        feedback: Feedback | None = None,
        output: str = "",
        *,
        search_seconds: float = SEARCH_SECONDS,
        silent_seconds: float = SILENT_SECONDS,
    ) -> None:
        self._device = device
        self._receive = receive
        self._ports = ports
        self._feedback = feedback
        self._output = output
        self._search_seconds = search_seconds
        self._silent_seconds = silent_seconds
        self.name: str | None = None
        """Name of the open device; None while it is searched for."""
        self.output_name: str | None = None
        """Name of the open output; None if there is none."""
        self._misses_output = False
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
                self._open_output()
                self._listen()
                self.output_name = None
        self._ports.close()

    def _report(self) -> None:
        if self.name is not None:
            say(f"MIDI: {self.name}")
        else:
            what = f"MIDI device {self._device}" if self._device else "MIDI device"
            report(ControlError(f"there is no {what}; plug it in, the show keeps searching"))

    def _open_output(self) -> None:
        """Open the output, if anything is to be sent, and let everything be sent anew."""
        if self._feedback is None:
            return
        wanted = self._output or self.name or ""
        self.output_name = self._ports.open_output(wanted)
        self._feedback.refresh()
        missed, self._misses_output = self._misses_output, self.output_name is None
        if self._misses_output and not missed:
            report(ControlError(f"there is no MIDI output {wanted}; give --midi-feedback another, or plug it in"))

    def _listen(self) -> None:
        """Read and send until the device is gone, was silent for too long, or `close` is called."""
        heard = time.monotonic()
        while not self._closing.wait(READ_SECONDS) and time.monotonic() - heard < self._silent_seconds:
            try:
                messages = self._ports.read()
                if self.output_name and self._feedback:
                    for message in self._feedback.due():
                        self._ports.send(message)
            except OSError:
                return
            for message in messages:
                heard = time.monotonic()
                self._receive(*message)
