"""A show seen from outside: its log, its status file and its health, of real shows."""

import http.client
import json
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

import live.waiting
from live.console import LOGGER, note, report, say, warn
from live.errors import OutputError, SettingsError, ShowError
from live.monitoring.health import HealthServer
from live.monitoring.log_file import log_to
from live.monitoring.monitor import LastTrouble, Readings, fresh_seconds, watched
from live.monitoring.options import MonitoringOptions
from live.monitoring.status import StatusFile
from live.settings import parse_settings
from live.stats import ShowFacts, ShowStats
from tests.live.command import RUN_LIVE, run
from tests.live.waiting import SECONDS, wait_until

FACTS = ShowFacts("A Test", "small", (48, 64), frame_rate=1.0, seed=1)
STATS = ShowStats(command_began=0.0)


def test_a_show_of_rare_frames_is_healthy_between_them() -> None:
    assert fresh_seconds(12.0) == 5
    assert fresh_seconds(1 / 60) == pytest.approx(300)


def get(port: int) -> tuple[int, dict[str, object]]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=SECONDS)
    connection.request("GET", "/")
    answer = connection.getresponse()
    body = json.loads(answer.read())
    connection.close()
    return answer.status, body


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.mark.skipif(sys.platform != "linux", reason="SIGSTOP, and signals as the ending of a show")
def test_a_show_tells_its_state_its_health_and_its_log(bundle_folder: Path, tmp_path: Path) -> None:
    status, log, port = tmp_path / "status.json", tmp_path / "show.log", free_port()
    options = ["--model", bundle_folder, "--provider", "cpu", "--precision", "fp32", "--tail", "0.25"]
    options += ["--record", tmp_path / "a.mkv", "--status", status, "--log", log, "--health", port]
    process = subprocess.Popen(
        [sys.executable, str(RUN_LIVE), *map(str, options)],
        env=os.environ | {"SDL_VIDEODRIVER": "dummy"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        wait_until(lambda: status.exists() and json.loads(status.read_text())["frames_presented"] > 5)
        state = json.loads(status.read_text())
        assert get(port)[0] == 200
    finally:
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (143, "")
    assert state["running"]
    assert state["healthy"]
    assert state["fps"] > 1
    assert state["provider"] == "CPU"
    assert state["collapses"] == 0
    assert state["sinks"] == {"recording": str(tmp_path / "a.mkv")}
    assert state["camera"] is None
    assert state["last_trouble"] is None
    assert state["memory_mib"] > 10
    last = json.loads(status.read_text())
    assert not last["running"]
    assert not last["healthy"]
    assert last["frames_presented"] >= state["frames_presented"]
    lines = log.read_text().splitlines()
    assert any("INFO A Test · 64×48" in line for line in lines)
    assert any(line.endswith("INFO provider: CPU") for line in lines), "what only the HUD shows"
    assert any("INFO recorded " in line for line in lines)
    assert {path.name for path in tmp_path.iterdir()} == {"a.mkv", "show.log", "status.json"}


def test_what_ends_a_show_is_in_the_log(tmp_path: Path) -> None:
    log = tmp_path / "show.log"
    done = run("--model", tmp_path / "gone", "--log", log)
    assert done.returncode == 2
    assert done.stderr.removeprefix("ninety-seconds-after: error: ") in log.read_text()
    assert " ERROR " in log.read_text()


def test_health_is_503_before_the_first_frame_and_when_frames_stay_out() -> None:
    since: list[float | None] = [None]
    server = HealthServer("127.0.0.1", 0, lambda: since[0], fresh_seconds=lambda: 5.0)
    try:
        assert get(server.port) == (503, {"healthy": False, "seconds_since_frame": None})
        since[0] = 0.1
        assert get(server.port) == (200, {"healthy": True, "seconds_since_frame": 0.1})
        since[0] = 5.1
        assert get(server.port)[0] == 503
        with pytest.raises(OutputError, match="cannot answer --health at"):
            HealthServer("127.0.0.1", server.port, lambda: None, fresh_seconds=lambda: 5.0)
        # A client that says nothing does not keep others waiting for ever.
        with socket.create_connection(("127.0.0.1", server.port)):
            assert get(server.port)[0] == 503
    finally:
        server.close()
    with pytest.raises(ConnectionRefusedError):
        get(server.port)


def test_a_show_that_was_slowed_down_is_healthy_between_its_frames() -> None:
    """Its film has a frame a second, and it plays a tenth of that."""
    readings = Readings(frame_rate=lambda: 0.1)
    now = 100.0
    stats, port = ShowStats(command_began=0.0, now=lambda: now, presented_at=100.0), free_port()
    with watched(MonitoringOptions(health=str(port)), FACTS, stats, readings):
        now = 140.0
        assert get(port)[0] == 200
        now = 151.0
        assert get(port)[0] == 503


def test_an_address_of_health_that_is_taken_is_waited_for(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(live.waiting, "RETRY_SECONDS", 0.01)
    readings = Readings()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        options = MonitoringOptions(health=str(port))
        with pytest.raises(OutputError, match="cannot answer --health"), watched(options, FACTS, STATS, readings):
            pass
        with watched(options, FACTS, STATS, readings, wait=True):
            (missing,) = (read() for read in readings.waiting)
            assert missing == f"cannot answer --health at 127.0.0.1:{port} (Address already in use)"
            taken.close()
            wait_until(lambda: not readings.waiting[0]())
            assert get(port)[0] == 503
    with pytest.raises(ConnectionRefusedError):
        get(port)
    assert capsys.readouterr().out.splitlines() == [f"waiting for health: {missing}", "health is there"]


def test_a_reading_that_fails_is_said_once_and_the_state_is_read_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, reads = tmp_path / "status.json", [0]

    def camera() -> str:
        reads[0] += 1
        if reads[0] <= 2:
            raise RuntimeError("it is being opened")
        return "A Camera"

    with watched(MonitoringOptions(status=status), FACTS, STATS, Readings(camera_trouble=camera)):
        wait_until(status.exists)
    assert capsys.readouterr().out == "the state of the show cannot be read (RuntimeError: it is being opened)\n"


def test_the_log_is_rotated_and_holds_what_is_said_and_noted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "show.log"
    with log_to(path, file_bytes=2000, old_files=2):
        for number in range(100):
            note(f"number {number} − {'.' * 50}")
        say("said")
        warn("warned")
        note("noted\udcff")
        report(ShowError("reported"))
    texts = [line.split(" ", 2)[2] for line in path.read_text().splitlines()]
    assert texts[-4:] == ["INFO said", "WARNING warned", "INFO noted?", "ERROR reported"]
    assert sorted(each.name for each in tmp_path.iterdir()) == ["show.log", "show.log.1", "show.log.2"]
    assert all(each.stat().st_size <= 2000 for each in tmp_path.iterdir())
    say("no more")
    assert "no more" not in path.read_text()
    assert "number" not in capsys.readouterr().out, "notes are for the log alone"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such pipes, and moves no open file")
def test_a_log_that_another_program_takes_away_is_begun_anew(tmp_path: Path) -> None:
    log = tmp_path / "show.log"

    def has(text: str) -> bool:
        return log.is_file() and text in log.read_text()

    with log_to(log):
        note("first")
        wait_until(lambda: has("first"))
        log.rename(tmp_path / "elsewhere")
        note("second")
        wait_until(lambda: has("second"))
        log.unlink()
        os.mkfifo(log)
        note("nobody reads it")
        log.unlink()
        note("third")
        wait_until(lambda: has("third"))
    assert "second" not in (tmp_path / "elsewhere").read_text()


def test_a_folder_that_is_missing_is_no_mistake_of_a_show_that_waits(tmp_path: Path) -> None:
    given = [f"--{name}={tmp_path / 'stick' / name}" for name in ("log", "status", "stats", "snapshots")]
    for option in given:
        with pytest.raises(SettingsError):
            parse_settings([option])
    assert parse_settings([*given, "--wait"]) is not None


@pytest.mark.skipif(sys.platform != "linux", reason="a disk that is always full")
def test_a_log_on_a_full_disk_ends_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with log_to(Path("/dev/full"), file_bytes=0):
        say("said")
    assert capsys.readouterr() == ("said\n", "")


def test_a_status_that_cannot_be_written_is_said_once_and_tried_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "folder"
    file = StatusFile(folder / "status.json")
    said: list[str] = []

    class Listener(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            said.append(record.getMessage())

    listener = Listener()
    LOGGER.addHandler(listener)
    try:
        for _ in range(3):
            file.put({"number": 1})
            wait_until(lambda: file._latest._item is None)
        wait_until(lambda: said)
        folder.mkdir()
        file.put({"number": 2})
        wait_until(lambda: (folder / "status.json").exists())
        file.put({"number": 3})
    finally:
        file.close()
        LOGGER.removeHandler(listener)
    assert json.loads((folder / "status.json").read_text()) == {"number": 3}
    assert len(said) == 1
    assert [each.name for each in folder.iterdir()] == ["status.json"]


@pytest.mark.skipif(sys.platform != "linux", reason="a pipe with a name")
def test_a_status_on_a_disk_that_hangs_keeps_nobody_waiting(tmp_path: Path) -> None:
    # Nobody reads the pipe, so that the thread hangs while it opens it.
    os.mkfifo(tmp_path / "status.json.tmp")
    file = StatusFile(tmp_path / "status.json")
    began = time.monotonic()
    for number in range(1000):
        file.put({"number": number})
    file.close()
    assert time.monotonic() - began < 10
    with open(tmp_path / "status.json.tmp", encoding="utf-8") as reader:
        reader.read()


def test_the_last_trouble_is_kept_and_what_is_no_trouble_is_not() -> None:
    trouble = LastTrouble()
    LOGGER.addHandler(trouble)
    try:
        say("all is well")
        assert trouble.newest is None
        note("camera: is black", trouble=True)
        say("all is well")
    finally:
        LOGGER.removeHandler(trouble)
    assert trouble.newest is not None
    assert trouble.newest["text"] == "camera: is black"


@pytest.mark.parametrize("given", ["", "0", "65536", "x", "127.0.0.1:", "1.5", "9" * 5000])
def test_an_address_that_is_none_is_one_line(given: str) -> None:
    with pytest.raises(SettingsError, match="--health is"):
        MonitoringOptions(health=given)


def test_without_a_host_health_is_for_this_machine_alone() -> None:
    assert MonitoringOptions(health="8000").health_address == ("127.0.0.1", 8000)
    assert MonitoringOptions(health="0.0.0.0:8000").health_address == ("0.0.0.0", 8000)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such pipes")
@pytest.mark.parametrize("option", ["--log", "--status", "--stats"])
def test_a_file_that_cannot_be_is_one_line(tmp_path: Path, option: str) -> None:
    # Nobody reads the pipe: a show would wait for that at its end.
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "gone" / "file", tmp_path / "pipe"):
        with pytest.raises(SettingsError, match="give the name of a file in a folder that exists"):
            parse_settings([option, str(path)])


def test_no_thread_is_left_behind() -> None:
    server = HealthServer("127.0.0.1", 0, lambda: None, fresh_seconds=lambda: 5.0)
    server.close()
    wait_until(lambda: "health" not in {thread.name for thread in threading.enumerate()})
