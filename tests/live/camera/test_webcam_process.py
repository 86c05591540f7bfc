"""Opening a driver in a webcam's process, and the kinds of pictures that drivers give."""

from multiprocessing import get_context

import cv2
import numpy as np
import pytest
from cv2.typing import MatLike

from live.camera.devices import BACKEND, Device
from live.camera.shared_frames import SharedFrames, State
from live.camera.webcam_process import colour_picture, deliver, open_device


class ScriptedVideoCapture:
    """The part of `cv2.VideoCapture` that `open_device` uses. The driver delivers 30 pictures a second in MJPG.

    Args:
        opens: False if the driver refuses.
        rate: Pictures a second in other formats.
    """

    def __init__(self, opens: bool = True, rate: float = 10.0) -> None:
        self._opens = opens
        self._rate = rate
        self.opened: tuple[int, int] | None = None
        self.properties: dict[int, float] = {}

    def open(self, index: int, backend: int) -> "ScriptedVideoCapture":
        self.opened = (index, backend)
        return self

    def isOpened(self) -> bool:
        return self._opens

    def read(self) -> tuple[bool, MatLike | None]:
        raise AssertionError("a webcam is read only after it is open")

    def set(self, property: int, value: float, /) -> bool:
        self.properties[property] = value
        return True

    def get(self, property: int, /) -> float:
        assert property == cv2.CAP_PROP_FPS
        return 30.0 if cv2.CAP_PROP_FOURCC in self.properties else self._rate


WEBCAM = Device(3, "/dev/video3", "/dev/v4l/by-id/usb-a", "A Camera")
REPLUGGED = Device(5, "/dev/video5", "/dev/v4l/by-id/usb-a", "A Camera")


def open_with(capture: ScriptedVideoCapture, size: tuple[int, int], *present: Device) -> None:
    opened = open_device(WEBCAM, size, 12.0, list_present=lambda: present, open_index=capture.open)
    assert opened is capture


def test_a_device_is_opened_by_its_present_number_in_mjpg_where_that_is_faster() -> None:
    capture = ScriptedVideoCapture()
    open_with(capture, (144, 256), REPLUGGED)
    assert capture.opened == (5, BACKEND)
    assert capture.properties == {
        cv2.CAP_PROP_FRAME_WIDTH: 640,
        cv2.CAP_PROP_FRAME_HEIGHT: 480,
        cv2.CAP_PROP_FPS: 30,
        cv2.CAP_PROP_FOURCC: cv2.VideoWriter.fourcc(*"MJPG"),
        cv2.CAP_PROP_BUFFERSIZE: 1,
    }


def test_a_device_is_opened_large_enough_for_the_bundle() -> None:
    capture = ScriptedVideoCapture()
    open_with(capture, (432, 768), REPLUGGED)
    assert capture.properties[cv2.CAP_PROP_FRAME_WIDTH] == 1280


def test_a_device_that_is_fast_enough_keeps_its_format() -> None:
    capture = ScriptedVideoCapture(rate=30.0)
    open_with(capture, (144, 256), REPLUGGED)
    assert cv2.CAP_PROP_FOURCC not in capture.properties


def test_a_device_that_refuses_or_is_missing_raises() -> None:
    with pytest.raises(OSError, match="A Camera does not open"):
        open_with(ScriptedVideoCapture(opens=False), (144, 256), REPLUGGED)
    other = Device(3, "/dev/video3", "/dev/v4l/by-id/usb-b", "A Camera")
    with pytest.raises(FileNotFoundError):
        open_with(ScriptedVideoCapture(), (144, 256), other)


SIZE = (12, 16)
GREY = np.arange(12 * 16, dtype=np.uint8).reshape(SIZE)
BGR = np.stack([GREY, GREY // 2, 255 - GREY], axis=2)
GREY_BGR = np.repeat(GREY[:, :, None], 3, axis=2)

PICTURES: dict[str, tuple[MatLike, MatLike]] = {
    "BGR": (BGR, BGR),
    "grey": (GREY, GREY_BGR),
    "grey with an axis": (GREY[:, :, None], GREY_BGR),
    "grey in 16 bits": (GREY.astype(np.uint16) * 257, GREY_BGR),
    "BGR in 16 bits": (BGR.astype(np.uint16) * 257, BGR),
    "BGRA": (np.dstack([BGR, GREY]), BGR),
    "BGRA in 16 bits": (np.dstack([BGR, GREY]).astype(np.uint16) * 257, BGR),
    "not contiguous": (BGR[:, ::-1], BGR[:, ::-1]),
}
NO_PICTURES: dict[str, MatLike | None] = {
    "None": None,
    "empty": np.zeros((0, 0, 3), np.uint8),
    "without rows": np.zeros((0, 16, 3), np.uint8),
    "one row": GREY[0],
    "a batch": BGR[None],
    "two channels": BGR[:, :, :2],
    "no channels": BGR[:, :, :0],
    "decimals": BGR.astype(np.float32),
    "a number": np.array(3, np.uint8),
}


@pytest.mark.parametrize("kind", PICTURES)
def test_a_picture_of_any_kind_becomes_a_colour_picture(kind: str) -> None:
    given, expected = PICTURES[kind]
    picture = colour_picture(given)
    assert picture is not None
    np.testing.assert_array_equal(picture, expected)


@pytest.mark.parametrize("kind", NO_PICTURES)
def test_anything_else_is_no_picture(kind: str) -> None:
    assert colour_picture(NO_PICTURES[kind]) is None


class ChangingCapture(ScriptedVideoCapture):
    """A driver that changes the kind of its pictures, gives none in between, and then is unplugged."""

    def __init__(self) -> None:
        super().__init__()
        self.states: list[State] = []
        self._given = [*NO_PICTURES.values(), GREY, None, BGR, *NO_PICTURES.values()]
        self.frames = SharedFrames(SharedFrames.allocate(get_context("spawn"), SIZE), SIZE)

    def read(self) -> tuple[bool, MatLike | None]:
        self.states.append(self.frames.state)
        if not self._given:
            raise cv2.error("unplugged")
        return True, self._given.pop(0)


def test_a_camera_is_kept_while_its_driver_gives_no_pictures() -> None:
    capture = ChangingCapture()
    deliver(capture, capture.frames, SIZE, lock_exposure=False)
    # The first picture is never fresh, and a picture after a pause in which none came still is.
    assert capture.frames.newest == 1
    taken = capture.frames.take()
    assert taken is not None
    np.testing.assert_array_equal(taken[0], BGR[:, :, ::-1])
    assert set(capture.states[1:]) == {State.DELIVERING, State.REPEATING}
    assert capture.frames.state is State.BROKEN
