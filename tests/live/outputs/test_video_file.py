import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from live.errors import RecordingError
from live.geometry import ResizeMode
from live.outputs.encodings import FORMATS
from live.outputs.options import RECORDING_SUFFIXES, Codec
from live.outputs.video_file import VideoFile
from tests.live.bundles import HEIGHT, WIDTH, make_film, read_film

RATE = Fraction(12)


def open_file(
    path: Path,
    codec: Codec = "h264",
    size: tuple[int, int] = (HEIGHT, WIDTH),
    overwrite: bool = False,
    rate: Fraction = RATE,
    fit: ResizeMode = "letterbox",
) -> VideoFile:
    return VideoFile(path, size=size, frame_rate=rate, codec=codec, overwrite=overwrite, fit=fit)


def record(path: Path, frames: NDArray[np.uint8], codec: Codec = "h264", overwrite: bool = False) -> None:
    """Record frames, uint8 [n, height, width, 3]."""
    file = open_file(path, codec, (frames.shape[1], frames.shape[2]), overwrite)
    for index, frame in enumerate(frames):
        file.write(frame, index)
    file.close()


def smooth_film(count: int, height: int = HEIGHT, width: int = WIDTH) -> NDArray[np.uint8]:
    """Return frames of smooth colours, which survive chroma at half resolution."""
    y, x = np.mgrid[:height, :width]
    return np.stack(
        [
            np.stack([x * 255 // width, y * 255 // height, np.full_like(x, index * 255 // count)], axis=2)
            for index in range(count)
        ]
    ).astype(np.uint8)


def test_ffv1_is_exact(tmp_path: Path) -> None:
    record(tmp_path / "a.mkv", make_film(20), codec="ffv1")
    np.testing.assert_array_equal(read_film(tmp_path / "a.mkv"), make_film(20))


def test_h264_is_close_in_every_frame_and_every_player_supports_it(tmp_path: Path) -> None:
    frames = smooth_film(30)
    record(tmp_path / "a.mkv", frames)
    decoded = np.array(read_film(tmp_path / "a.mkv"), int)
    assert decoded.shape == frames.shape
    assert np.abs(decoded - frames).mean() < 2
    with av.open(tmp_path / "a.mkv") as container:
        stream = container.streams.video[0]
        assert stream.codec_context.name == "h264"
        assert stream.codec_context.pix_fmt == "yuv420p"
        assert stream.codec_context.colorspace == 1, "BT.709, and the file names it"
        assert stream.average_rate == 12


def pictures(path: Path) -> NDArray[np.uint8]:
    """Return all pictures of a file, uint8 [n, height, width, 3]; of one that was cut off, all but the last ones."""
    if path.suffix == ".webp":
        # FFmpeg writes animated WebP, and does not read it.
        _, animation = cv2.imreadanimation(str(path))
        return np.array([frame[:, :, 2::-1] for frame in animation.frames], np.uint8)
    found = []
    with av.open(path) as container, suppress(av.error.InvalidDataError):
        for frame in container.decode(video=0):
            found.append(frame.to_ndarray(format="rgb24"))
    return np.array(found, np.uint8)


def test_every_format_has_an_option() -> None:
    assert tuple(FORMATS) == RECORDING_SUFFIXES


@pytest.mark.parametrize("size", [(HEIGHT, WIDTH), (47, 63)])
@pytest.mark.parametrize(
    ("name", "codec", "pixels"),
    [
        ("a.mp4", "h264", "yuv420p"),
        ("a.mov", "prores", "yuv422p10le"),
        ("a.webm", "vp9", "yuv420p"),
        ("a.webp", "webp", ""),
    ],
)
def test_other_formats_have_every_frame_and_its_colours(
    tmp_path: Path, name: str, codec: str, pixels: str, size: tuple[int, int]
) -> None:
    frames = smooth_film(30, *size)
    record(tmp_path / name, frames)
    decoded = pictures(tmp_path / name).astype(int)
    assert decoded.shape == frames.shape
    assert np.abs(decoded - frames).mean() < 4
    if pixels:
        with av.open(tmp_path / name) as container:
            stream = container.streams.video[0]
            assert stream.codec_context.name == codec
            assert stream.codec_context.pix_fmt == pixels or size == (47, 63)
            assert stream.codec_context.colorspace == 1, "BT.709, and the file names it"
            assert stream.codec_context.profile in ("HQ", "High", "Profile 0", "High 4:4:4 Predictive")
            assert container.duration == pytest.approx(30 / 12 * 1e6, rel=0.04)


@pytest.mark.parametrize("name", ["a.mp4", "a.mov"])
def test_a_finished_file_is_no_fragmented_one(tmp_path: Path, name: str) -> None:
    """Editors open ordinary files alone."""
    record(tmp_path / name, smooth_film(30))
    data = (tmp_path / name).read_bytes()
    boxes, at = [], 0
    while at < len(data):
        size, kind = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        boxes.append(kind)
        at += int.from_bytes(data[at + 8 : at + 16], "big") if size == 1 else size
    assert b"moof" not in boxes
    assert boxes.count(b"moov") == 1


@pytest.mark.parametrize(
    ("fit", "bright"), [("letterbox", (slice(40, 120), slice(0, 100))), ("fill", (slice(0, 160), slice(0, 100)))]
)
def test_pictures_of_another_size_are_fitted(tmp_path: Path, fit: ResizeMode, bright: tuple[slice, slice]) -> None:
    file = open_file(tmp_path / "a.mkv", "ffv1", size=(160, 100), fit=fit)
    file.write(np.full((64, 80, 3), 200, np.uint8), 0)
    file.close()
    (picture,) = pictures(tmp_path / "a.mkv")
    expected = np.zeros((160, 100, 3), np.uint8)
    expected[bright] = 200
    np.testing.assert_array_equal(picture, expected)


@pytest.mark.parametrize("size", [(47, 64), (48, 63)])
def test_h264_supports_odd_sizes(tmp_path: Path, size: tuple[int, int]) -> None:
    frames = smooth_film(5, *size)
    record(tmp_path / "a.mkv", frames)
    assert np.abs(np.array(read_film(tmp_path / "a.mkv"), int) - frames).mean() < 2


def test_a_gif_has_every_frame_and_its_colours(tmp_path: Path) -> None:
    frames = smooth_film(20)
    record(tmp_path / "a.gif", frames)
    decoded = np.array(read_film(tmp_path / "a.gif"), int)
    assert decoded.shape == frames.shape
    assert np.abs(decoded - frames).mean() < 8


@pytest.mark.parametrize("rate", [Fraction(51), Fraction(60), Fraction(60000, 1001), Fraction(75), Fraction(240)])
def test_a_gif_has_at_most_fifty_frames_a_second(
    tmp_path: Path, rate: Fraction, capsys: pytest.CaptureFixture[str]
) -> None:
    file = open_file(tmp_path / "a.gif", rate=rate)
    count = int(rate)
    for index in range(count):
        file.write(smooth_film(1)[0], 7 + index)
    file.close()
    with av.open(tmp_path / "a.gif") as container:
        times = [float(frame.pts * frame.time_base) for frame in container.decode(video=0)]  # type: ignore[operator]  # a GIF has times
    np.testing.assert_allclose(times, np.arange(len(times)) / 50, atol=1e-6)
    assert len(times) in (49, 50)
    said = capsys.readouterr().out
    assert said.count("the most that it can hold") == 1
    assert f"takes 50 of {float(rate):.4g} frames a second" in said


def test_a_gif_of_fifty_frames_a_second_has_all_of_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = open_file(tmp_path / "a.gif", rate=Fraction(50))
    for index in range(20):
        file.write(smooth_film(1)[0], index)
    file.close()
    assert len(read_film(tmp_path / "a.gif")) == 20
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("name", "rate"), [("a.mkv", Fraction(12)), ("a.mkv", Fraction(24000, 1001)), ("a.gif", Fraction(12))]
)
def test_frames_keep_their_times_and_a_missing_one_leaves_a_gap(tmp_path: Path, name: str, rate: Fraction) -> None:
    file = open_file(tmp_path / name, rate=rate)
    indices = [7, 8, 9, 12, 13]
    for index in indices:
        file.write(make_film(1)[0], index)
    file.close()
    with av.open(tmp_path / name) as container:
        times = [float(frame.time) for frame in container.decode(video=0)]
    np.testing.assert_allclose(times, [(index - 7) / float(rate) for index in indices], atol=0.0101)


def test_nothing_is_overwritten_unasked(tmp_path: Path) -> None:
    path = tmp_path / "a.mkv"
    path.write_text("precious")
    with pytest.raises(RecordingError, match=r"exists; give another name, or --overwrite"):
        open_file(path)
    assert path.read_text() == "precious"
    record(path, make_film(3), overwrite=True)
    assert len(read_film(path)) == 3


def test_a_place_that_cannot_be_recorded_to_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match=r"there is no folder .*nowhere to record into; make it first"):
        open_file(tmp_path / "nowhere" / "a.mkv")
    (tmp_path / "folder.mkv").mkdir()
    with pytest.raises(RecordingError, match=r"cannot record to .*folder\.mkv"):
        open_file(tmp_path / "folder.mkv", overwrite=True)


def test_a_recording_without_pictures_changes_no_file(tmp_path: Path) -> None:
    for name in ("a.mkv", "a.gif"):
        open_file(tmp_path / name).close()
    assert list(tmp_path.iterdir()) == []
    path = tmp_path / "old.mkv"
    path.write_text("precious")
    open_file(path, overwrite=True).close()
    assert path.read_text() == "precious"


WAYS = [
    ("a.mkv", "h264"),
    ("a.mkv", "ffv1"),
    ("a.mp4", "h264"),
    ("a.mov", "h264"),
    ("a.webm", "h264"),
    ("a.webp", "h264"),
    ("a.gif", "h264"),
]
"""Files in all formats and codecs."""

RECORDING_PROCESS = """
import os, sys
from fractions import Fraction
from pathlib import Path
import numpy as np
from live.outputs.video_file import VideoFile

path, codec = Path(sys.argv[1]), sys.argv[2]
file = VideoFile(path, size=(48, 64), frame_rate=Fraction(12), codec=codec, overwrite=False)
for index in range(70):
    file.write(np.random.default_rng(index).integers(0, 256, (48, 64, 3), np.uint8), index)
os.kill(os.getpid(), 9)
"""


@pytest.mark.parametrize(("name", "codec"), WAYS)
def test_a_killed_process_leaves_all_but_the_last_second(tmp_path: Path, name: str, codec: Codec) -> None:
    killed = subprocess.run([sys.executable, "-c", RECORDING_PROCESS, tmp_path / name, codec], timeout=60)
    assert killed.returncode == -9
    frames = pictures(tmp_path / name)
    assert len(frames) >= 70 - 12
    if codec == "ffv1":
        for index, frame in enumerate(frames):
            expected = np.random.default_rng(index).integers(0, 256, (48, 64, 3), np.uint8)
            np.testing.assert_array_equal(frame, expected)


@pytest.fixture
def full_disk() -> Iterator[None]:
    """Limits files to 60,000 bytes. A further write fails as on a full disk (EFBIG; Python ignores SIGXFSZ)."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, hard))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize(("name", "codec"), WAYS)
def test_a_full_disk_leaves_a_closed_playable_file(tmp_path: Path, full_disk: None, name: str, codec: Codec) -> None:
    path = tmp_path / name
    file = open_file(path, codec)
    noise = np.random.default_rng(1).integers(0, 256, (200, HEIGHT, WIDTH, 3), np.uint8)

    def write_all() -> None:
        for index, frame in enumerate(noise):
            file.write(frame, index)

    with pytest.raises(RecordingError, match=r"ended \(File too large\); what was written until then is playable"):
        write_all()
    with pytest.raises(RecordingError, match="File too large"):
        file.close()
    assert str(path) not in {os.path.realpath(f"/proc/self/fd/{number}") for number in os.listdir("/proc/self/fd")}
    assert path.stat().st_size <= 60_000
    assert len(pictures(path)) >= 2
