"""MIDI feedback: what a controller with motor faders and lamps is sent, on a simulated time."""

from pathlib import Path

import pytest

from live.controls.control import Value
from live.controls.midi.feedback import MOST_MESSAGES, QUIET_SECONDS, TICK_SECONDS, MidiFeedback
from live.controls.midi.midi_map import MidiMap, position_at
from live.controls.midi.ports import Message
from live.controls.pending import PendingControls
from live.controls.table import CONTROLS
from live.process.file_worker import FileWorker

CC, NOTE_ON, NOTE_OFF = 0xB0, 0x90, 0x80
FILES = FileWorker()


class Desk:
    """A show's state, a map and a controller."""

    def __init__(self, folder: Path, lines: str) -> None:
        (folder / "midi.toml").write_text(lines)
        self.pending = PendingControls()
        self.map = MidiMap(folder / "midi.toml", self.pending, FILES)
        self.now = 100.0
        self.feedback = MidiFeedback(self.map, lambda: self.now)
        self.state: dict[str, Value] = {}
        self.feedback.start(lambda: self.state)

    def hear(self, *message: int) -> None:
        """Let the controller send a message, and the show do what it asks for."""
        status, data1, data2 = message
        if self.feedback.hear(status, data1, data2):
            self.map.receive(status, data1, data2)
        for name, value in self.pending.take():
            self.state[name] = (not self.state[name]) if value is None else value

    def sent(self, seconds: float = 1.2 * TICK_SECONDS) -> list[Message]:
        """Let time pass, and return what the controller is sent."""
        messages = []
        for _ in range(round(seconds / 0.005)):
            self.now += 0.005
            messages += self.feedback.due()
        return messages


def test_faders_lamps_and_numbers_stand_where_the_show_stands(tmp_path: Path) -> None:
    desk = Desk(
        tmp_path,
        '"cc 1 7" = "zoom"\n"cc 16 8" = "crossfade"\n"cc 1 20" = "blackout"\n"note 10 36" = "recall 3"\n'
        '"note 10 37" = "recall 4"\n"note 1 50" = "freeze"\n"note 1 51" = "snapshot"',
    )
    desk.state = {"zoom": 0.0, "crossfade": 1.0, "blackout": False, "recall": 3, "freeze": True}
    assert set(desk.sent()) == {
        (CC, 7, 64),
        (CC | 15, 8, 127),
        (CC, 20, 0),
        (NOTE_ON | 9, 36, 127),
        (NOTE_ON | 9, 37, 0),
        (NOTE_ON, 50, 127),
    }
    assert desk.sent(1.0) == [], "what did not change is not sent"
    desk.state |= {"zoom": 4.0, "recall": 4}
    assert set(desk.sent()) == {(CC, 7, 127), (NOTE_ON | 9, 36, 0), (NOTE_ON | 9, 37, 127)}
    desk.feedback.refresh()
    assert len(desk.sent()) == 6


@pytest.mark.parametrize("name", [name for name, control in CONTROLS.items() if control.is_continuous])
def test_a_fader_that_was_moved_already_stands_where_it_is_sent(tmp_path: Path, name: str) -> None:
    desk = Desk(tmp_path, f'"cc 1 7" = "{name}"')
    choices = getattr(CONTROLS[name], "choices", ())
    for position in range(128):
        desk.hear(CC, 7, position)
        sent = desk.sent(2 * QUIET_SECONDS)
        # A knob between two choices is drawn to the nearer one.
        assert len(sent) <= bool(choices), position
        if sent:
            assert sent == [(CC, 7, position_at(CONTROLS[name].share(float(desk.state[name] or 0))))]


def test_a_hand_on_a_motor_fader_is_not_pulled_at(tmp_path: Path) -> None:
    desk = Desk(tmp_path, '"cc 1 7" = "zoom"\n"cc 1 8" = "gain"')
    desk.state = {"zoom": 0.0, "gain": 1.0}
    desk.sent()
    for position in range(20, 60):
        desk.hear(CC, 7, position)
        # A preset pulls at both meanwhile.
        desk.state |= {"zoom": 4.0, "gain": 1 + position / 100}
        assert [message for message in desk.sent(0.04) if message[1] == 7] == []
    assert desk.sent(QUIET_SECONDS + TICK_SECONDS)[-1] == (CC, 7, 127)


def test_a_device_that_returns_what_it_is_sent_makes_no_loop(tmp_path: Path) -> None:
    desk = Desk(tmp_path, '"cc 1 7" = "zoom"\n"note 1 50" = "freeze"')
    desk.state = {"zoom": 0.0, "freeze": False}
    desk.sent()
    seen = []
    for number in range(1, 101):
        # A value that no position of a knob has.
        desk.state |= {"zoom": number * 0.0101, "freeze": number % 10 == 0}
        for message in desk.sent():
            seen.append(message)
            desk.hear(*message)
        assert desk.state == {"zoom": number * 0.0101, "freeze": number % 10 == 0}
    assert 10 < len(seen) < 60
    desk.now += 1
    desk.hear(NOTE_ON, 50, 127)
    assert desk.state["freeze"] is False, "a later press is a press"


def test_a_lamp_that_goes_out_as_its_pad_is_released_is_lit_again(tmp_path: Path) -> None:
    desk = Desk(tmp_path, '"note 1 50" = "freeze"')
    desk.state = {"freeze": False}
    desk.sent()
    desk.hear(NOTE_ON, 50, 127)
    assert desk.state["freeze"] is True
    assert desk.sent() == [], "its lamp is lit"
    desk.hear(NOTE_OFF, 50, 64)
    assert desk.sent() == [(NOTE_ON, 50, 127)]


def test_many_changes_at_once_are_sent_in_turn_at_a_bounded_rate(tmp_path: Path) -> None:
    names = [
        name for name, control in CONTROLS.items() if control.is_continuous and not getattr(control, "choices", ())
    ]
    assert len(names) > MOST_MESSAGES
    desk = Desk(tmp_path, "".join(f'"cc 1 {number}" = "{name}"\n' for number, name in enumerate(names)))
    counts = dict.fromkeys(range(len(names)), 0)
    for step in range(50):
        share = step / 50
        desk.state = {name: CONTROLS[name].at(share) for name in names if CONTROLS[name].is_continuous}
        messages = desk.sent()
        assert len(messages) <= 2 * MOST_MESSAGES
        for _, number, _ in messages:
            counts[number] += 1
    assert min(counts.values()) > 20, "none waits for ever"
    last = {number: position for _, number, position in desk.sent(1.0)}
    assert all(position == position_at(0.98) for position in last.values())


def test_a_state_that_cannot_be_read_yet_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    desk = Desk(tmp_path, '"cc 1 7" = "zoom"')

    def fail() -> dict[str, Value]:
        raise RuntimeError("not yet")

    desk.feedback.start(fail)
    assert desk.sent(1.0) == []
    assert capsys.readouterr().out == "MIDI feedback: RuntimeError: not yet; it is tried again\n"
    desk.feedback.start(lambda: {"zoom": 0.0})
    assert desk.sent() == [(CC, 7, 64)]
