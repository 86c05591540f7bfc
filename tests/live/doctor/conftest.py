from pathlib import Path

import pytest

from tests.live.doctor.machines import FakeMachine


@pytest.fixture
def machine(tmp_path: Path) -> FakeMachine:
    """A Linux machine of which nothing is known yet."""
    return FakeMachine(tmp_path)
