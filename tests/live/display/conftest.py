"""Fixtures of the display."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from live.display.options import WindowOptions
from live.display.window import StageWindow
from tests.live.bundles import HEIGHT, WIDTH
from tests.live.display.windows import DEFAULTS, OpenWindow


@pytest.fixture
def open_window(dummy_display: None) -> Iterator[OpenWindow]:
    """Opens windows, and closes them."""
    with ExitStack() as windows:

        def opened(options: WindowOptions = DEFAULTS) -> StageWindow:
            return windows.enter_context(StageWindow("test", (HEIGHT, WIDTH), options))

        yield opened
