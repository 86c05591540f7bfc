"""Real files: videos, GIFs, stills, folders, and files that only look like them."""

import shutil
import threading
import time
from collections.abc import Iterable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Protocol

import av
import cv2
import numpy as np
import pytest

from live.camera.media_files import STILL_SECONDS, DecodeFile, MediaFiles, decode_file
from live.errors import CameraError
from live.frame import Pixels
from tests.live.bundles import HEIGHT, WIDTH, make_film, write_film
from tests.live.decoding.files import with_times
from tests.live.waiting import SECONDS

SIZE = (HEIGHT, WIDTH)


class Play(Protocol):
    def __call__(self, path: Path, rate: Fraction | int = ..., mirror: bool = ...) -> MediaFiles: ...


@pytest.fixture
def play() -> Iterator[Play]:
    """Opens files as a headless show does, and closes them."""
    opened = []

    def played(path: Path, rate: Fraction | int = 12, mirror: bool = False) -> MediaFiles:
        files = MediaFiles(path, size=SIZE, frame_rate=Fraction(rate), mirror=mirror, timeout=None)
        opened.append(files)
        return files

    yield played
    for files in opened:
        files.close()


def picture(files: MediaFiles, index: int) -> Pixels:
    captured = files.read(index)
    assert captured is not None
    return captured.pixels


def pictures(files: MediaFiles, indices: Iterable[int]) -> list[Pixels]:
    return [picture(files, index) for index in indices]


@pytest.mark.parametrize("rate", [Fraction(12), Fraction(24), Fraction(7), Fraction(12000, 1001), Fraction(1, 4)])
def test_the_picture_of_a_frame_follows_from_the_rates(play: Play, tmp_path: Path, rate: Fraction) -> None:
    film = make_film(10)
    write_film(tmp_path / "a.mkv", film, rate=10)
    shown = pictures(play(tmp_path / "a.mkv", rate), range(60 if rate > 1 else 10))
    for index, pixels in enumerate(shown):
        np.testing.assert_array_equal(pixels, film[int(index / rate * 10) % 10], err_msg=str(index))


def test_a_video_of_the_shows_own_rate_is_shown_picture_for_picture(play: Play, tmp_path: Path) -> None:
    film = make_film(30)
    write_film(tmp_path / "a.mkv", film, rate=12)
    np.testing.assert_array_equal(pictures(play(tmp_path / "a.mkv"), range(30)), film)
    np.testing.assert_array_equal(pictures(play(tmp_path / "a.mkv", 6), range(15)), film[::2])


def test_frames_that_are_not_asked_for_change_nothing(play: Play, tmp_path: Path) -> None:
    write_film(tmp_path / "a.mkv", make_film(10))
    every = pictures(play(tmp_path / "a.mkv"), range(50))
    some = pictures(play(tmp_path / "a.mkv"), range(3, 50, 7))
    np.testing.assert_array_equal(every[3::7], some)


def test_a_gif_keeps_the_time_of_each_picture(play: Play, tmp_path: Path) -> None:
    colours = [(250, 0, 0), (0, 250, 0), (0, 0, 250)]
    with av.open(tmp_path / "a.gif", "w") as container:
        stream = container.add_stream("gif", rate=10)
        stream.height, stream.width, stream.pix_fmt = *SIZE, "rgb8"
        for colour, tenths in zip(colours, (0, 1, 5), strict=True):
            frame = av.VideoFrame.from_ndarray(np.full((*SIZE, 3), colour, np.uint8), "rgb24").reformat(format="rgb8")
            frame.pts, frame.time_base = tenths, Fraction(1, 10)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    shown = [int(pixels[20, 20].argmax()) for pixels in pictures(play(tmp_path / "a.gif", 10), range(12))]
    assert shown[:5] == [0, 1, 1, 1, 1]
    assert shown[5] == 2
    assert 0 in shown[6:], "the second round"


def test_a_still_stays(play: Play, tmp_path: Path) -> None:
    still = make_film(1)[0]
    cv2.imwrite(str(tmp_path / "a.png"), still[:, :, ::-1])
    for pixels in pictures(play(tmp_path / "a.png", 1), range(20)):
        np.testing.assert_array_equal(pixels, still)


def test_a_folder_plays_in_the_order_of_its_names_with_2_before_10(play: Play, tmp_path: Path) -> None:
    film = make_film(3)
    (tmp_path / "0 notes.txt").write_text("not a picture")
    (tmp_path / "folder").mkdir()
    cv2.imwrite(str(tmp_path / "2.png"), film[0][:, :, ::-1])
    write_film(tmp_path / "10.mkv", film[1:], rate=1)
    shown = pictures(play(tmp_path, 1), range(10))
    expected = [film[0]] * int(STILL_SECONDS) + [film[1], film[2]]
    np.testing.assert_array_equal(shown, expected * 2)


def test_files_of_a_folder_without_a_picture_are_named_once(
    play: Play, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cv2.imwrite(str(tmp_path / "5.png"), make_film(1)[0])
    for name in ("1.jxl", "2.txt", "3.jpg", "9.raw", ".DS_Store", "._5.png"):
        (tmp_path / name).write_bytes(b"no picture")
    pictures(play(tmp_path, 1), range(20))
    assert capsys.readouterr().out == (
        f"{tmp_path.name} has 4 files without a picture that can be read, left out: 1.jxl, 2.txt, 3.jpg, …\n"
    )


def test_the_mirror_can_be_changed_between_two_frames(play: Play, tmp_path: Path) -> None:
    film = make_film(2)
    write_film(tmp_path / "a.mkv", film)
    files = play(tmp_path / "a.mkv", mirror=True)
    np.testing.assert_array_equal(picture(files, 0), film[0][:, ::-1])
    files.mirror = False
    np.testing.assert_array_equal(picture(files, 1), film[1])


def test_a_picture_of_another_shape_is_cropped(play: Play, tmp_path: Path) -> None:
    wide = np.zeros((HEIGHT, 3 * WIDTH, 3), np.uint8)
    wide[:, WIDTH : 2 * WIDTH] = make_film(1)[0]
    cv2.imwrite(str(tmp_path / "a.png"), wide[:, :, ::-1])
    np.testing.assert_array_equal(picture(play(tmp_path / "a.png"), 0), make_film(1)[0])


def test_a_clip_of_a_telephone_stands_upright(play: Play, tmp_path: Path) -> None:
    lying = np.full((HEIGHT, WIDTH, 3), (0, 0, 200), np.uint8)
    lying[:, : WIDTH // 2] = (200, 0, 0)
    with av.open(tmp_path / "a.mp4", "w") as container:
        stream = container.add_stream("mpeg4", rate=10)
        stream.height, stream.width, stream.pix_fmt = HEIGHT, WIDTH, "yuv420p"
        for frame in (av.VideoFrame.from_ndarray(lying, "rgb24"), None):
            container.mux(stream.encode(frame))

    def matrix(*numbers: int) -> bytes:
        scaled = [number << scale for number, scale in zip(numbers, (16, 16, 30) * 3, strict=True)]
        return b"".join(number.to_bytes(4, "big", signed=True) for number in scaled)

    # The track's matrix as a telephone writes it: to be shown turned clockwise by 90 degrees.
    before, track, after = (tmp_path / "a.mp4").read_bytes().rpartition(matrix(1, 0, 0, 0, 1, 0, 0, 0, 1))
    assert track
    (tmp_path / "b.mp4").write_bytes(before + matrix(0, 1, 0, -1, 0, 0, 0, 0, 1) + after)
    upright = picture(play(tmp_path / "b.mp4"), 0)
    assert upright[3, WIDTH // 2].argmax() == 0, "the left side is at the top"
    assert upright[-3, WIDTH // 2].argmax() == 2


def test_a_damaged_video_plays_as_far_as_it_can_and_begins_again(play: Play, tmp_path: Path) -> None:
    film = make_film(20)
    write_film(tmp_path / "whole.mkv", film)
    whole = (tmp_path / "whole.mkv").read_bytes()
    (tmp_path / "cut.mkv").write_bytes(whole[: len(whole) // 2])
    shown = pictures(play(tmp_path / "cut.mkv"), range(40))
    np.testing.assert_array_equal(shown[:5], film[:5])
    begins = [index for index, pixels in enumerate(shown) if np.array_equal(pixels, film[0])]
    assert len(begins) > 1


@pytest.mark.parametrize("kind", ["text", "empty", "folder"])
def test_a_file_without_a_picture_is_one_line(play: Play, tmp_path: Path, kind: str) -> None:
    path = tmp_path / "x"
    if kind == "folder":
        path.mkdir()
        (path / "a.txt").write_text("words")
    else:
        path.write_text("words" if kind == "text" else "")
    with pytest.raises(CameraError, match="holds no picture that can be read") as caught:
        play(path)
    assert "\n" not in str(caught.value)


def test_a_file_that_becomes_unreadable_makes_the_source_silent(play: Play, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    write_film(tmp_path / "folder" / "a.mkv", make_film(12))
    files = play(tmp_path / "folder" / "a.mkv")
    assert files.read(0) is not None
    assert files.trouble == ""
    shutil.rmtree(tmp_path / "folder")
    index = 0
    while files.read(index) is not None:
        index += 1
        assert index < 100
    assert files.trouble == "cannot be read any more"
    assert files.read(index) is None


def decode_after_three(released: threading.Event) -> DecodeFile:
    """Return a `DecodeFile` of a disk that delivers three pictures and then hangs until it is released."""

    def decode(path: Path) -> Iterator[tuple[Pixels, Fraction, Fraction]]:
        for number, item in enumerate(decode_file(path)):
            if number == 3:
                released.wait()
            yield item

    return decode


def test_a_slow_disk_makes_the_source_silent_until_it_delivers(tmp_path: Path) -> None:
    write_film(tmp_path / "a.mkv", make_film(5))
    released = threading.Event()
    files = MediaFiles(
        tmp_path / "a.mkv",
        size=SIZE,
        frame_rate=Fraction(12),
        mirror=False,
        timeout=0.5,
        decode=decode_after_three(released),
    )
    assert files.read(0) is not None
    assert files.read(2) is None
    assert files.trouble == "is slow to read"
    released.set()
    deadline = time.monotonic() + SECONDS
    while (captured := files.read(4)) is None and time.monotonic() < deadline:
        time.sleep(0.001)
    assert captured is not None
    np.testing.assert_array_equal(captured.pixels, make_film(5)[4])
    assert files.trouble == ""
    files.close()


def test_a_disk_that_hangs_is_waited_for_once_and_not_at_the_end(tmp_path: Path) -> None:
    write_film(tmp_path / "a.mkv", make_film(5))
    released = threading.Event()
    files = MediaFiles(
        tmp_path / "a.mkv",
        size=SIZE,
        frame_rate=Fraction(12),
        mirror=False,
        timeout=0.5,
        closing_seconds=0.05,
        decode=decode_after_three(released),
    )
    try:
        assert files.read(2) is None
        began = time.perf_counter()
        assert [files.read(index) for index in range(3, 23)] == [None] * 20
        assert files.trouble == "is slow to read"
        closing = threading.Thread(target=files.close)
        closing.start()
        closing.join(5)
        assert not closing.is_alive()
        assert time.perf_counter() - began < 5
    finally:
        released.set()


def test_a_file_that_is_always_a_little_too_slow_does_not_slow_down_the_show(tmp_path: Path) -> None:
    def slow(path: Path) -> Iterator[tuple[Pixels, Fraction, Fraction]]:
        for number, picture in enumerate(make_film(50)):
            time.sleep(0.1)
            yield picture, Fraction(number, 12), Fraction(1, 12)

    # No single picture takes as long as the show would wait.
    files = MediaFiles(tmp_path / "a.mkv", size=SIZE, frame_rate=Fraction(12), mirror=False, timeout=0.5, decode=slow)
    assert any(files.read(index) is None for index in range(15))
    assert files.trouble == "is slow to read"
    files.close()


def test_a_folder_that_cannot_be_read_is_one_line(play: Play, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(path: Path) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    # Permissions would not do: the superuser may read every folder.
    monkeypatch.setattr(Path, "iterdir", refused)
    with pytest.raises(CameraError, match=r"cannot be read \(Permission denied\); give"):
        play(tmp_path)


def test_text_is_no_picture_whatever_its_name(play: Play, tmp_path: Path) -> None:
    (tmp_path / "a.nfo").write_text("\x1b[31mwords\n" * 20)
    with pytest.raises(CameraError, match="holds no picture"):
        play(tmp_path / "a.nfo")


def test_the_camera_says_once_what_it_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with_times(tmp_path / "a.ts", [n / 24 + (3600 if n >= 24 else 0) for n in range(48)])
    files = MediaFiles(tmp_path / "a.ts", size=SIZE, frame_rate=Fraction(24), mirror=False, timeout=None)
    for index in range(150):
        assert files.read(index) is not None
    files.close()
    assert capsys.readouterr().out.count("a.ts has a gap in its clock: 3600.0 s without a picture are left out\n") == 1
