"""Map from the knobs and buttons of a MIDI device to controls: learned by touching both, kept in a TOML file.

The file's keys are messages and its values are controls: `"cc 1 7" = "temperature"`, `"note 10 36" = "recall 3"`.
Channels are counted from 1.
"""

import threading
import time
from functools import partial
from pathlib import Path

from live.console import answer, report, say
from live.controls.control import Action, Control
from live.controls.pending import PendingControls
from live.controls.table import CONTROLS, DIGITS
from live.errors import ControlError, ShowError
from live.files import read_toml, write_atomically
from live.process.file_worker import FileWorker
from live.reading.values import read_whole_number

NOTE_ON, CONTROL_CHANGE = 0x90, 0xB0
HIGHEST, MIDDLE = 127, 64
# Learning ends by itself, so that L pressed by accident gives the keys back.
LEARN_SECONDS = 30.0


class MidiMap:
    """Turns MIDI messages into requests. `receive` belongs to the device's thread, the rest to the main thread.

    Args:
        path: File of the map; if there is none, the map begins empty.
        pending: Receives the requests.
        files: Writes the file.
        required: False if a file that is no map is reported, and the map begins empty.
        learn_seconds: Time after which unfinished learning ends.

    Raises:
        ControlError: The file is not such a map, and is required.
    """

    def __init__(
        self,
        path: Path,
        pending: PendingControls,
        files: FileWorker,
        *,
        required: bool = True,
        learn_seconds: float = LEARN_SECONDS,
    ) -> None:
        self._path = path
        self._pending = pending
        self._files = files
        self._learn_seconds = learn_seconds
        self._lock = threading.Lock()
        self._controls: dict[str, str] = {}
        try:
            self._controls = read_midi_map(path)
        except ControlError as error:
            if required:
                raise
            report(error)
        self._down: dict[str, bool] = {}
        self._learns_until = 0.0
        self._touched: str | None = None
        self._moved: str | None = None

    @property
    def controls(self) -> dict[str, str]:
        """Control of each knob, pad and button, as the file names them. Any thread may ask."""
        with self._lock:
            return dict(self._controls)

    def learning(self) -> bool:
        """Return whether the map waits for a control and a knob."""
        return time.monotonic() < self._learns_until

    def learn(self, wanted: bool | None) -> None:
        """Begin to wait for a control and a knob, in either order, or stop waiting; None: the other one of the two."""
        with self._lock:
            wanted = not self.learning() if wanted is None else wanted
            self._learns_until = time.monotonic() + self._learn_seconds if wanted else 0.0
            self._touched = self._moved = None
        if not wanted:
            answer("learning ended")
        else:
            say("learning: touch a control (its key or OSC) and move a MIDI knob; L or Esc ends it")

    def touch(self, control: str) -> None:
        """Take a control that the performer touched: its name, with its number if it has one."""
        with self._lock:
            self._touched = control
            self._bind()

    def receive(self, status: int, data1: int, data2: int) -> None:
        """Take one message of the device: status, first and second data byte."""
        source = source_of(status, data1)
        # A note of velocity 0 was released.
        if source is None or (status & 0xF0 == NOTE_ON and data2 == 0):
            return
        with self._lock:
            if self.learning():
                self._moved = source
                self._bind()
                return
            control = self._controls.get(source)
        if control:
            self._move(source, control, data2)

    def _move(self, source: str, control: str, value: int) -> None:
        target, number = target_of(control)
        if target.is_continuous:
            self._pending.put(target.name, target.at(_share_at(value)))
            return
        # A button that sends controller values counts as pressed once, when it passes the middle.
        down = value >= MIDDLE
        if source.startswith("note") or (down and not self._down.get(source)):
            self._pending.put(target.name, number)
        self._down[source] = down

    def _bind(self) -> None:
        if not (self._touched and self._moved):
            return
        if self._moved.startswith("note") and target_of(self._touched)[0].is_continuous:
            # A note has no values in between: keep waiting for a knob.
            self._moved = None
            return
        self._controls[self._moved] = self._touched
        say(f"learned: {self._moved} is {self._touched}")
        self._learns_until = 0.0
        lines = [f'"{source}" = "{control}"\n' for source, control in sorted(self._controls.items())]
        self._files.submit("the MIDI map", partial(_write, self._path, "".join(lines)))


def source_of(status: int, data1: int) -> str | None:
    """Return the knob, pad or button of a message, as the file names it; None if it is of none."""
    kind = {CONTROL_CHANGE: "cc", NOTE_ON: "note"}.get(status & 0xF0)
    return f"{kind} {(status & 0x0F) + 1} {data1}" if kind else None


def status_of(source: str) -> tuple[int, int]:
    """Return status and first data byte of the messages of a knob, pad or button: the inverse of `source_of`."""
    kind, channel, number = source.split(" ")
    return (CONTROL_CHANGE if kind == "cc" else NOTE_ON) | (int(channel) - 1), int(number)


def target_of(control: str) -> tuple[Control, int | None]:
    """Return a control, and its number if it has one, by its name in the file, such as "recall 3"."""
    name, _, number = control.partition(" ")
    return CONTROLS[name], int(number) if number else None


def position_at(share: float) -> int:
    """Return the position, 0…127, of a knob that stands at a share, 0…1, of its way."""
    # 64 is the middle, and a centre detent sends it.
    return round(2 * MIDDLE * share if share <= 0.5 else HIGHEST - 2 * (HIGHEST - MIDDLE) * (1 - share))


def _share_at(position: int) -> float:
    """Return the share of its way at which a knob stands: the inverse of `position_at`."""
    return position / (2 * MIDDLE) if position <= MIDDLE else 1 - (HIGHEST - position) / (2 * (HIGHEST - MIDDLE))


def _write(path: Path, text: str) -> None:
    try:
        write_atomically(path, text)
    except ShowError as error:
        report(error)


def read_midi_map(path: Path) -> dict[str, str]:
    """Return the control of each message; empty if there is no such file.

    Raises:
        ControlError: The file is not such a map.
    """
    try:
        given = read_toml(path)
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise ControlError(f"the MIDI map {path} cannot be read ({error.strerror}); give --midi-map another") from error
    except ValueError as error:
        raise ControlError(f"the MIDI map {path} is not TOML ({' '.join(str(error).split())}); fix it") from error
    for source, control in given.items():
        if not (_is_source(source) and isinstance(control, str) and _is_control(control, source)):
            raise ControlError(
                f'the MIDI map {path}: "{source}" = {control!r} is not like "cc 1 7" = "temperature"; fix it'
            )
    return given


def _is_source(text: str) -> bool:
    kind, *numbers = text.split(" ")
    if kind not in ("cc", "note") or len(numbers) != 2:
        return False
    try:
        read_whole_number(numbers[0], 1, 16)
        read_whole_number(numbers[1], 0, HIGHEST)
    except ValueError:
        return False
    return True


def _is_control(text: str, source: str) -> bool:
    name, *numbers = text.split(" ")
    control = CONTROLS.get(name)
    if control is None:
        return False
    if not isinstance(control, Action) or control.is_continuous:
        return not numbers and source.startswith("cc")
    if control.kind == "number":
        return len(numbers) == 1 and numbers[0] in DIGITS
    return not numbers
