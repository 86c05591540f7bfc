"""Frames on their way to pyvirtualcam's own Linux backend, which writes to a driver that the tests mount."""

import threading
import time

import numpy as np
import pytest
from numpy.typing import NDArray

from live.frame import Frame, Pixels
from live.geometry import ResizeMode
from tests.live.bundles import HEIGHT, WIDTH, make_film
from tests.live.loopback import Loopback, wait_until
from tests.live.outputs.virtual_cameras import SIZE, OpenCamera, frame, plain


def to_yuv(rgb: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Return the YUV of BT.601 in limited range, by its definition: float [..., 3]."""
    red, green, blue = np.moveaxis(rgb / 255, -1, 0)
    luma = 0.299 * red + 0.587 * green + 0.114 * blue
    return np.stack([16 + 219 * luma, 128 + 224 * (blue - luma) / 1.772, 128 + 224 * (red - luma) / 1.402], -1)


def planes(i420: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.uint8]]:
    """Return Y [H, W], U and V [H/2, W/2] of one I420 frame."""
    width, height = i420.shape[1], i420.shape[0] * 2 // 3
    chroma = i420[height:].reshape(2, height // 2, width // 2)
    return i420[:height], chroma[0], chroma[1]


def test_a_frame_arrives_unchanged(loopback: Loopback, open_camera: OpenCamera) -> None:
    camera = open_camera(loopback.device)
    assert camera.state == "opening"
    picture = make_film(8)[7]
    camera.offer(frame(picture))
    wait_until(lambda: loopback.frames, "a frame")
    assert loopback.size == SIZE
    luma, *chroma = planes(loopback.read(loopback.frames[0]))
    expected = to_yuv(picture)
    assert np.abs(luma - expected[..., 0]).max() <= 3
    halved = expected.reshape(HEIGHT // 2, 2, WIDTH // 2, 2, 3).mean((1, 3))
    for plane, channel in zip(chroma, (1, 2), strict=True):
        assert np.abs(plane - halved[..., channel]).max() <= 3
    wait_until(lambda: camera.state == str(loopback.device), "the device's name")
    assert camera.dropped == 0


CELL = 4


def grid() -> Pixels:
    """Return a picture of cells, each of another colour."""
    colours = np.random.default_rng(1).integers(0, 256, (HEIGHT // CELL, WIDTH // CELL, 3), np.uint8)
    return colours.repeat(CELL, 0).repeat(CELL, 1)


@pytest.mark.parametrize(
    ("mode", "size", "left", "top", "scale"),
    [
        ("letterbox", (320, 180), 40, 0, 3.75),
        ("letterbox", (192, 240), 0, 48, 3),
        ("fill", (320, 180), 0, -30, 5),
        ("fill", (192, 240), -64, 0, 5),
        # A complete frame of the default size arrives in many pieces.
        ("letterbox", (1280, 720), 160, 0, 15),
    ],
)
def test_the_picture_has_its_place_and_borders_are_black(
    loopback: Loopback,
    open_camera: OpenCamera,
    mode: ResizeMode,
    size: tuple[int, int],
    left: int,
    top: int,
    scale: float,
) -> None:
    camera = open_camera(loopback.device, size, mode)
    camera.offer(frame(grid()))
    wait_until(lambda: loopback.frames, "a frame")
    assert loopback.size == size
    luma, *chroma = planes(loopback.read(loopback.frames[0]))
    compared = 0
    for row, column in np.ndindex(HEIGHT // CELL, WIDTH // CELL):
        x, y = (round(at + (place + 0.5) * CELL * scale) for at, place in ((left, column), (top, row)))
        if 4 < x < size[0] - 4 and 4 < y < size[1] - 4:
            expected = to_yuv(grid()[row * CELL, column * CELL])
            given = luma[y, x], chroma[0][y // 2, x // 2], chroma[1][y // 2, x // 2]
            assert np.abs(expected - given).max() <= 3, (row, column)
            compared += 1
    assert compared > 70
    inside = np.zeros((size[1], size[0]), bool)
    inside[max(0, top) : round(top + HEIGHT * scale), max(0, left) : round(left + WIDTH * scale)] = True
    assert (luma[~inside] == 16).all()
    for plane in chroma:
        assert (plane[~inside[::2, ::2]] == 128).all()
    assert (~inside).any() == (mode == "letterbox")


def test_the_last_frame_is_repeated_while_the_show_pauses(loopback: Loopback, open_camera: OpenCamera) -> None:
    camera = open_camera(loopback.device)
    camera.offer(plain(90))
    wait_until(lambda: len(loopback.frames) >= 4, "repetitions")
    first, *_, last = loopback.frames
    np.testing.assert_array_equal(loopback.read(first), loopback.read(last))
    assert camera.dropped == 0


def test_a_fast_show_is_shown_thirty_times_a_second(loopback: Loopback, open_camera: OpenCamera) -> None:
    camera = open_camera(loopback.device)
    camera.offer(plain(0))
    wait_until(lambda: loopback.frames, "a frame")
    before, began, offered = len(loopback.frames), time.perf_counter(), 0
    while time.perf_counter() < began + 1:
        camera.offer(plain(100))
        offered += 1
        time.sleep(0.002)
    shown = len(loopback.frames) - before
    assert shown <= (time.perf_counter() - began) * 34 + 1
    assert offered - camera.dropped <= shown + 2, "the others are counted"


def test_pictures_between_two_frames_are_cross_faded(loopback: Loopback, open_camera: OpenCamera) -> None:
    camera = open_camera(loopback.device, rate=60)
    camera.offer(plain(0), rate=1)
    wait_until(lambda: loopback.frames, "a frame")
    camera.offer(Frame(plain(200).pixels, 1, 0.0), rate=1)
    last = to_yuv(np.full(3, 200, np.uint8))[0]
    wait_until(lambda: abs(int(loopback.read(loopback.frames[-1])[0, 0]) - last) <= 2, "the whole frame")
    levels = [int(loopback.read(path)[0, 0]) for path in loopback.frames]
    assert levels == sorted(levels)
    # Thirty a second would be half of it; a busy machine makes fewer.
    assert len({level for level in levels if 16 < level < last}) > 5


def test_a_slow_device_blocks_nothing_and_gets_the_newest_frame(loopback: Loopback, open_camera: OpenCamera) -> None:
    camera = open_camera(loopback.device)
    camera.offer(plain(0))
    wait_until(lambda: loopback.frames, "a frame")
    loopback.block()
    before = loopback.count("write")
    wait_until(lambda: loopback.count("write") > before, "a write that waits")
    whole = len(loopback.frames)
    ticks = []

    def tick() -> None:
        for number in range(100):
            time.sleep(0.001)
            ticks.append(number)

    other = threading.Thread(target=tick)
    other.start()
    for level in range(1, 201):
        camera.offer(plain(level))
    # An interpreter that waited with the driver would not get here at all.
    other.join()
    assert len(ticks) == 100
    assert len(loopback.frames) == whole
    assert camera.dropped >= 198
    loopback.clear_faults()
    expected = to_yuv(np.full(3, 200, np.uint8))[0]
    wait_until(lambda: abs(int(loopback.read(loopback.frames[-1])[0, 0]) - expected) <= 3, "the newest")
    # The one that waited and the newest, none between.
    levels = {int(loopback.read(path)[0, 0]) for path in loopback.frames[whole:]}
    assert len(levels) <= 2
