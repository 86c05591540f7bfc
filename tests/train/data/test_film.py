"""Decoding a film: every frame once, at the right shape; errors for files that are not films."""

import struct
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from tests.train.conftest import WriteFilm, numbered
from train.data.film import load_film
from train.data.probing.film_bars import display_shape
from train.data.probing.film_file import content_hash
from train.errors import FilmError
from train.images.resizing import ResizeMode, resize_picture


def test_every_frame_is_in_the_array_once_and_exactly(write_film: WriteFilm, tmp_path: Path) -> None:
    pictures = numbered(40)
    film = load_film(write_film(pictures), (64, 48), "crop", tmp_path / "cache")
    assert np.array_equal(film.frames[:], np.stack(pictures))
    assert film.frame_rate == 24
    assert film.findings.damaged == 0
    assert np.allclose(film.times, np.arange(40) / 24, atol=6e-4)


def test_the_frame_rate_comes_from_the_timestamps(write_film: WriteFilm, tmp_path: Path) -> None:
    rate = Fraction(24000, 1001)
    assert load_film(write_film(numbered(50), rate=rate), (64, 48), "crop", tmp_path / "c").frame_rate == rate
    # The header says 24, the timestamps say 15 per second, with one long hold that must not count.
    times = [i / 15 + (3 if i > 20 else 0) for i in range(40)]
    late = write_film(numbered(40), "late.mkv", times=times)
    assert load_film(late, (64, 48), "crop", tmp_path / "c").frame_rate == 15


def test_a_duplicate_timestamp_is_dropped(write_film: WriteFilm, tmp_path: Path) -> None:
    times = [0.0, 0.1, 0.2, 0.2, 0.3, 0.4]
    film = load_film(write_film(numbered(6), times=times), (64, 48), "crop", tmp_path / "cache")
    assert [int(frame[0, 40, 0]) for frame in film.frames] == [60, 61, 62, 64, 65]


def test_uneven_timestamps_still_give_a_rate(write_film: WriteFilm, tmp_path: Path) -> None:
    film = load_film(write_film(numbered(3), times=[0, 0.1, 1.1]), (64, 48), "crop", tmp_path / "cache")
    assert film.frame_rate in (1, 10)


def test_times_start_at_zero(write_film: WriteFilm, tmp_path: Path) -> None:
    times = [3600 + i / 24 for i in range(30)]
    film = load_film(write_film(numbered(30), times=times), (64, 48), "crop", tmp_path / "cache")
    assert film.times[0] == 0
    assert film.times[-1] == pytest.approx(29 / 24, abs=2e-3)


def test_films_joined_end_to_end_are_read_completely(tmp_path: Path) -> None:
    path = tmp_path / "joined.ts"
    halves = []
    for half in range(2):
        with av.open(str(tmp_path / "half.ts"), "w", format="mpegts") as container:
            stream = container.add_stream("mpeg2video", rate=25, options={"bf": "0"})
            stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
            for picture in numbered(100)[50 * half :][:50]:
                container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
            container.mux(stream.encode(None))
        halves.append((tmp_path / "half.ts").read_bytes())
    path.write_bytes(b"".join(halves))
    film = load_film(path, (64, 48), "crop", tmp_path / "cache")
    assert len(film.frames) >= 98  # a decoder may lose a picture at the join
    assert (np.diff(film.times) > 0).all()


# Rotation matrices of a track header (ISO/IEC 14496-12, §8.3.2): a, b, c, d; and where the top left corner goes.
ROTATIONS = {
    "clockwise": ((0, 1, -1, 0), np.s_[:16, -16:]),
    "upside down": ((-1, 0, 0, -1), np.s_[-16:, -16:]),
    "counter-clockwise": ((0, -1, 1, 0), np.s_[-16:, :16]),
}


@pytest.mark.parametrize("rotation", ROTATIONS)
def test_a_rotated_film_is_turned_upright(tmp_path: Path, rotation: str) -> None:
    (a, b, c, d), corner = ROTATIONS[rotation]
    path = tmp_path / "rotated.mp4"
    picture = np.zeros((48, 64, 3), np.uint8)
    picture[:16, :16] = 255
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=24, options={"crf": "1"})
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for _ in range(3):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode(None))
    content = bytearray(path.read_bytes())
    matrix = content.index(b"tkhd") + 44
    one = 1 << 16
    struct.pack_into(">9i", content, matrix, a * one, b * one, 0, c * one, d * one, 0, 0, 0, 1 << 30)
    path.write_bytes(content)
    shape = display_shape(path)
    assert shape == ((64, 48) if rotation == "upside down" else (48, 64))
    film = load_film(path, shape, "crop", tmp_path / "cache")
    assert film.frames[0][corner].mean() > 240
    assert film.frames[0].mean() < 60


def test_a_gif_is_a_film(tmp_path: Path) -> None:
    path = tmp_path / "film.gif"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("gif", rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "rgb8"
        for picture in numbered(12):
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(format="rgb8")
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    film = load_film(path, (64, 48), "crop", tmp_path / "cache")
    assert len(film.frames) == 12
    assert film.frame_rate == 10


def test_non_square_pixels_are_made_square(tmp_path: Path) -> None:
    path = tmp_path / "anamorphic.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=24)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        stream.codec_context.sample_aspect_ratio = Fraction(4, 3)
        for picture in numbered(3):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode(None))
    assert display_shape(path) == (85, 48)


@pytest.mark.parametrize(("mode", "corner", "covered"), [("crop", 255, 1.0), ("letterbox", 0, 0.75)])
def test_a_circle_stays_a_circle(mode: ResizeMode, corner: int, covered: float) -> None:
    picture = np.full((90, 160, 3), 255, np.uint8)
    yy, xx = np.mgrid[:90, :160]
    picture[(yy - 44.5) ** 2 + (xx - 79.5) ** 2 < 30**2] = (200, 0, 0)
    result = resize_picture(picture, 160 / 90, (96, 72), mode)
    red = (result[..., 0] > 150) & (result[..., 1] < 100)
    height, width = np.ptp(np.flatnonzero(red.any(1))) + 1, np.ptp(np.flatnonzero(red.any(0))) + 1
    assert abs(int(height) - int(width)) <= 1
    assert result[0, 0, 0] == corner
    assert (result.max(2) > 0).mean() == pytest.approx(covered, abs=0.02)


def test_a_film_is_decoded_only_once(write_film: WriteFilm, tmp_path: Path) -> None:
    path, cache = write_film(numbered(20)), tmp_path / "cache"
    shares: list[float] = []
    load_film(path, (64, 48), "crop", cache, shares.append)
    assert shares[-1] == 1.0
    assert shares == sorted(shares)
    again: list[float] = []
    moved = path.rename(tmp_path / "moved.mkv")
    assert len(load_film(moved, (64, 48), "crop", cache, again.append).frames) == 20
    assert again == []
    load_film(moved, (32, 32), "crop", cache, again.append)
    assert again


def test_a_damaged_cache_entry_is_decoded_again(write_film: WriteFilm, tmp_path: Path) -> None:
    path, cache = write_film(numbered(20)), tmp_path / "cache"
    load_film(path, (64, 48), "crop", cache)
    (entry,) = cache.iterdir()
    for name in ("frames.u8", "film.json"):
        content = (entry / name).read_bytes()
        (entry / name).write_bytes(content[: len(content) // 2])
        assert len(load_film(path, (64, 48), "crop", cache).frames) == 20


def test_small_pictures_are_enlarged_smoothly() -> None:
    picture = np.repeat(np.array([0, 0, 255, 255], np.uint8), 3).reshape(1, 4, 3).repeat(4, 0)
    assert len(np.unique(resize_picture(picture, 1.0, (32, 32), "crop"))) > 4


def test_an_interrupted_decode_leaves_nothing_behind(write_film: WriteFilm, tmp_path: Path) -> None:
    path, cache = write_film(numbered(20)), tmp_path / "cache"

    def interrupt(share: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        load_film(path, (64, 48), "crop", cache, interrupt)
    assert list(cache.iterdir()) == []
    assert len(load_film(path, (64, 48), "crop", cache).frames) == 20


def test_a_truncated_film_is_read_up_to_the_damage(write_film: WriteFilm, tmp_path: Path) -> None:
    whole = write_film([np.random.default_rng(i).integers(0, 255, (48, 64, 3), np.uint8) for i in range(40)])
    whole.write_bytes(whole.read_bytes()[: whole.stat().st_size * 3 // 5])
    film = load_film(whole, (64, 48), "crop", tmp_path / "cache")
    assert 15 < len(film.frames) < 30


def test_a_damaged_packet_is_counted_and_costs_no_other_frame(tmp_path: Path) -> None:
    path = tmp_path / "damaged.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=24, options={"bf": "0", "g": "1"})
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for picture in numbered(40):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode(None))
    with av.open(str(path)) as container:
        packet = [p for p in container.demux(video=0) if p.size][37]
        place, size = packet.pos, packet.size
    assert place is not None
    content = bytearray(path.read_bytes())
    content[place : place + size] = b"\xff" * size
    path.write_bytes(content)
    film = load_film(path, (64, 48), "crop", tmp_path / "cache")
    assert film.findings.damaged == 1
    assert film.stored == 39
    assert len(film.frames) == 40  # the picture before the gap stands a frame longer


def audio_only(path: Path) -> None:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=8000, layout="mono")
        sound = av.AudioFrame.from_ndarray(np.zeros((1, 8000), np.int16), format="s16", layout="mono")
        sound.sample_rate = 8000
        container.mux(stream.encode(sound))
        container.mux(stream.encode(None))


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "there is no film"),
        (b"", "empty file"),
        (b"once upon a time " * 100, "cannot be decoded as a film"),
        ("audio", "no video stream, only audio"),
    ],
)
def test_a_file_that_is_no_film_gives_a_one_line_error(tmp_path: Path, content: bytes | str | None, says: str) -> None:
    path = tmp_path / "film.mkv"
    if content == "audio":
        audio_only(path)
    elif isinstance(content, bytes):
        path.write_bytes(content)
    with pytest.raises(FilmError, match=says) as caught:
        load_film(path, (64, 48), "crop", tmp_path / "cache")
    assert "\n" not in str(caught.value)


def test_a_single_frame_is_not_a_film(write_film: WriteFilm, tmp_path: Path) -> None:
    with pytest.raises(FilmError, match="only 1 frame"):
        load_film(write_film(numbered(1)), (64, 48), "crop", tmp_path / "cache")


def test_the_hash_is_that_of_the_content_whatever_the_name(tmp_path: Path) -> None:
    for name, content in (("a", b"the same"), ("b", b"the same"), ("c", b"another")):
        (tmp_path / name).write_bytes(content)
    assert content_hash(tmp_path / "a") == content_hash(tmp_path / "b") != content_hash(tmp_path / "c")


@pytest.mark.parametrize("rate", ["1:1000000000", "1000000000:1"])
def test_a_film_whose_timestamps_are_no_times_is_refused(tmp_path: Path, rate: str) -> None:
    frame = b"FRAME\n" + bytes(64 * 48 * 3 // 2)
    (tmp_path / "a.y4m").write_bytes(f"YUV4MPEG2 W64 H48 F{rate} Ip A1:1 C420\n".encode() + 10 * frame)
    film = load_film(tmp_path / "a.y4m", (64, 48), "crop", tmp_path / "cache")
    with pytest.raises(FilmError, match="pictures a second; give a film of"):
        film.step_rate(2)
