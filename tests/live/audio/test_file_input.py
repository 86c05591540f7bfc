"""A sound file as the sound of a show: repeatable, and never in the show's way."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from live.app import main
from live.audio.audio_input import AudioInput
from live.audio.file_input import FileInput
from live.audio.levels import SILENCE
from live.audio.open_input import open_audio
from live.audio.options import AudioOptions
from live.audio.sound_file import SoundFile
from live.errors import AudioError
from tests.live.bundles import RATE, read_film
from tests.live.sounds import clicks, heard, read_sound, tone, write_wav
from tests.live.waiting import wait_until

CLICKS = [0.5, 1.5, 2.5]


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    return write_wav(tmp_path / "clicks.wav", clicks(3, CLICKS))


@pytest.fixture
def opened(sound: Path) -> Iterator[AudioInput]:
    audio = open_audio(AudioOptions(audio=str(sound)), headless=True)
    assert audio
    yield audio
    audio.close()


def test_a_file_begins_again_without_a_gap(tmp_path: Path) -> None:
    samples = tone(0.1, 440)
    file = SoundFile(write_wav(tmp_path / "a.wav", samples), channels=2, option="--audio")
    found = np.concatenate([file.read(1000), file.read(8600)])
    np.testing.assert_allclose(found, np.tile(samples, (2, 1)), atol=2 / 32768)


def test_a_moment_of_the_show_is_the_same_moment_of_the_file(opened: AudioInput) -> None:
    # Twice, because it begins again.
    frames = [(number / 24, opened.read(number / 24)) for number in range(6 * 24)]
    flashes = [seconds for seconds, levels in frames if levels.onset > 0.75]
    expected = [*CLICKS, *(3 + click for click in CLICKS)]
    assert len(flashes) == len(expected)
    delays = np.array(flashes) - expected
    assert delays.min() >= 0
    assert delays.max() < 1 / 24 + 0.02
    assert opened.read(6.0) is opened.levels
    assert opened.status == "clicks.wav"


def test_a_show_in_a_window_does_not_wait_for_the_disk(tmp_path: Path) -> None:
    audio = FileInput(write_wav(tmp_path / "a.wav", tone(3, 440)), wait=False)
    wait_until(audio._read_ahead.full)
    # From now on, nothing is read ahead.
    audio.close()
    assert audio.read(2.0).level > 0.9
    assert audio.read(2.5).level > 0.9
    assert audio.status == "a.wav"
    assert audio.read(3.2) == SILENCE
    assert audio.status == "a.wav is slow to read"


def test_a_file_stands_still_while_a_show_in_a_window_is_frozen(sound: Path) -> None:
    audio = FileInput(sound, wait=False)
    wait_until(audio._read_ahead.full)
    assert audio.read(0.45).onset == 0
    assert audio.read(3600.0).onset == 0
    assert audio.read(3600.06).onset > 0.9, "half a second of the file"
    audio.close()


def test_a_file_that_is_gone_when_it_begins_again_is_silent(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    audio = FileInput(write_wav(tmp_path / "a.wav", tone(3, 440)), wait=True)
    (tmp_path / "a.wav").unlink()
    assert audio.read(2.0).level > 0.9
    assert audio.read(4.0) == SILENCE
    assert audio.status == "a.wav cannot be read any more"
    assert capsys.readouterr().out.count("a.wav holds no sound that can be read") == 1
    audio.close()


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("no.wav", r"--audio no\.wav cannot be read \(No such file"),
        ("folder", r"--audio folder cannot be read \(Is a directory"),
        ("text.wav", r"--audio text\.wav holds no sound that can be read; give a sound file"),
        ("USB 2.0", r"--headless renders frames faster than an audio input .* give --audio a sound file"),
        (True, r"--headless renders frames faster than an audio input"),
    ],
)
def test_what_cannot_be_heard_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str | bool, said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    (tmp_path / "text.wav").write_text("no sound")
    with pytest.raises(AudioError, match=said):
        open_audio(AudioOptions(audio=name), headless=True)


def test_a_rendered_show_follows_a_file_frame_for_frame(
    bundle_folder: Path, sound: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    preset = tmp_path / "p.toml"
    preset.write_text('gain = 0.2\n[modulation]\ngain = { source = "audio.onset", depth = 1 }\n')
    common = ["--model", str(bundle_folder), "--headless", "--tail", "1", "--seconds", "2", "--seed", "8"]
    common += ["--preset", str(preset), "--record-codec", "ffv1"]
    for name in ("a.mkv", "b.mkv"):
        follows = ["--audio", str(sound), "--record-sound", str(sound)]
        assert main([*common, *follows, "--record", str(tmp_path / name)]) == 0
    first, second = read_film(tmp_path / "a.mkv"), read_film(tmp_path / "b.mkv")
    np.testing.assert_array_equal(first, second)
    light = np.array([frame.mean() for frame in first])
    flashes = np.flatnonzero(light > 0.6 * light.max()) / RATE
    # Picture and sound of the recording are in step.
    assert heard(read_sound(tmp_path / "a.mkv")) == pytest.approx(CLICKS, abs=0.001)
    assert [any(0 <= flash - click < 2 / RATE for flash in flashes) for click in CLICKS] == [True] * 3
    capsys.readouterr()
    assert main([*common, "--record", str(tmp_path / "c.mkv")]) == 0
    assert "the preset follows a sound, and the show hears none; add --audio" in capsys.readouterr().out
