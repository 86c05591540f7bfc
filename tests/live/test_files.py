"""Files of the show: a TOML file of any editor."""

from pathlib import Path

import pytest

from live.controls.midi_map import MidiMap
from live.controls.pending import PendingControls
from live.controls.presets import read_preset
from live.files import read_toml
from live.settings import parse_settings

BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@pytest.mark.parametrize("before", [b"", BYTE_ORDER_MARK])
@pytest.mark.parametrize("line_end", [b"\n", b"\r\n"])
def test_a_byte_order_mark_is_skipped(tmp_path: Path, before: bytes, line_end: bytes) -> None:
    (tmp_path / "a.toml").write_bytes(before + line_end.join([b"seed = 7", 'title = "Hüte"'.encode()]))
    assert read_toml(tmp_path / "a.toml") == {"seed": 7, "title": "Hüte"}


def test_a_second_mark_is_not_toml(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_bytes(2 * BYTE_ORDER_MARK + b"seed = 7")
    with pytest.raises(ValueError, match="Invalid statement"):
        read_toml(tmp_path / "a.toml")


def test_settings_presets_and_midi_maps_may_begin_with_the_mark(tmp_path: Path) -> None:
    files = {"settings": b"tail = 3", "preset": b"zoom = 1", "map": b'"cc 1 7" = "zoom"'}
    for name, content in files.items():
        (tmp_path / name).write_bytes(BYTE_ORDER_MARK + content)
    settings = parse_settings(["--settings", str(tmp_path / "settings")])
    assert settings is not None
    assert settings.timeline.tail == 3
    assert read_preset(tmp_path / "preset").values == {"zoom": 1.0}
    pending = PendingControls()
    MidiMap(tmp_path / "map", pending).receive(0xB0, 7, 127)
    assert dict(pending.take()) == {"zoom": 4.0}
