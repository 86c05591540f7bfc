"""The server of a page: on this machine alone, and with the headers without which browsers give no threads."""

import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest

from live.web.serve import main, page_server


@pytest.fixture
def page(tmp_path: Path) -> Path:
    folder = tmp_path / "page"
    folder.mkdir()
    (folder / "film.json").write_text("{}", encoding="utf-8")
    (folder / "worker.mjs").write_text("", encoding="utf-8")
    (tmp_path / "secret.txt").write_text("secret", encoding="utf-8")
    return folder


def test_its_answers_let_browsers_share_memory_among_threads(served: Callable[[Path], str], page: Path) -> None:
    with urllib.request.urlopen(served(page) + "worker.mjs", timeout=10) as answer:
        assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert answer.headers["Cross-Origin-Embedder-Policy"] == "require-corp"
        assert answer.headers["Content-Type"] == "text/javascript"


def test_it_gives_nothing_beside_the_page(served: Callable[[Path], str], page: Path) -> None:
    with pytest.raises(urllib.error.HTTPError) as error:
        urllib.request.urlopen(served(page) + "%2e%2e/secret.txt", timeout=10)
    assert error.value.code == 404
    error.value.close()


def test_it_listens_on_this_machine_alone(page: Path) -> None:
    with page_server(page, 0) as server:
        assert server.server_address[0] == "127.0.0.1"


def test_bad_input_is_one_line(page: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(page.parent)]) == 2
    assert capsys.readouterr().err == (
        f"ninety-seconds-after: error: {page.parent} is no page; give a folder that python -m live.web wrote\n"
    )
    with page_server(page, 0) as server:
        assert main([str(page), "--port", str(server.server_port)]) == 2
    assert "give another --port" in capsys.readouterr().err
