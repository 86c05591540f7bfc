"""Stage and studio decode alike: the same ground, clock, colours and shapes, and the same files."""

import gc
import struct
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from av.stream import Disposition
from numpy.typing import NDArray

from live.camera import decoding as stage
from live.camera.media_files import MediaFiles, decode_file
from train.data import decoding as studio
from train.data.film import load_film
from train.data.probing.film_bars import display_shape
from train.errors import FilmError
from train.images.resizing import ResizeMode
from train.pix2pix.pairs import read_pairs

Pixels = NDArray[np.uint8]

WIDTH, HEIGHT = 64, 48
INK, WHITE = (10, 20, 90), (255, 255, 255)


def test_both_halves_have_the_same_module() -> None:
    texts = [Path(str(half.__file__)).read_text(encoding="utf-8") for half in (stage, studio)]
    assert texts[0].replace("live.camera", "train.data") == texts[1]


def encode(path: Path, frames: list[av.VideoFrame], codec: str, pixel_format: str, **options: str) -> None:
    """Write frames at 24 a second."""
    with av.open(path, "w") as container:
        stream = container.add_stream(codec, rate=24, options=options)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = frames[0].width, frames[0].height, pixel_format
        for frame in frames:
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def film_frames(path: Path, tmp_path: Path, size: tuple[int, int] = (WIDTH, HEIGHT)) -> Pixels:
    return np.asarray(load_film(path, size, "crop", tmp_path / "cache").frames[:])


def camera_frames(path: Path) -> list[Pixels]:
    return [pixels for pixels, *_ in decode_file(path)]


# ----------------------------------------------------------------------------
# Transparency: drawn on white, everywhere, and said.


def ink_on_nothing() -> Pixels:
    """Draw a square of dark ink, and around it nothing, which is stored as black: RGBA."""
    picture = np.zeros((HEIGHT, WIDTH, 4), np.uint8)
    picture[16:32, 16:48] = (*INK, 255)
    return picture


def rgba_frames(count: int) -> list[av.VideoFrame]:
    return [av.VideoFrame.from_ndarray(np.roll(ink_on_nothing(), number, 1), format="rgba") for number in range(count)]


def with_opencv(path: Path, scale: int = 1) -> None:
    picture = ink_on_nothing()[:, :, [2, 1, 0, 3]]
    assert cv2.imwrite(str(path), picture if scale == 1 else picture.astype(np.uint16) * scale)


def animated(path: Path) -> None:
    animation = cv2.Animation()
    ink = ink_on_nothing()[:, :, [2, 1, 0, 3]]
    animation.frames = [ink, np.roll(ink, 2, 1), np.roll(ink, 4, 1)]
    animation.durations = [40, 120, 80]
    assert cv2.imwriteanimation(str(path), animation)


STILLS: dict[str, Callable[[Path], None]] = {
    "rgba.png": with_opencv,
    "deep.png": lambda path: with_opencv(path, 257),
    "grey.png": lambda path: encode(path, rgba_frames(1), "png", "ya8"),
    "lossless.webp": with_opencv,
    "lossy.webp": lambda path: encode(path, rgba_frames(1), "libwebp", "yuva420p", quality="90"),
    "rgba.tiff": lambda path: encode(path, rgba_frames(1), "tiff", "rgba"),
}
CLIPS: dict[str, Callable[[Path], None]] = {
    "vp9.webm": lambda path: encode(path, rgba_frames(5), "libvpx-vp9", "yuva420p", crf="8"),
    "vp8.webm": lambda path: encode(path, rgba_frames(5), "libvpx", "yuva420p", **{"auto-alt-ref": "0"}),
    "prores.mov": lambda path: encode(path, rgba_frames(5), "prores_ks", "yuva444p10le", profile="4"),
    "animation.mov": lambda path: encode(path, rgba_frames(5), "qtrle", "argb"),
    "apng.apng": lambda path: encode(path, rgba_frames(5), "apng", "rgba"),
    "ffv1.mkv": lambda path: encode(path, rgba_frames(5), "ffv1", "bgra"),
    "animated.webp": lambda path: encode(path, rgba_frames(5), "libwebp_anim", "bgra"),
    "animated.avif": animated,
}


def assert_on_white(pixels: Pixels, *, grey: bool) -> None:
    middle, corner = pixels[20:28, 20:44].reshape(-1, 3), pixels[:12].reshape(-1, 3)
    ink = np.array([np.mean(INK) if grey else channel for channel in INK])
    assert np.abs(middle - ink).max() < (25 if grey else 16)
    assert np.abs(corner.astype(int) - WHITE).max() < 8


@pytest.mark.parametrize("name", STILLS)
def test_a_transparent_picture_is_drawn_on_white(tmp_path: Path, name: str) -> None:
    for copy in "ab":
        STILLS[name](tmp_path / f"{copy}-{name}")
    (camera,) = camera_frames(tmp_path / f"a-{name}")
    pairs = read_pairs(tmp_path, "pictures", "AtoB", "crop", lambda size: size)
    assert "2 with transparent parts, shown on white" in pairs.summary
    for pixels in (camera, pairs.b[0]):
        assert_on_white(pixels, grey=name == "grey.png")


@pytest.mark.parametrize("name", CLIPS)
def test_a_transparent_clip_is_drawn_on_white(tmp_path: Path, name: str) -> None:
    CLIPS[name](tmp_path / name)
    film = load_film(tmp_path / name, (WIDTH, HEIGHT), "crop", tmp_path / "cache")
    assert film.findings.lines() == ["has transparent parts, which are shown on white"]
    for pixels in (film.frames[0], camera_frames(tmp_path / name)[0]):
        assert_on_white(pixels, grey=False)


def test_what_is_opaque_is_not_said_to_be_transparent(tmp_path: Path) -> None:
    opaque = np.full((HEIGHT, WIDTH, 4), 255, np.uint8)
    encode(tmp_path / "a.mkv", [av.VideoFrame.from_ndarray(opaque, format="rgba")] * 2, "ffv1", "bgra")
    assert not load_film(tmp_path / "a.mkv", (WIDTH, HEIGHT), "crop", tmp_path / "cache").findings.lines()


def test_half_transparent_ink_lies_on_white() -> None:
    rgba = np.array([[[0, 100, 255, 128], [7, 8, 9, 255], [7, 8, 9, 0]]], np.uint8)
    np.testing.assert_array_equal(studio.on_ground(rgba), [[[127, 177, 255], [7, 8, 9], [255, 255, 255]]])


# ----------------------------------------------------------------------------
# The same files, and of each the same stream.


def tinted(count: int, size: tuple[int, int] = (WIDTH, HEIGHT), tint: tuple[int, int, int] = (2, 1, 0)) -> list[Pixels]:
    """Draw pictures that can be told apart: grey grows by 5 with each, in a tint."""
    width, height = size
    return [np.full((height, width, 3), [50 + 5 * i + 20 * t for t in tint], np.uint8) for i in range(count)]


def video_frames(pictures: list[Pixels]) -> list[av.VideoFrame]:
    return [av.VideoFrame.from_ndarray(picture, format="rgb24") for picture in pictures]


@pytest.mark.parametrize(("name", "codec"), [("a.h264", "libx264"), ("a.m2v", "mpeg2video"), ("a.m4v", "mpeg4")])
def test_a_raw_stream_without_timestamps_is_read_in_both_halves(tmp_path: Path, name: str, codec: str) -> None:
    encode(tmp_path / name, video_frames(tinted(20)), codec, "yuv420p", bf="0")
    film = film_frames(tmp_path / name, tmp_path)
    shown = list(decode_file(tmp_path / name))
    assert len(film) == len(shown) == 20
    np.testing.assert_allclose([pixels.mean() for pixels, *_ in shown], film.mean((1, 2, 3)), atol=1)
    assert np.diff([float(time) for _, time, _ in shown]) == pytest.approx(1 / 24, rel=0.05)


@pytest.mark.parametrize(("name", "chosen"), [("a.ts", 1), ("a.mkv", 0)])
def test_of_two_streams_both_halves_take_the_one_that_ffmpeg_takes(tmp_path: Path, name: str, chosen: int) -> None:
    """A transport stream has no default, so it is the larger one; in Matroska one is marked."""
    sizes, tints = ((32, 24), (WIDTH, HEIGHT)), ((0, 0, 2), (2, 0, 0))
    with av.open(tmp_path / name, "w") as container:
        streams = []
        for width, height in sizes:
            stream = container.add_stream("mpeg2video", rate=24, options={"b": "4M"})
            assert isinstance(stream, av.VideoStream)
            stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
            streams.append(stream)
        streams[chosen].disposition = Disposition.default
        both = [tinted(10, size, tint) for size, tint in zip(sizes, tints, strict=True)]
        for pictures in zip(*both, strict=True):
            for stream, picture in zip(streams, pictures, strict=True):
                container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        for stream in streams:
            container.mux(stream.encode(None))
    camera = camera_frames(tmp_path / name)
    assert camera[0].shape[1::-1] == sizes[chosen] == display_shape(tmp_path / name)
    film = film_frames(tmp_path / name, tmp_path)
    for pixels in (film[0], camera[0]):
        assert pixels.mean((0, 1)).argmax() == both[chosen][0][0, 0].argmax()


def test_a_damaged_packet_costs_no_other_picture_in_either_half(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    encode(path, video_frames(tinted(20)), "libx264", "yuv420p", bf="0", g="1")
    with av.open(path) as container:
        place, size = [(packet.pos or 0, packet.size) for packet in container.demux(video=0)][7]
    content = bytearray(path.read_bytes())
    content[place : place + size] = b"\xff" * size
    path.write_bytes(content)
    assert load_film(path, (WIDTH, HEIGHT), "crop", tmp_path / "cache").stored == 19
    assert len(camera_frames(path)) in (19, 20)


def test_an_animated_webp_is_read_in_both_halves(tmp_path: Path) -> None:
    begins = [0, 1, 4, 5, 6, 11]
    for name in ("a.webp", "no suffix"):
        with_times(tmp_path / "a.webp", [begin / 25 for begin in begins], "libwebp_anim", "bgra", rate=25)
        path = (tmp_path / "a.webp").rename(tmp_path / name)
        film = load_film(path, (WIDTH, HEIGHT), "crop", tmp_path / "cache")
        shown = list(decode_file(path))
        assert [time for _, time, _ in shown] == [Fraction(begin, 25) for begin in begins]
        np.testing.assert_array_equal(film.frames[begins], [pixels for pixels, *_ in shown])
        np.testing.assert_allclose(film.frames[begins], tinted(6), atol=3)
        assert film.frame_rate == 25
    path.write_bytes(path.read_bytes()[:100])
    assert camera_frames(path) == []
    with pytest.raises(FilmError, match="holds no picture that can be decoded"):
        display_shape(path)


# ----------------------------------------------------------------------------
# Colours.


def plain(size: tuple[int, int], levels: list[tuple[int, int, int]], pixel_format: str) -> av.VideoFrame:
    """Return a frame of upright stripes, each of one Y, Cb, Cr."""
    frame = av.VideoFrame(*size, pixel_format)
    wide = "10" in pixel_format
    for number, plane in enumerate(frame.planes):
        row = np.repeat([level[number] for level in levels], -(-plane.width // len(levels)))
        padded = np.zeros((plane.height, plane.line_size // (2 if wide else 1)), np.uint16 if wide else np.uint8)
        padded[:, : plane.width] = row[: plane.width]
        plane.update(padded.tobytes())
    return frame


def tagged(path: Path, frame: av.VideoFrame, **tags: int) -> None:
    """Write a frame three times, and into the stream how its colours are stored (ITU-T H.273)."""
    with av.open(path, "w") as container:
        stream = container.add_stream("ffv1", rate=24)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = frame.width, frame.height, frame.format.name
        for name, value in tags.items():
            setattr(stream.codec_context, name, value)
        for number in range(3):
            frame.pts = number
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


RED = [(63, 102, 240)]  # Y, Cb, Cr of pure red in BT.709
BT601, BT709, BT2020 = 6, 1, 9


@pytest.mark.parametrize(
    ("size", "tag", "is_709"),
    [
        ((1920, 1080), None, True),
        ((1280, 720), None, True),
        ((1280, 534), None, True),
        ((720, 1280), None, True),
        ((720, 576), None, False),
        ((64, 48), None, False),
        ((1280, 720), BT601, False),
        ((64, 48), BT709, True),
    ],
)
def test_colours_without_tags_are_those_of_hd_from_720_lines_up(
    tmp_path: Path, size: tuple[int, int], tag: int | None, is_709: bool
) -> None:
    frame = plain(size, RED, "yuv420p")
    tagged(tmp_path / "a.mkv", frame, **({} if tag is None else {"colorspace": tag}))
    film = film_frames(tmp_path / "a.mkv", tmp_path)
    for pixels in (film[0], camera_frames(tmp_path / "a.mkv")[0]):
        expected = (255, 0, 0) if is_709 else (233, 0, 0)
        np.testing.assert_allclose(pixels[20, 20], expected, atol=3)


def test_photographs_keep_their_own_colours_at_every_size(tmp_path: Path) -> None:
    picture = np.full((720, 1280, 3), (200, 30, 40), np.uint8)
    for name in ("a.jpg", "a.webp"):
        assert cv2.imwrite(str(tmp_path / name), picture[:, :, ::-1], [cv2.IMWRITE_WEBP_QUALITY, 95])
        (pixels,) = camera_frames(tmp_path / name)
        np.testing.assert_allclose(pixels[300, 300], (200, 30, 40), atol=4)


@pytest.mark.parametrize("transfer", stage.HDR)
def test_hdr_is_mapped_to_a_usual_screen(tmp_path: Path, transfer: int) -> None:
    """Greys stay grey, all steps stay apart, and the paper white of PQ (203 cd/m²) is light but not the lightest."""
    codes = [0.0, 0.15, 0.36, 0.51, 0.58, 0.65, 0.75, 0.9]  # of full signal; 0.58 is 203 cd/m² in PQ
    frame = plain((WIDTH, HEIGHT), [(round(64 + 876 * code), 512, 512) for code in codes], "yuv420p10le")
    tagged(tmp_path / "a.mkv", frame, color_trc=transfer, color_primaries=BT2020, colorspace=BT2020, color_range=1)
    film = load_film(tmp_path / "a.mkv", (WIDTH, HEIGHT), "crop", tmp_path / "cache")
    assert film.findings.lines() == ["is HDR; its light is mapped to that of a usual screen"]
    for pixels in (film.frames[0], camera_frames(tmp_path / "a.mkv")[0]):
        stripes = pixels[20, 4::8].astype(int)
        assert np.ptp(stripes, axis=1).max() <= 2
        assert (np.diff(stripes[:, 0]) > 5).all()
        assert stripes[0, 0] < 4
        assert stripes[-1, 0] > 200
        if transfer == 16:
            assert 140 < stripes[4, 0] < 210


# ----------------------------------------------------------------------------
# The clock.


def with_times(
    path: Path, seconds: list[float], codec: str = "mpeg2video", pixel_format: str = "yuv420p", rate: int = 24
) -> None:
    """Write pictures at given times."""
    with av.open(path, "w") as container:
        stream = container.add_stream(codec, rate=rate, options={"bf": "0", "lossless": "1"})
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, pixel_format
        stream.time_base = stream.codec_context.time_base = Fraction(1, rate)
        for number, second in enumerate(seconds):
            frame = av.VideoFrame.from_ndarray(tinted(number % 30 + 1)[-1], format="rgb24")
            frame.pts, frame.time_base = round(rate * second), Fraction(1, rate)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


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


def test_the_camera_says_once_what_it_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with_times(tmp_path / "a.ts", [n / 24 + (3600 if n >= 24 else 0) for n in range(48)])
    files = MediaFiles(tmp_path / "a.ts", size=(HEIGHT, WIDTH), frame_rate=Fraction(24), mirror=False, timeout=None)
    for index in range(150):
        assert files.read(index) is not None
    files.close()
    assert capsys.readouterr().out.count("a.ts has a gap in its clock: 3600.0 s without a picture are left out\n") == 1


# ----------------------------------------------------------------------------
# Shapes.


def joined(path: Path, shapes: list[tuple[int, int, Fraction]], codec: str) -> None:
    """Write two seconds of each shape (W, H, aspect of a pixel), with a disc in it, and join them end to end."""
    content = b""
    for width, height, aspect in shapes:
        y, x = np.mgrid[:height, :width]
        disc = np.hypot((x - (width - 1) / 2) * float(aspect), y - (height - 1) / 2) < 16
        picture = np.repeat(np.where(disc, 230, 20).astype(np.uint8)[:, :, None], 3, axis=2)
        with av.open(path, "w") as container:
            stream = container.add_stream(codec, rate=24, options={"bf": "0"})
            assert isinstance(stream, av.VideoStream)
            stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
            stream.codec_context.sample_aspect_ratio = aspect
            for _ in range(48):
                container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
            container.mux(stream.encode(None))
        content += path.read_bytes()
    path.write_bytes(content)


SQUARE = Fraction(1)
TURNS = {
    "a film that turns": ([(96, 64, SQUARE), (64, 96, SQUARE)], "libx264"),
    "and back": ([(64, 96, SQUARE), (96, 64, SQUARE), (64, 96, SQUARE)], "mpeg2video"),
    "a film that grows": ([(64, 48, SQUARE), (128, 96, SQUARE)], "libx264"),
    "a broadcast that becomes wide": ([(96, 64, SQUARE), (96, 64, Fraction(32, 27))], "mpeg2video"),
    "an announcement": ([(96, 64, Fraction(3, 2)), (96, 64, SQUARE), (96, 64, Fraction(3, 2))], "libx264"),
}


@pytest.mark.parametrize("kind", TURNS)
@pytest.mark.parametrize("mode", ["crop", "letterbox"])
def test_each_frame_of_a_film_that_changes_has_its_own_shape(tmp_path: Path, kind: str, mode: ResizeMode) -> None:
    shapes, codec = TURNS[kind]
    joined(tmp_path / "a.ts", shapes, codec)
    assert display_shape(tmp_path / "a.ts") == (round(shapes[0][0] * shapes[0][2]), shapes[0][1])
    film = load_film(tmp_path / "a.ts", (96, 64), mode, tmp_path / "cache")
    camera = camera_frames(tmp_path / "a.ts")
    assert len(film.frames) >= 48 * len(shapes) - 6
    expected = {(round(width * aspect), height) for width, height, aspect in shapes}
    assert {pixels.shape[1::-1] for pixels in camera} == expected
    for pixels in (*film.frames[3::9], *camera[3::9]):
        inside = pixels[:, :, 0] > 120
        width, height = np.ptp(np.flatnonzero(inside.any(0))) + 1, np.ptp(np.flatnonzero(inside.any(1))) + 1
        assert abs(int(width) - int(height)) <= 2


# ----------------------------------------------------------------------------
# Files that are broken in ways that many are.


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


@pytest.mark.parametrize("progressive", [0, 1])
def test_a_jpeg_that_is_cut_off_is_left_out(tmp_path: Path, progressive: int) -> None:
    picture = np.random.default_rng(0).integers(0, 256, (HEIGHT, WIDTH, 3), np.uint8)
    whole = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_PROGRESSIVE, progressive])[1].tobytes()
    thumbnail = b"\xff\xe1" + struct.pack(">H", len(whole) + 2) + whole  # a whole JPEG in the header of another
    for name in ("a.jpg", "b.jpg"):
        (tmp_path / name).write_bytes(whole[:2] + thumbnail + whole[2:] + b"a telephone's clip, after the picture")
    (tmp_path / "cut.jpg").write_bytes(whole[:2] + thumbnail + whole[2 : len(whole) * 2 // 3])
    assert len(camera_frames(tmp_path / "a.jpg")) == 1
    assert camera_frames(tmp_path / "cut.jpg") == []
    pairs = read_pairs(tmp_path, "pictures", "AtoB", "crop", lambda size: size)
    assert pairs.names == ("a.jpg", "b.jpg")
    assert pairs.summary.endswith("skipped: 1 cut off")


# ----------------------------------------------------------------------------
# Memory.


def test_frames_do_not_wait_for_the_garbage_collection(tmp_path: Path) -> None:
    """A frame of 4K takes 12 MB, and hundreds of them fit between two collections."""
    path = tmp_path / "film.mp4"
    grey = [av.VideoFrame.from_ndarray(np.full((48, 64, 3), i, np.uint8), format="rgb24") for i in range(100)]
    encode(path, grey, "libx264", "yuv420p")
    del grey
    gc.collect()
    gc.disable()
    try:
        with av.open(str(path)) as first, av.open(str(path)) as second:
            counts = [
                sum(1 for _ in studio.pictures(first, studio.Findings())),
                sum(1 for _ in stage.pictures(second, stage.Findings())),
            ]
        assert counts == [100, 100]
        assert sum(type(each) is av.VideoFrame for each in gc.get_objects()) < 20
    finally:
        gc.enable()
