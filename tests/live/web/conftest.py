"""A browser and a server for the tests of the page, and the runtime that computes its networks."""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from live.web.serve import page_server
from tests.conftest import tool_is_missing
from tests.live.web.browser import Browser


@pytest.fixture(scope="session")
def runtime() -> Path:
    """The unpacked npm package onnxruntime-web."""
    folder = os.environ.get("ONNXRUNTIME_WEB")
    if not folder:
        tool_is_missing("ONNXRUNTIME_WEB does not name the unpacked npm package onnxruntime-web")
    return Path(folder or "")


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """Chromium, one for all tests."""
    with Browser(tmp_path_factory.mktemp("chromium") / "profile") as browser:
        yield browser


@pytest.fixture
def served() -> Iterator[Callable[[Path], str]]:
    """A function that serves a folder until the test ends, and returns its address."""
    with ExitStack() as stack:

        def serve(folder: Path) -> str:
            server = stack.enter_context(page_server(folder, 0))
            thread = threading.Thread(target=server.serve_forever)
            thread.start()
            stack.callback(thread.join)
            stack.callback(server.shutdown)
            return f"http://127.0.0.1:{server.server_port}/"

        yield serve
