"""Parts that the tests of the virtual camera share."""

from pathlib import Path
from typing import Protocol

import numpy as np
import pytest

from live.frame import Frame, Pixels
from live.geometry import ResizeMode
from live.outputs.virtual_camera import VirtualCamera
from tests.live.bundles import HEIGHT, WIDTH

SIZE = (64, 48)


class OpenCamera(Protocol):
    """Type of the fixture `open_camera`."""

    def __call__(
        self,
        device: Path,
        size: tuple[int, int] = ...,
        mode: ResizeMode = ...,
        stall_seconds: float = ...,
        rate: int | None = ...,
    ) -> VirtualCamera: ...


def frame(pixels: Pixels) -> Frame:
    return Frame(pixels, 0, 0.0)


def plain(level: int) -> Frame:
    return frame(np.full((HEIGHT, WIDTH, 3), level, np.uint8))


def errors(capsys: pytest.CaptureFixture[str]) -> list[str]:
    """Return the lines on stderr since the last call."""
    return capsys.readouterr().err.splitlines()
