"""Processes and threads of the tests, and what happens where a system tool is missing.

A test whose tool is missing is skipped, or fails where `.ci/run` promises that all tools are there.
"""

import os
import shutil
from collections.abc import Generator
from pathlib import Path

import pytest

from tests import crashes

# Several processes share the cores. torch reads it when it is imported, so do the processes that tests start.
os.environ.setdefault("OMP_NUM_THREADS", "1")


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int | None:
    """Run named files and tests in pytest's own process, where output and `breakpoint()` reach the terminal."""
    return 0 if all(Path(name.partition("::")[0]).is_file() for name in config.args) else None


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(crashes)
    config.addinivalue_line("markers", "needs(*commands): commands of the system, such as Xvfb or strace")


def pytest_runtest_setup(item: pytest.Item) -> None:
    wanted = [command for mark in item.iter_markers("needs") for command in mark.args]
    missing = [command for command in wanted if shutil.which(command) is None]
    if missing:
        tool_is_missing(f"{', '.join(missing)} not installed")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Keep file names with stray bytes out of reports: pytest-xdist cannot send them, and would stop."""
    report = yield
    report.sections = [(title, _encodable(text)) for title, text in report.sections]
    failure = str(report.longrepr)
    if failure != _encodable(failure):
        report.longrepr = _encodable(failure)
    return report


def _encodable(text: str) -> str:
    return text.encode(errors="replace").decode()


def tool_is_missing(reason: str) -> None:
    """Skip the test, or fail it where `SYSTEM_TOOLS=required` is set, as `.ci/run` does."""
    if os.environ.get("SYSTEM_TOOLS") == "required":
        pytest.fail(f"{reason}; .ci/run installs it", pytrace=False)
    pytest.skip(reason)
