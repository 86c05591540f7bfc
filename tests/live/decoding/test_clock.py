"""The clock of a file, whatever jumps in it."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from tests.live.decoding.files import (
    HEIGHT,
    THREADS,
    WIDTH,
    Threads,
    decoded,
    tinted,
    video_frames,
    with_times,
)

GAPS = {  # file, seconds of the gap, and if it is closed
    "an hour of a broadcast": ("a.ts", 3600, True),
    "a second and a half of a broadcast": ("a.ts", 1.5, True),
    "half a second of a broadcast": ("a.ts", 0.5, False),
    "an hour of a disc": ("a.vob", 3600, True),
    "an hour of a file": ("a.mkv", 3600, True),
    "two minutes of a file": ("a.mp4", 120, True),
    "a slide": ("a.mkv", 5, False),
}


@pytest.mark.parametrize("threads", THREADS)
@pytest.mark.parametrize("kind", GAPS)
def test_a_forward_jump_of_the_clock_is_closed(tmp_path: Path, kind: str, threads: Threads) -> None:
    name, gap, is_closed = GAPS[kind]
    seconds = [n / 24 + (gap if n >= 24 else 0) for n in range(48)]
    with_times(tmp_path / name, seconds, codec="mpeg4" if name == "a.mp4" else "mpeg2video")
    pictures, findings = decoded(tmp_path / name, threads)
    times = [float(picture.time) for picture in pictures]
    assert len(times) == 48
    if is_closed:
        assert findings.lines() == [f"has a gap in its clock: {gap:.1f} s without a picture are left out"]
        assert np.diff(times).max() < 0.1
    else:
        assert findings.lines() == []
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
    shown, _ = decoded(tmp_path / name, "AUTO")
    lengths = np.diff([float(picture.time) for picture in shown])
    assert len(shown) == 48
    np.testing.assert_allclose(lengths, 1 / 24, atol=2e-3 if name == "a.ts" else 0.042)  # a disc has few timestamps
    levels = [picture.pixels.mean() for picture in shown]
    np.testing.assert_allclose(levels[:24], levels[24:], atol=3)


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
    assert [picture.time for picture in decoded(tmp_path / "a.mkv")[0]] == [Fraction(n, 25) for n in range(count)]
