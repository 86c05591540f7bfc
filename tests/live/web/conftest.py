"""A browser and a server for the tests of the page, and the runtime that computes its networks."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.live.web.browser import Browser
from tests.live.web.pages import runtime_folder, served_page


@pytest.fixture(scope="session")
def runtime() -> Path:
    """The unpacked npm package onnxruntime-web."""
    return runtime_folder()


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """Chromium, one for all tests."""
    with Browser(tmp_path_factory.mktemp("chromium") / "profile") as browser:
        yield browser


@pytest.fixture
def served() -> Iterator[Callable[[Path], str]]:
    """A function that serves a folder until the test ends, and returns its address."""
    with ExitStack() as stack:
        yield lambda folder: stack.enter_context(served_page(folder))
