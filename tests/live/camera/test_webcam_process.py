"""Opening a driver in a webcam's process."""

import cv2
import pytest
from cv2.typing import MatLike

from live.camera.devices import BACKEND, Device
from live.camera.webcam_process import open_device


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

    def read(self) -> tuple[bool, MatLike]:
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
