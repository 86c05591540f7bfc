"""The MIDI map: knobs and buttons, learning, and files that are not maps."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from live.controls.midi.midi_map import MidiMap
from live.controls.pending import PendingControls
from live.controls.table import ACTIONS, CONTROLS
from live.errors import ControlError
from live.process.file_worker import FileWorker

NOTE_OFF, NOTE_ON, AFTERTOUCH, CC, PITCH = 0x80, 0x90, 0xA0, 0xB0, 0xE0


FILES = FileWorker()

Open = Callable[..., MidiMap]
"""Opens the map of the test's folder, with a text in its file if one is given."""


@pytest.fixture
def pending() -> PendingControls:
    return PendingControls()


@pytest.fixture
def opened(tmp_path: Path, pending: PendingControls) -> Open:
    def opened(text: str | None = None) -> MidiMap:
        if text is not None:
            (tmp_path / "midi.toml").write_text(text)
        return MidiMap(tmp_path / "midi.toml", pending, FILES)

    return opened


def test_a_knob_spans_the_range_and_its_middle_is_the_default(opened: Open, pending: PendingControls) -> None:
    midi = opened('"cc 1 7" = "zoom"\n"cc 16 7" = "temperature"')
    seen = []
    for value in (0, 127):
        midi.receive(CC, 7, value)
        midi.receive(CC | 15, 7, value)
        seen.append(dict(pending.take()))
    assert seen == [{"zoom": -4.0, "temperature": 0.0}, {"zoom": 4.0, "temperature": 2.0}]
    midi.receive(CC, 7, 64)
    assert dict(pending.take()) == {"zoom": 0.0}, "the middle is at rest"


def test_what_is_not_bound_does_nothing(opened: Open, pending: PendingControls) -> None:
    midi = opened('"cc 1 7" = "zoom"\n"note 1 60" = "blackout"')
    for message in [(CC | 1, 7, 3), (CC, 8, 3), (NOTE_ON, 61, 100), (PITCH, 7, 3), (AFTERTOUCH, 60, 3), (0xF8, 0, 0)]:
        midi.receive(*message)
    assert pending.take() == []


def test_notes_and_buttons_are_pressed_once(opened: Open, pending: PendingControls) -> None:
    midi = opened('"note 10 36" = "recall 3"\n"note 10 37" = "snapshot"\n"cc 1 20" = "blackout"')
    midi.receive(NOTE_ON | 9, 36, 90)
    midi.receive(NOTE_ON | 9, 37, 1)
    assert pending.take() == [("recall", 3), ("snapshot", None)]
    midi.receive(NOTE_ON | 9, 36, 0)
    midi.receive(NOTE_OFF | 9, 37, 64)
    assert pending.take() == [], "released"
    taken = []
    for value in (127, 127, 0, 10, 70, 90, 63, 64):
        midi.receive(CC, 20, value)
        taken.append(pending.take())
    assert [len(each) for each in taken] == [1, 0, 0, 0, 1, 0, 0, 1]
    assert taken[0] == [("blackout", None)]


@pytest.mark.parametrize("knob_first", [False, True])
def test_learning_binds_a_control_and_a_knob_and_keeps_it(
    opened: Open, pending: PendingControls, tmp_path: Path, knob_first: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    midi = opened()
    midi.learn(None)
    assert midi.learning()
    steps: list[Callable[[], None]] = [lambda: midi.touch("zoom"), lambda: midi.receive(CC | 2, 21, 5)]
    for step in reversed(steps) if knob_first else steps:
        assert midi.learning()
        step()
    assert not midi.learning()
    assert pending.take() == [], "while it learns nothing moves"
    assert FILES.wait(20)
    assert (tmp_path / "midi.toml").read_text() == '"cc 3 21" = "zoom"\n'
    assert "learned: cc 3 21 is zoom" in capsys.readouterr().out
    for each in (midi, opened()):
        each.receive(CC | 2, 21, 127)
        assert dict(pending.take()) == {"zoom": 4.0}


def test_learning_again_replaces_and_several_knobs_may_move_one_control(opened: Open, tmp_path: Path) -> None:
    midi = opened('"cc 1 1" = "zoom"')
    for number, control in [(1, "rotation"), (2, "rotation"), (3, "recall 4")]:
        midi.learn(True)
        midi.touch(control)
        midi.receive(CC, number, 1)
    assert FILES.wait(20)
    assert (tmp_path / "midi.toml").read_text() == (
        '"cc 1 1" = "rotation"\n"cc 1 2" = "rotation"\n"cc 1 3" = "recall 4"\n'
    )


def test_the_last_control_touched_before_the_knob_is_meant_and_learning_can_be_given_up(
    opened: Open, pending: PendingControls, tmp_path: Path
) -> None:
    midi = opened()
    midi.learn(None)
    midi.touch("zoom")
    midi.touch("quit")
    midi.receive(NOTE_ON, 60, 100)
    midi.receive(NOTE_ON, 60, 100)
    assert pending.take() == [("quit", None)]
    midi.learn(None)
    midi.touch("zoom")
    midi.learn(None)
    midi.receive(CC, 5, 100)
    midi.learn(True)
    midi.receive(CC, 6, 100)
    midi.touch("rotation")
    assert FILES.wait(20)
    assert (tmp_path / "midi.toml").read_text() == '"cc 1 6" = "rotation"\n"note 1 60" = "quit"\n'


def test_learning_that_leads_nowhere_ends_by_itself(tmp_path: Path, pending: PendingControls) -> None:
    (tmp_path / "midi.toml").write_text('"cc 1 7" = "zoom"')
    midi = MidiMap(tmp_path / "midi.toml", pending, FILES, learn_seconds=0.05)
    midi.learn(None)
    assert midi.learning()
    end = time.monotonic() + 20
    while midi.learning():
        assert time.monotonic() < end, "it never ended"
        time.sleep(0.01)
    midi.receive(CC, 7, 127)
    assert dict(pending.take()) == {"zoom": 4.0}
    midi.learn(None)
    assert midi.learning()


def test_a_note_cannot_turn_a_parameter(opened: Open) -> None:
    midi = opened()
    midi.learn(True)
    midi.touch("zoom")
    midi.receive(NOTE_ON, 60, 100)
    assert midi.learning()
    midi.receive(CC, 3, 100)
    assert not midi.learning()


def test_a_map_that_cannot_be_written_still_works_and_is_one_line(
    tmp_path: Path, pending: PendingControls, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    midi = MidiMap(tmp_path / "map.toml", pending, FILES)
    (tmp_path / "map.toml").mkdir()
    midi.learn(True)
    midi.touch("zoom")
    midi.receive(CC, 3, 100)
    midi.receive(CC, 3, 0)
    assert dict(pending.take()) == {"zoom": -4.0}
    assert FILES.wait(20)
    assert capsys.readouterr().err.count("\n") == 1


def test_a_knob_moves_a_fader_and_a_button_does_not(opened: Open, pending: PendingControls) -> None:
    midi = opened()
    midi.learn(True)
    midi.touch("crossfade")
    midi.receive(NOTE_ON, 36, 100)
    assert midi.learning()
    midi.receive(CC, 7, 100)
    assert FILES.wait(20)
    assert not midi.learning()
    seen = []
    for value in (0, 64, 127):
        midi.receive(CC, 7, value)
        seen += pending.take()
    assert seen == [("crossfade", 0.0), ("crossfade", 0.5), ("crossfade", 1.0)]


def test_every_control_can_be_learned_and_read_back(opened: Open) -> None:
    midi = opened()
    for number, control in enumerate(CONTROLS.values()):
        name = f"{control.name} 5" if getattr(control, "kind", "") == "number" else control.name
        midi.learn(True)
        midi.touch(name)
        midi.receive(CC, number, 1)
        assert FILES.wait(20)
    assert opened() is not None
    assert len(ACTIONS) < number < 128


@pytest.mark.parametrize(
    "text",
    [
        "x = = 1",
        '"cc 1 7" = "zooom"',
        '"cc 0 7" = "zoom"',
        '"cc 17 7" = "zoom"',
        '"cc 1 128" = "zoom"',
        '"cc 1" = "zoom"',
        f'"cc 1 {"7" * 5000}" = "zoom"',
        '"cc ١ 7" = "zoom"',
        '"knob 1 7" = "zoom"',
        '"note 1 7" = "zoom"',
        '"note 1 7" = "crossfade"',
        '"cc 1 7" = "recall"',
        '"cc 1 7" = "recall 0"',
        '"cc 1 7" = "quit 3"',
        '"cc 1 7" = 3',
        '["cc 1 7"]',
    ],
)
def test_a_bad_map_is_one_line(opened: Open, text: str) -> None:
    with pytest.raises(ControlError, match=r"the MIDI map .*midi\.toml.*fix it") as caught:
        opened(text)
    assert "\n" not in str(caught.value)
