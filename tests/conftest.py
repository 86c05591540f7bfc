"""System tools that tests need: skipped where one is missing, failed where `.ci/run` promises that all are there."""

import os
import shutil

import pytest


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "needs(*commands): commands of the system, such as Xvfb or strace")


def pytest_runtest_setup(item: pytest.Item) -> None:
    wanted = [command for mark in item.iter_markers("needs") for command in mark.args]
    missing = [command for command in wanted if shutil.which(command) is None]
    if missing:
        tool_is_missing(f"{', '.join(missing)} not installed")


def tool_is_missing(reason: str) -> None:
    """Skip the test, or fail it where `SYSTEM_TOOLS=required` is set, as `.ci/run` does."""
    if os.environ.get("SYSTEM_TOOLS") == "required":
        pytest.fail(f"{reason}; .ci/run installs it", pytrace=False)
    pytest.skip(reason)
