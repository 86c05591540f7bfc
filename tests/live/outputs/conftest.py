"""Fixtures of the outputs: a virtual camera's driver, and virtual cameras."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pytest

from live.geometry import ResizeMode
from live.outputs.devices.sink import STALL_SECONDS
from live.outputs.options import VirtualCameraOptions
from live.outputs.virtual_camera import VirtualCamera
from tests.live.outputs.virtual_cameras import SIZE, OpenCamera


@pytest.fixture
def open_camera() -> Iterator[OpenCamera]:
    """Opens virtual cameras that try again at once, and closes them."""
    cameras: list[VirtualCamera] = []

    def opened(
        device: Path,
        size: tuple[int, int] = SIZE,
        mode: ResizeMode = "letterbox",
        stall_seconds: float = STALL_SECONDS,
        rate: int | None = None,
    ) -> VirtualCamera:
        options = VirtualCameraOptions(
            virtual_camera=str(device), virtual_camera_size=size, virtual_camera_fit=mode, virtual_camera_rate=rate
        )
        cameras.append(VirtualCamera(options, Fraction(12), retry_seconds=0.05, stall_seconds=stall_seconds))
        return cameras[-1]

    yield opened
    for camera in cameras:
        camera.close()
