"""Presets, settings and MIDI maps that somebody made to break the stage: refused in one line, at once."""

import os
import random
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from live.controls.midi.midi_map import MidiMap
from live.controls.pending import PendingControls
from live.controls.presets import read_preset
from live.errors import ShowError
from live.process.file_worker import FileWorker
from live.settings import parse_settings

READERS: dict[str, Callable[[Path], object]] = {
    "preset": read_preset,
    "settings": lambda path: parse_settings(["--settings", str(path)]),
    "MIDI map": lambda path: MidiMap(path, PendingControls(), FileWorker()),
}
TEXTS = {
    "60 MB of a comment": "zoom = 1 #" + "x" * 60_000_000,
    "a long text": 'zoom = "' + "x" * 100_000 + '"',
    "nested arrays": "zoom = " + "[" * 5000 + "]" * 5000,
    "nested tables": "zoom = " + "{a=" * 5000 + "1" + "}" * 5000,
    "a key of many parts": ".".join(["a"] * 20_000) + " = 1",
    "keys of many parts": "\n".join(".".join(["a"] * 60 + [f"b{number}"]) + " = 1" for number in range(900)),
    "a long number": "zoom = " + "9" * 5000,
    "a number above the floats": "zoom = 1" + "0" * 400,
    "a long hexadecimal number": "zoom = 0x" + "f" * 60_000,
    "a float above the floats": "zoom = 1e999",
    "escape sequences": '"\\u001b[2J\\n" = 1',
    "a long key": "x" * 100_000 + " = 1",
}


@pytest.mark.parametrize("kind", READERS)
@pytest.mark.parametrize("name", TEXTS)
def test_texts_without_bounds(tmp_path: Path, kind: str, name: str) -> None:
    path = tmp_path / "a.toml"
    path.write_text(TEXTS[name])
    began = time.thread_time()
    with pytest.raises(ShowError) as caught:
        READERS[kind](path)
    assert time.thread_time() - began < 3
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) <= 1000


@pytest.mark.parametrize("kind", READERS)
def test_a_pipe_and_a_device(tmp_path: Path, kind: str) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "zero").symlink_to("/dev/zero")
    for name in ("pipe", "zero"):
        with pytest.raises(ShowError, match="a pipe or a device"):
            READERS[kind](tmp_path / name)
    with pytest.raises(ShowError, match="too long"):
        READERS[kind](tmp_path / ("x" * 5000))


def test_a_map_of_every_control_of_every_channel_is_read(tmp_path: Path) -> None:
    lines = [f'"cc {channel} {number}" = "temperature"' for channel in range(1, 17) for number in range(128)]
    lines += [f'"note {channel} {number}" = "recall 3"' for channel in range(1, 17) for number in range(128)]
    (tmp_path / "map.toml").write_text("\n".join(lines))
    MidiMap(tmp_path / "map.toml", PendingControls(), FileWorker())


@pytest.mark.parametrize("option", ["--stats", "--log", "--status", "--snapshots"])
def test_a_path_that_no_system_can_look_up_is_a_users_mistake(option: str) -> None:
    with pytest.raises(ShowError, match="too long"):
        parse_settings([option, "x" * 5000])


@pytest.mark.parametrize("option", ["--tail", "--seconds", "--episode"])
def test_lengths_without_bounds(option: str) -> None:
    with pytest.raises(ShowError, match=r"1e\+308; give seconds"):
        parse_settings([option, "1e308"])


@pytest.mark.parametrize("kind", READERS)
def test_a_file_that_is_changed_anywhere_is_refused_or_read(tmp_path: Path, kind: str) -> None:
    whole = {
        "preset": "zoom = 1.5\nglide = 2\ntemperature = 0.5\n",
        "settings": 'tail = 5\nrecord-codec = "ffv1"\nguard = false\nseed = 3\n',
        "MIDI map": '"cc 1 7" = "temperature"\n"note 10 36" = "recall 3"\n',
    }[kind].encode()
    path = tmp_path / "a.toml"
    path.write_bytes(whole)
    READERS[kind](path)
    refused = 0
    for seed in range(60):
        chance = random.Random(seed)
        changed = bytearray(whole)
        for _ in range(1 + chance.randrange(3)):
            place = chance.randrange(len(changed))
            changed[place : place + chance.randrange(4)] = chance.randbytes(chance.randrange(4))
        path.write_bytes(changed)
        try:
            READERS[kind](path)
        except ShowError:
            refused += 1
    assert refused > 20, "the changes change nothing"
