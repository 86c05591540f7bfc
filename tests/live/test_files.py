"""Files of the show: a TOML file of any editor, names with a colon, and names with a number."""

import errno
import os
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest

from live.bundle.seed_film import read_seed_film
from live.camera.media_files import MediaFiles
from live.controls.midi.midi_map import MidiMap
from live.controls.pending import PendingControls
from live.controls.presets import read_preset
from live.errors import SettingsError
from live.files import numbered, read_toml
from live.outputs.snapshot import save_snapshot
from live.outputs.video_file import VideoFile
from live.process.file_worker import FileWorker
from live.settings import parse_settings
from tests.live.bundles import HEIGHT, WIDTH, make_film, read_film, write_film

BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@pytest.mark.parametrize("before", [b"", BYTE_ORDER_MARK])
@pytest.mark.parametrize("line_end", [b"\n", b"\r\n"])
def test_a_byte_order_mark_is_skipped(tmp_path: Path, before: bytes, line_end: bytes) -> None:
    (tmp_path / "a.toml").write_bytes(before + line_end.join([b"seed = 7", 'title = "Hüte"'.encode()]))
    assert read_toml(tmp_path / "a.toml") == {"seed": 7, "title": "Hüte"}


@pytest.mark.parametrize("order", ["le", "be"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_a_file_in_utf_16_is_read(tmp_path: Path, order: str, line_end: str) -> None:
    """The Windows PowerShell writes it where its output is redirected into a file."""
    text = "\ufeff" + line_end.join(["seed = 7", 'title = "Hüte 🎩"'])
    (tmp_path / "a.toml").write_bytes(text.encode(f"utf-16-{order}"))
    assert read_toml(tmp_path / "a.toml") == {"seed": 7, "title": "Hüte 🎩"}
    (tmp_path / "a.toml").write_bytes(text.encode(f"utf-16-{order}")[:-1])
    with pytest.raises(ValueError, match="truncated data"):
        read_toml(tmp_path / "a.toml")


def test_a_null_character_is_refused_before_it_is_in_the_name_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text('log = "show\\u0000.log"')
    with pytest.raises(SettingsError, match="a text has a null character"):
        parse_settings(["--settings", str(tmp_path / "a.toml")])


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
    MidiMap(tmp_path / "map", pending, FileWorker()).receive(0xB0, 7, 127)
    assert dict(pending.take()) == {"zoom": 4.0}


def test_a_relative_name_with_a_colon_is_recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    film = make_film(3)
    for name in ("take: one.mkv", "take: one.gif"):
        file = VideoFile(Path(name), size=(HEIGHT, WIDTH), frame_rate=Fraction(12), codec="ffv1", overwrite=False)
        for index, pixels in enumerate(film):
            file.write(pixels, index)
        file.close()
        assert len(read_film(tmp_path / name)) == 3


def test_a_relative_name_with_a_colon_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    film = make_film(4)
    Path("film: it").mkdir()
    name = Path("film: it/seed.mkv")
    write_film(tmp_path / name, film)
    read = read_seed_film(
        name, height=HEIGHT, width=WIDTH, context_frames=1, frame_rate=Fraction(12), shot_starts=[0], keep=4
    )
    np.testing.assert_array_equal(read.frames, film)
    for path in (name, name.parent):
        files = MediaFiles(path, size=(HEIGHT, WIDTH), frame_rate=Fraction(12), mirror=False, timeout=None)
        captured = files.read(0)
        files.close()
        assert captured is not None
        np.testing.assert_array_equal(captured.pixels, film[0])


def test_a_snapshot_may_have_a_colon_in_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    path = save_snapshot(make_film(1)[0], Path(), "hats: two")
    assert path.name.startswith("hats: two-")
    assert cv2.imread(str(tmp_path / path)) is not None


def test_a_name_that_is_taken_gets_the_next_free_number(tmp_path: Path) -> None:
    path = tmp_path / "a.b.mkv"
    names = []
    for _ in range(3):
        names.append(numbered(path).name)
        numbered(path).touch()
    assert names == ["a.b.mkv", "a.b-2.mkv", "a.b-3.mkv"]


def test_a_disk_that_fails_gives_the_name_itself_which_cannot_be_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stat(*_: object, **__: object) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    with monkeypatch.context() as patched:
        patched.setattr(os, "stat", stat)
        found = numbered(tmp_path / "a.mkv")
    assert found == tmp_path / "a.mkv"
