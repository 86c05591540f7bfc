"""Sound of recordings: in step with the pictures, in every format, after a kill too."""

import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from live.app import main
from live.errors import RecordingError, SettingsError
from live.frame import Frame, Sound
from live.outputs.options import Codec, RecordingOptions
from live.outputs.soundtrack import FADE, FileSoundtrack, TailSoundtrack
from live.outputs.video_file import VideoFile
from tests.live.bundles import HEIGHT, RATE, WIDTH, read_film
from tests.live.sounds import clicks, heard, read_sound, tone, write_wav

FORMATS: list[tuple[str, Codec, str]] = [
    ("a.mkv", "h264", "opus"),
    ("a.mkv", "ffv1", "flac"),
    ("a.mp4", "h264", "aac"),
    ("a.mov", "h264", "pcm_s16le"),
    ("a.webm", "h264", "opus"),
]
BLACK = np.zeros((HEIGHT, WIDTH, 3), np.uint8)


def record(path: Path, sound: Path, codec: Codec, indices: list[int]) -> None:
    file = VideoFile(
        path,
        size=(HEIGHT, WIDTH),
        frame_rate=Fraction(RATE),
        codec=codec,
        overwrite=False,
        soundtrack=FileSoundtrack(sound),
    )
    for index in indices:
        file.write(BLACK, index)
    file.close()


@pytest.mark.parametrize(("name", "codec", "sound_codec"), FORMATS)
def test_sound_is_in_step_begins_again_and_ends_with_the_pictures(
    tmp_path: Path, name: str, codec: Codec, sound_codec: str
) -> None:
    # Another rate than the recording's, and shorter than it. A frame that was dropped stops no sound.
    sound = write_wav(tmp_path / "clicks.wav", clicks(1.5, [0.25, 1.0], rate=44_100), rate=44_100)
    record(tmp_path / name, sound, codec, [*range(7, 20), *range(22, 7 + 3 * RATE)])
    found = read_sound(tmp_path / name)
    # A click of a millisecond is broadened by a codec.
    assert heard(found) == pytest.approx([0.25, 1.0, 1.75, 2.5], abs=0.003)
    # Codecs work in blocks of up to 21 ms.
    assert len(found) / 48_000 == pytest.approx(3, abs=0.022)
    with av.open(str(tmp_path / name)) as container:
        (stream,) = container.streams.audio
        assert (stream.codec_context.name.removeprefix("lib"), stream.channels) == (sound_codec, 2)
        times = [float(frame.time) for frame in container.decode(video=0)]
        assert times[0] == 0
        assert times[-1] == pytest.approx(3 - 1 / RATE, abs=0.001)


def test_sound_that_is_kept_whole_is_exact(tmp_path: Path) -> None:
    samples = tone(2.0, 440)
    record(tmp_path / "a.mkv", write_wav(tmp_path / "a.wav", samples), "ffv1", list(range(RATE)))
    np.testing.assert_allclose(read_sound(tmp_path / "a.mkv"), samples[:48_000], atol=2 / 32768)


KILLED = """
import os, sys
from fractions import Fraction
from pathlib import Path
import numpy as np
from live.outputs.soundtrack import FileSoundtrack
from live.outputs.video_file import VideoFile

path, codec, sound = Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3])
soundtrack = FileSoundtrack(sound)
file = VideoFile(
    path, size=(48, 64), frame_rate=Fraction(12), codec=codec, overwrite=False, soundtrack=soundtrack
)
for index in range(70):
    file.write(np.random.default_rng(index).integers(0, 256, (48, 64, 3), np.uint8), index)
os.kill(os.getpid(), 9)
"""


@pytest.mark.parametrize(("name", "codec", "sound_codec"), FORMATS)
def test_a_killed_process_leaves_sound_and_pictures_but_for_the_last_second(
    tmp_path: Path, name: str, codec: Codec, sound_codec: str
) -> None:
    sound = write_wav(tmp_path / "clicks.wav", clicks(7, [0.5, 2.5, 4.5]))
    command = [sys.executable, "-c", KILLED, str(tmp_path / name), codec, str(sound)]
    assert subprocess.run(command, timeout=60, check=False).returncode == -9
    assert len(read_film(tmp_path / name)) >= 70 - 12
    assert heard(read_sound(tmp_path / name)) == pytest.approx([0.5, 2.5, 4.5], abs=0.003)


@pytest.mark.parametrize("suffix", [".gif", ".webp"])
def test_a_format_without_sound_is_refused(tmp_path: Path, suffix: str) -> None:
    sound = write_wav(tmp_path / "a.wav", tone(1, 440))
    with pytest.raises(SettingsError, match=rf"a {suffix} holds no sound; record to a \.mkv, \.mp4, \.mov or \.webm"):
        RecordingOptions(record=Path(f"a{suffix}"), record_sound=sound)


def test_a_file_without_sound_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"--record-sound no\.wav: there is no such file"):
        RecordingOptions(record_sound=Path("no.wav"))
    (tmp_path / "a.wav").write_text("no sound")
    with pytest.raises(RecordingError, match=r"--record-sound .*a\.wav holds no sound that can be read"):
        FileSoundtrack(tmp_path / "a.wav")


def test_a_file_that_is_gone_when_it_begins_again_leaves_silence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    soundtrack = FileSoundtrack(write_wav(tmp_path / "a.wav", tone(0.1, 440)))
    (tmp_path / "a.wav").unlink()
    assert soundtrack.read(4800).any()
    assert not soundtrack.read(4800).any()
    assert soundtrack.read(10).shape == (10, 2)
    assert capsys.readouterr().out.count("the rest of the recording is silent") == 1


def frame(index: int, after_end: int, sound: Sound | None) -> Frame:
    return Frame(BLACK, index, after_end / RATE, sound=sound)


FILM = Sound((np.random.default_rng(1).integers(-9999, 9999, (48_000, 2))).astype(np.int16), 1 / RATE)
"""Sound of twelve frames."""


def play(frames: list[Frame], seconds: float) -> np.ndarray:
    soundtrack = TailSoundtrack(Fraction(RATE))
    for each in frames:
        soundtrack.see(each)
    return soundtrack.read(round(seconds * 48_000))


def test_the_tail_sounds_at_its_place_and_the_continuation_is_silent() -> None:
    # The last six frames of the film, of which one was dropped.
    frames = [frame(40 + n, n - 5, FILM) for n in range(6) if n != 2] + [frame(46 + n, n + 1, None) for n in range(6)]
    found = play(frames, 1)
    expected = FILM.samples[24_000:] / 32768
    np.testing.assert_allclose(found[:24_000], expected, atol=1e-6)
    assert np.abs(found[24_000 : 24_000 + FADE]).max() == 0, "there is no sound after the film's last frame"
    assert not found[24_000 + FADE :].any()


def test_sound_that_is_broken_off_fades_away() -> None:
    found = play([frame(n, n - 11, FILM) for n in range(6)] + [frame(6 + n, n + 1, None) for n in range(6)], 1)
    around = FILM.samples[24_000 : 24_000 + FADE] / 32768 * np.linspace(1, 0, FADE)[:, None]
    np.testing.assert_allclose(found[24_000 : 24_000 + FADE], around, atol=1e-4)
    assert not found[24_000 + FADE :].any()


def test_a_film_of_another_pace_does_not_tear_its_sound() -> None:
    # A model of six frames a second in a show of twelve: each picture is shown twice.
    sound = Sound(FILM.samples, 1 / 6)
    found = play([Frame(BLACK, n, (n // 2 - 5) / 6, sound=sound) for n in range(12)], 1)
    np.testing.assert_allclose(found, FILM.samples / 32768, atol=1e-6)


def test_the_given_sound_is_in_the_recording_of_a_show(bundle_folder: Path, tmp_path: Path) -> None:
    sound = write_wav(tmp_path / "clicks.wav", clicks(3, [0.5, 1.5]))
    common = ["--model", str(bundle_folder), "--headless", "--tail", "1", "--seconds", "1", "--seed", "8"]
    assert main([*common, "--record", str(tmp_path / "a.mp4"), "--record-sound", str(sound)]) == 0
    assert (
        main([*common, "--record", str(tmp_path / "b.mp4"), "--record-sound", str(sound), "--record-rate", "30"]) == 0
    )
    assert main([*common, "--record", str(tmp_path / "plain.mp4")]) == 0
    for name in ("a.mp4", "b.mp4"):
        assert heard(read_sound(tmp_path / name)) == pytest.approx([0.5, 1.5], abs=0.003)
    with av.open(str(tmp_path / "plain.mp4")) as container:
        assert not container.streams.audio
    silent = ["--record", str(tmp_path / "c.mp4"), "--record-sound", str(bundle_folder / "seed.mkv")]
    assert main([*common, *silent]) == 2
    assert not (tmp_path / "c.mp4").exists()
