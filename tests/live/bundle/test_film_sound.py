"""Sound in a seed film: as long as its frames, and optional whatever else stands there."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from live.bundle.seed_film import SeedFilm, read_seed_film
from live.errors import BundleError
from tests.live.bundles import HEIGHT, RATE, WIDTH, make_film
from tests.live.sounds import clicks, heard

FRAMES = 2 * RATE


def write_film(path: Path, codec: str = "libopus", seconds: float = 2.0, layout: str = "stereo") -> None:
    """Write a film of two seconds with a sound that clicks at 0.5 and 1.5 s."""
    with av.open(path, "w") as container:
        pictures = container.add_stream("ffv1", rate=RATE)
        pictures.width, pictures.height, pictures.pix_fmt = WIDTH, HEIGHT, "bgr0"
        sound = container.add_stream(codec, rate=48_000, layout=layout)
        assert isinstance(pictures, av.VideoStream)
        assert isinstance(sound, av.AudioStream)
        for picture in make_film(FRAMES):
            container.mux(pictures.encode(av.VideoFrame.from_ndarray(picture, "rgb24").reformat(format="bgr0")))
        container.mux(pictures.encode(None))
        samples = np.ascontiguousarray(clicks(seconds, [0.5, 1.5]).reshape(1, -1))
        frame = av.AudioFrame.from_ndarray(samples, format="flt", layout="stereo")
        frame.sample_rate, frame.pts, frame.time_base = 48_000, 0, Fraction(1, 48_000)
        for each in av.AudioResampler(format="flt", layout=layout, rate=48_000).resample(frame):
            container.mux(sound.encode(each))
        container.mux(sound.encode(None))


def read(path: Path, keep: int = FRAMES) -> SeedFilm:
    return read_seed_film(
        path, height=HEIGHT, width=WIDTH, context_frames=2, frame_rate=Fraction(RATE), shot_starts=[0], keep=keep
    )


@pytest.mark.parametrize(("seconds", "layout"), [(2.0, "stereo"), (2.0, "mono"), (30.0, "stereo"), (1.6, "stereo")])
def test_sound_is_as_long_as_the_frames(tmp_path: Path, seconds: float, layout: str) -> None:
    write_film(tmp_path / "seed.mkv", seconds=seconds, layout=layout)
    sound = read(tmp_path / "seed.mkv").sound
    assert sound
    assert sound.samples.shape == (96_000, 2)
    assert sound.ends == 1 / RATE
    assert heard(sound.samples / np.float32(32768), above=0.2) == pytest.approx([0.5, 1.5], abs=0.003)


def test_a_shorter_tail_has_the_end_of_the_sound(tmp_path: Path) -> None:
    write_film(tmp_path / "seed.mkv")
    film = read(tmp_path / "seed.mkv", keep=RATE)
    assert film.sound
    assert len(film.frames) == RATE
    assert heard(film.sound.samples / np.float32(32768), above=0.2) == pytest.approx([0.5], abs=0.003)


def test_sound_of_another_codec_is_ignored(tmp_path: Path) -> None:
    write_film(tmp_path / "seed.mkv", codec="flac")
    film = read(tmp_path / "seed.mkv")
    assert film.sound is None
    np.testing.assert_array_equal(film.frames, make_film(FRAMES))


def test_damaged_sound_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "seed.mkv"
    write_film(path)
    with av.open(path) as container:
        sizes = [(packet.pos, packet.size) for packet in container.demux(audio=0) if packet.size]
    data = bytearray(path.read_bytes())
    for position, size in sizes:
        assert position is not None
        # Behind the block's header.
        data[position + 6 : position + 6 + size] = b"\xff" * size
    path.write_bytes(data)
    try:
        film = read(path)
    except BundleError as error:
        assert "\n" not in str(error)  # noqa: PT017  # either is right: what is damaged may still be a sound
    else:
        np.testing.assert_array_equal(film.frames, make_film(FRAMES))
