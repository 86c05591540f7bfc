"""The server of the page: for its own page on this machine alone, and nothing but what belongs to it."""

import http.client
import json
import socket
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.train.commands import run_train
from tests.train.watching.conftest import Watched
from train.runtime.progress import Standing

Serve = Callable[[], Watched]


def ask(watched: Watched, path: str, method: str = "GET", **headers: str) -> tuple[int, http.client.HTTPMessage, bytes]:
    """Return status, headers and content of an answer. Headers are given with _ for -."""
    port = int(watched.server.address.split(":")[2].strip("/"))
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request(method, path, headers={name.replace("_", "-"): text for name, text in headers.items()})
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()
    finally:
        connection.close()


def test_the_page_comes_with_headers_that_keep_others_out(serve: Serve) -> None:
    status, headers, content = ask(serve(), "/")
    assert status == 200
    assert content.startswith(b"<!doctype html>")
    assert "frame-ancestors 'self'" in headers["Content-Security-Policy"]
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"


def test_a_foreign_name_that_leads_here_is_refused(serve: Serve) -> None:
    watched = serve()
    own = watched.server.address.removeprefix("http://").strip("/")
    assert ask(watched, "/", Host="a.page.elsewhere:80")[0] == 403
    assert ask(watched, "/states", Host=own.replace("127.0.0.1", "127.0.0.1.elsewhere"))[0] == 403
    assert ask(watched, "/", Host=own.replace("127.0.0.1", "localhost"))[0] == 200


@pytest.mark.parametrize("origin", [None, "null", "http://elsewhere", "http://127.0.0.1:1", "https://OWN"])
def test_another_page_cannot_stop_a_training(serve: Serve, origin: str | None) -> None:
    watched = serve()
    own = watched.server.address.removeprefix("http://").strip("/")
    headers = {} if origin is None else {"Origin": origin.replace("OWN", own)}
    assert ask(watched, "/stop", "POST", **headers)[0] == 403
    assert ask(watched, "/export", "POST", **headers)[0] == 403
    assert watched.interruption.count == 0
    assert not json.loads(ask(watched, "/stop", "POST", Origin=f"http://{own}")[2])["export"]["running"]
    assert watched.interruption.count == 1


def test_asking_twice_stops_once(serve: Serve) -> None:
    watched = serve()
    for _ in range(3):
        state = json.loads(ask(watched, "/stop", "POST", Origin=watched.server.address.strip("/"))[2])
    assert watched.interruption.count == 1
    assert state["phase"] == "stopping"


def test_looking_changes_nothing(serve: Serve) -> None:
    watched = serve()
    assert ask(watched, "/stop")[0] == 404
    assert ask(watched, "/play", "POST", Origin=watched.server.address.strip("/"))[0] == 404
    assert watched.interruption.count == 0


@pytest.mark.parametrize(
    "path",
    [
        "/../server.py",
        "/%2e%2e/server.py",
        "/samples/../run.json",
        "/samples/%2e%2e%2frun.json",
        "/samples/step-000013.png",
        "/samples/step-000014.mp4",
        "/samples/step-000012.mkv",
        "/player/../run.json",
        "/run.json",
        "//etc/passwd",
    ],
)
def test_nothing_else_is_given(serve: Serve, path: str) -> None:
    watched = serve()
    (watched.run.folder / "run.json").write_text("{}", encoding="utf-8")
    (watched.run.samples / "step-000013.png").symlink_to(watched.run.folder / "run.json")
    (watched.run.samples / "step-000014.mkv").write_bytes(b"no video")
    assert ask(watched, path)[0] == 404


def test_a_video_comes_in_the_ranges_that_browsers_ask_for(serve: Serve) -> None:
    watched = serve()
    status, headers, whole = ask(watched, "/samples/step-000012.mp4")
    assert (status, headers["Content-Type"], headers["Accept-Ranges"]) == (200, "video/mp4", "bytes")
    assert whole[4:8] == b"ftyp"
    status, headers, part = ask(watched, "/samples/step-000012.mp4", Range="bytes=10-19")
    assert (status, part) == (206, whole[10:20])
    assert headers["Content-Range"] == f"bytes 10-19/{len(whole)}"
    assert ask(watched, "/samples/step-000012.mp4", Range="bytes=10-")[2] == whole[10:]


def test_states_are_sent_until_the_end(serve: Serve) -> None:
    watched = serve()
    watched.board.post(Standing(7, 0.5, 60.0, "6 of 18 bars; rising", "rollout", 30.0))
    answers: list[bytes] = []
    stream = threading.Thread(target=lambda: answers.append(ask(watched, "/states")[2]))
    stream.start()
    while not watched.server._server.streams:
        pass
    watched.board.outcome = "saved at step 7"
    watched.server.close()
    stream.join(10)
    states = [json.loads(line.removeprefix(b"data: ")) for line in answers[0].splitlines() if line]
    assert states[-1]["phase"] == "ended"
    assert states[-1]["outcome"] == "saved at step 7"
    assert states[-1]["standing"]["step"] == 7
    assert [sample["video"] for sample in states[-1]["samples"]] == ["step-000012.mp4"]


def test_it_listens_on_this_machine_alone(serve: Serve) -> None:
    assert serve().server._server.server_address[0] == "127.0.0.1"


def test_a_port_that_is_taken_is_one_line_before_any_work(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        done = run_train(tmp_path, "fit", "nothing.mkv", "--out", "run", "--page", port)
    assert done.code == 2
    assert done.err == (
        f"train: error: no page on port {port} (Address already in use); give another --page PORT, or --page 0 for any "
        "free one\n"
    )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--page", "65536"), "65536 is no port; give a number up to 65535, or nothing behind --page"),
        (("--page", "here"), "here is no port"),
        (("--runtime", "."), "--runtime is for the page of --page; add it, or leave --runtime out"),
        (("--page", "0", "--runtime", "nowhere"), "--runtime nowhere is no folder"),
    ],
)
def test_a_wrong_option_is_one_line(tmp_path: Path, options: tuple[str, ...], says: str) -> None:
    done = run_train(tmp_path, "fit", "nothing.mkv", "--out", "run", *options)
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert says in done.err
