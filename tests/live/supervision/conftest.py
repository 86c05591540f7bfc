"""Starts supervised shows."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.live.supervision.supervised import Start


@pytest.fixture
def start(x_screen: dict[str, str], tmp_path: Path) -> Iterator[Start]:
    starting = Start(x_screen, tmp_path)
    yield starting
    starting.close()
