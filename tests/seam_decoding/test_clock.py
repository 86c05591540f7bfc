"""Both halves read the same clock, whatever jumps in it."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from live.camera.media_files import MediaFiles, decode_file
from tests.seam_decoding.files import HEIGHT, WIDTH, tinted, video_frames, with_times
from train.data.film import load_film

GAPS = {  # file, seconds of the gap, and if it is closed
    "an hour of a broadcast": ("a.ts", 3600, True),
    "a second and a half of a broadcast": ("a.ts", 1.5, True),
    "half a second of a broadcast": ("a.ts", 0.5, False),
    "an hour of a disc": ("a.vob", 3600, True),
    "an hour of a file": ("a.mkv", 3600, True),
    "two minutes of a file": ("a.mp4", 120, True),
    "a slide": ("a.mkv", 5, False),
}


@pytest.mark.parametrize("kind", GAPS)
def test_a_forward_jump_of_the_clock_is_closed(tmp_path: Path, kind: str) -> None:
    name, gap, is_closed = GAPS[kind]
    seconds = [n / 24 + (gap if n >= 24 else 0) for n in range(48)]
    with_times(tmp_path / name, seconds, codec="mpeg4" if name == "a.mp4" else "mpeg2video")
    film = load_film(tmp_path / name, (WIDTH, HEIGHT), "crop", tmp_path / "cache")
    times = [float(time) for _, time, _ in decode_file(tmp_path / name)]
    assert len(times) == 48
    if is_closed:
        assert film.lines[:1] == [f"has a gap in its clock: {gap:.1f} s without a picture are left out"]
        assert len(film.frames) in (48, 49)  # a disc has timestamps for some pictures only
        assert np.diff(times).max() < 0.1
    else:
        assert film.findings.closed == []
        assert len(film.frames) == pytest.approx(48 + 24 * gap, abs=1)
        assert np.diff(times).max() == pytest.approx(gap + 1 / 24, abs=2e-3)


@pytest.mark.parametrize("starts", [0.0, 0.2, 0.5, 0.9, 26.5 * 3600])
@pytest.mark.parametrize("name", ["a.ts", "a.vob"])
def test_pieces_of_a_broadcast_that_are_joined_keep_all_pictures(tmp_path: Path, name: str, starts: float) -> None:
    """The second piece begins again, also at a time that the first one has; or its clock runs over (33 bits)."""
    content = b""
    for start in (0.0, starts):
        with_times(tmp_path / name, [start + n / 24 for n in range(24)])
        content += (tmp_path / name).read_bytes()
    (tmp_path / name).write_bytes(content)
    shown = list(decode_file(tmp_path / name))
    lengths = np.diff([float(time) for _, time, _ in shown])
    assert len(shown) == 48
    np.testing.assert_allclose(lengths, 1 / 24, atol=2e-3 if name == "a.ts" else 0.042)  # a disc, see above
    levels = [pixels.mean() for pixels, *_ in shown]
    np.testing.assert_allclose(levels[:24], levels[24:], atol=3)


def test_the_camera_says_once_what_it_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with_times(tmp_path / "a.ts", [n / 24 + (3600 if n >= 24 else 0) for n in range(48)])
    files = MediaFiles(tmp_path / "a.ts", size=(HEIGHT, WIDTH), frame_rate=Fraction(24), mirror=False, timeout=None)
    for index in range(150):
        assert files.read(index) is not None
    files.close()
    assert capsys.readouterr().out.count("a.ts has a gap in its clock: 3600.0 s without a picture are left out\n") == 1


@pytest.mark.parametrize("count", [3, 40])
def test_a_file_whose_clock_stands_is_played_at_its_rate(tmp_path: Path, count: int) -> None:
    with av.open(tmp_path / "a.mkv", "w") as container:
        stream = container.add_stream("ffv1", rate=25)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "bgr0"
        for frame in video_frames(tinted(count % 30)) + video_frames(tinted(count - count % 30)):
            for packet in stream.encode(frame):
                packet.pts = packet.dts = 0
                container.mux(packet)
        container.mux(stream.encode(None))
    film = load_film(tmp_path / "a.mkv", (WIDTH, HEIGHT), "crop", tmp_path / "cache")
    assert len(film.frames) == count
    assert film.frame_rate == 25
    assert [time for _, time, _ in decode_file(tmp_path / "a.mkv")] == [Fraction(n, 25) for n in range(count)]
