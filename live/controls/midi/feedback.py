"""MIDI feedback: motor faders and lamps of a controller stand where the show stands, whoever moved it."""

import math
import time
from collections.abc import Callable, Mapping

from live.console import OnceEach, first_line
from live.controls.control import Value
from live.controls.midi.midi_map import HIGHEST, NOTE_ON, MidiMap, position_at, source_of, status_of, target_of
from live.controls.midi.ports import Message

NOTE_OFF = 0x80
# Changes within this time are one message for each knob.
TICK_SECONDS = 1 / 25
# A knob that is being moved is sent nothing: its motor would pull at the hand.
QUIET_SECONDS = 0.3
# Some devices return what they are sent. That comes sooner than a hand.
ECHO_SECONDS = 0.1
# A cable of MIDI carries about a thousand messages a second.
MOST_MESSAGES = 16
SAID_FAILURES = 4


class MidiFeedback:
    """Tells which messages the controller is to be sent: those of the map, with the positions of their controls.

    A knob is sent the position of its parameter or fader, a button 127 or 0 for a toggle that is on or off, and for a
    number (`recall 3`) that was asked for last or not. What has no state is sent nothing. It belongs to the device's
    thread, all but `start` and `refresh`.

    Args:
        midi_map: Knows the controls of the knobs.
        now: A monotonic clock in seconds.
    """

    def __init__(self, midi_map: MidiMap, now: Callable[[], float] = time.monotonic) -> None:
        self._map = midi_map
        self._now = now
        self._read: Callable[[], Mapping[str, Value]] = dict
        # By the knob: the position that the device has, and when it sent or was sent one.
        self._known: dict[str, int] = {}
        self._heard_at: dict[str, float] = {}
        self._sent_at: dict[str, float] = {}
        self._returning: dict[str, dict[int, float]] = {}
        self._refreshing = False
        self._looked_at = -math.inf
        self._failures = OnceEach(SAID_FAILURES)

    def start(self, read: Callable[[], Mapping[str, Value]]) -> None:
        """Begin. `read` returns the present state of the controls by their names; it is called in the thread."""
        self._read = read

    def refresh(self) -> None:
        """Let everything be sent again."""
        self._refreshing = True

    def hear(self, status: int, data1: int, data2: int) -> bool:
        """Take a message of the device. Return False if it only returns what it was sent."""
        kind = status & 0xF0
        released = kind == NOTE_OFF or (kind == NOTE_ON and data2 == 0)
        position, now = 0 if released else data2, self._now()
        source = source_of(status | NOTE_ON if released else status, data1)
        if source is None:
            return True
        sent_at = self._returning.get(source, {}).pop(position, -math.inf)
        # A release moves nothing, but may put out the lamp.
        if now - sent_at < ECHO_SECONDS and not released:
            return False
        self._known[source], self._heard_at[source] = position, now
        return True

    def due(self) -> list[Message]:
        """Return what is to be sent now. The knobs that have waited longest come first."""
        now = self._now()
        if now - self._looked_at < TICK_SECONDS:
            return []
        self._looked_at = now
        if self._refreshing:
            self._refreshing = False
            self._known.clear()
        waiting = [
            (self._sent_at.get(source, -math.inf), source, position)
            for source, position in self._positions().items()
            if self._known.get(source) != position
        ]
        messages = []
        for _, source, position in sorted(waiting)[:MOST_MESSAGES]:
            self._known[source], self._sent_at[source] = position, now
            self._returning.setdefault(source, {})[position] = now
            messages.append((*status_of(source), position))
        return messages

    def _positions(self) -> dict[str, int]:
        """Return the position, 0…127, of each knob that may be sent one."""
        try:
            state = self._read()
        # A part of the show may have no state yet.
        except Exception as error:
            reason = f"{type(error).__name__}: {first_line(error)}"
            self._failures.warn(reason, f"MIDI feedback: {reason}; it is tried again")
            return {}
        positions, now = {}, self._now()
        for source, control in self._map.controls.items():
            target, number = target_of(control)
            value = state.get(target.name)
            if value is None:
                continue
            if not target.is_continuous:
                lit = value == number if number is not None else bool(value)
                positions[source] = HIGHEST if lit else 0
            elif now - self._heard_at.get(source, -math.inf) >= QUIET_SECONDS:
                positions[source] = position_at(target.share(float(value)))
        return positions
