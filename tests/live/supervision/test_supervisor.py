"""The supervisor alone, with small programs in the place of a show."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from typing import Any

import pytest

from live.controls.table import DEFAULTS
from live.supervision.service_manager import ServiceManager
from live.supervision.show_state import ShowState, read_state
from live.supervision.supervisor import LONGEST_PAUSE_SECONDS, pause_before
from tests.live.command import RUN_LIVE
from tests.live.waiting import SECONDS, is_running, wait_until

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the supervisor needs POSIX")

# A show that tells its state and what it was given, and then does what stands in {then}.
SHOW = """
import json, os, signal, subprocess, sys, time
link = json.loads(os.environ["NINETY_SECONDS_AFTER_SUPERVISED"])
def tell(**message):
    os.write(link["pipe"], (json.dumps(message) + "\\n").encode())
restarts, state = link["restarts"], link["state"]
print(restarts, state, flush=True)
{then}
"""
# Pauses are a hundredth as long.
SHORT_PAUSES = """
from live.supervision import supervisor
usual = supervisor.pause_before
supervisor.pause_before = lambda failures: usual(failures) / 100
"""
SUPERVISOR = """
import sys
sys.path.insert(0, {root!r})
before = set(sys.modules)
{first}
from live.supervision.supervisor import Limits, supervise
code = supervise([sys.executable, "-c", {show!r}], Limits({limits}))
{after}
sys.exit(code)
"""


def start(
    then: str, *, limits: str = "", first: str = "", after: str = "", env: Mapping[str, str] | None = None
) -> Any:
    """Start the supervisor with a show that does `then`. Its process does more at `first` and `after` that."""
    show = SHOW.format(then=then)
    program = SUPERVISOR.format(root=str(RUN_LIVE.parent), show=show, limits=limits, first=first, after=after)
    return subprocess.Popen(
        [sys.executable, "-c", program],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | dict(env or {}),
    )


def test_the_supervisor_loads_the_standard_library_alone() -> None:
    after = "print({name.partition('.')[0] for name in sys.modules.keys() - before} - sys.stdlib_module_names)"
    out, errors = start("tell(state={}); sys.exit(restarts != 1)", after=after).communicate(timeout=SECONDS)
    assert errors == (
        "ninety-seconds-after: supervisor: the show ended with exit code 1; it is started again at once\n"
    )
    assert out.splitlines() == ["0 {}", "1 {}", "{'live'}"]


def test_the_state_of_one_process_is_given_to_the_next_but_not_for_ever() -> None:
    out, errors = start(
        "if restarts == 0: tell(state={'a': 1})\nsys.exit(0 if restarts == 4 else 3)", first=SHORT_PAUSES
    ).communicate(timeout=SECONDS)
    assert out.splitlines() == ["0 {}", "1 {'a': 1}", "2 {'a': 1}", "3 {'a': 1}", "4 {}"]
    pauses = ["at once", "in 0.01 s", "in 0.02 s", "in 0.04 s"]
    assert [line.rpartition("again ")[2] for line in errors.splitlines()] == pauses


def test_failures_do_not_count_after_a_process_that_ran_well() -> None:
    # The supervisor may be late to read the first message, but hardly by all the time that lies between the two.
    then = "tell(state={})\ntime.sleep(0.5)\ntell(state={})\nsys.exit(0 if restarts == 3 else 1)"
    out, errors = start(then, limits="well=0.05").communicate(timeout=SECONDS)
    assert out.splitlines() == [f"{number} {{}}" for number in range(4)]
    assert errors.count("at once") == 3


@pytest.mark.parametrize(
    ("then", "code", "starts"),
    [
        ("sys.exit(2)", 2, 1),
        ("tell(state={}); sys.exit(2 if restarts == 0 else 0)", 0, 2),
        ("sys.exit([1, 2, 0][restarts])", 0, 3),
        ("os.kill(os.getpid(), signal.SIGTERM) if restarts == 0 else None", 0, 2),
    ],
)
def test_which_ends_are_the_end(then: str, code: int, starts: int) -> None:
    process = start(then, first=SHORT_PAUSES)
    out, _ = process.communicate(timeout=SECONDS)
    assert (process.returncode, len(out.splitlines())) == (code, starts)


def test_a_crash_is_seen_where_the_end_of_processes_is_ignored() -> None:
    inherited = "import signal; signal.signal(signal.SIGCHLD, signal.SIG_IGN)"
    supervisor = start("sys.exit([1, 0][restarts])", first=inherited)
    out, _ = supervisor.communicate(timeout=SECONDS)
    assert (supervisor.returncode, len(out.splitlines())) == (0, 2)


def test_a_show_that_starts_is_given_longer_than_one_that_runs() -> None:
    # The first process takes too long to start. The second takes longer than it may be silent later, and then hangs.
    then = "time.sleep((600, 0.4)[restarts])\ntell(state={})\ntime.sleep(600)"
    process = start(then, limits="starting=5.0, silent=0.2")
    said = [process.stderr.readline().partition("supervisor: ")[2] for _ in range(2)]
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=SECONDS)
    assert said == [
        "the show presented no frame for 5 s and was killed; it is started again at once\n",
        "the show presented no frame for 0.2 s and was killed; it is started again in 1 s\n",
    ]


def test_a_show_that_waits_is_no_show_that_takes_too_long_to_start() -> None:
    then = "for _ in range(8):\n    tell(waiting='no display')\n    time.sleep(0.5)\ntell(state={})"
    process = start(then, limits="starting=3.0")
    assert process.communicate(timeout=SECONDS) == ("0 {}\n", "")
    assert process.returncode == 0


def test_what_a_show_has_started_ends_with_it() -> None:
    grandchild = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"
    then = (
        f"other = subprocess.Popen([sys.executable, '-c', {grandchild!r}]); print(other.pid, flush=True)\n"
        "tell(state={}); sys.exit(1 if restarts == 0 else 0)"
    )
    out, _ = start(then).communicate(timeout=SECONDS)
    others = [int(line) for line in out.splitlines() if line.isdecimal()]
    assert len(others) == 2
    wait_until(lambda: not any(map(is_running, others)))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_is_passed_on(number: signal.Signals) -> None:
    then = (
        "def end(number, frame):\n    print('received', number, flush=True)\n    sys.exit(128 + number)\n"
        "for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP): signal.signal(number, end)\n"
        "print('ready', flush=True)\nwhile True: time.sleep(1)"
    )
    process = start(then, limits=f"ending={SECONDS}")
    lines = [process.stdout.readline() for _ in range(2)]
    assert lines[1] == "ready\n"
    process.send_signal(number)
    out, errors = process.communicate(timeout=SECONDS)
    assert (process.returncode, out, errors) == (128 + number, f"received {number.value}\n", "")


def test_a_second_signal_does_not_wait() -> None:
    then = (
        "signal.signal(signal.SIGTERM, lambda *_: print('received', flush=True))\n"
        "print('ready', flush=True)\nwhile True: time.sleep(1)"
    )
    process = start(then, limits=f"ending={10 * SECONDS}, last_words={10 * SECONDS}")
    lines = [process.stdout.readline() for _ in range(2)]
    process.send_signal(signal.SIGTERM)
    lines.append(process.stdout.readline())
    process.send_signal(signal.SIGINT)
    # The show is asked a second time, and a third signal does not wait for that either.
    lines.append(process.stdout.readline())
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=SECONDS)
    assert lines[1:] == ["ready\n", "received\n", "received\n"]
    assert process.returncode == 128 + signal.SIGTERM


@pytest.mark.parametrize(
    ("needed", "last_words", "said"),
    [(2, SECONDS, ""), (3, 0.5, "ninety-seconds-after: supervisor: the show did not end; it was killed\n")],
)
def test_a_show_that_does_not_end_in_time_is_asked_again_and_then_killed(
    needed: int, last_words: float, said: str
) -> None:
    then = (
        "asked = []\n"
        f"signal.signal(signal.SIGTERM, lambda *_: asked.append(1) or (len(asked) == {needed} and os._exit(0)))\n"
        "print('ready', flush=True)\nwhile True: time.sleep(1)"
    )
    process = start(then, limits=f"ending=0.5, last_words={last_words}")
    lines = [process.stdout.readline() for _ in range(2)]
    process.send_signal(signal.SIGTERM)
    errors = process.communicate(timeout=SECONDS)[1]
    assert (lines[1], process.returncode, errors) == ("ready\n", 128 + signal.SIGTERM, said)


@pytest.mark.skipif(sys.platform != "linux", reason="abstract addresses")
def test_a_service_manager_at_an_abstract_address_is_told_everything() -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(f"\0supervisor-{os.getpid()}")
        manager.settimeout(SECONDS)
        then = "assert 'NOTIFY_SOCKET' not in os.environ\ntell(state={})\nsys.exit(restarts == 0)"
        process = start(then, env={"NOTIFY_SOCKET": f"@supervisor-{os.getpid()}"})
        process.communicate(timeout=SECONDS)
        manager.setblocking(False)
        told: list[str] = []
        while not told or told[-1] != "STOPPING=1":
            told.append(manager.recv(4096).decode())
    assert told == [
        "READY=1",
        "STATUS=presenting; 0 restarts",
        "STATUS=the show ended with exit code 1; it is started again at once",
        *(["STATUS=presenting; 1 restarts"] if len(told) == 5 else []),
        "STOPPING=1",
    ]


@pytest.mark.skipif(sys.platform != "linux", reason="abstract addresses")
@pytest.mark.parametrize(
    ("then", "limits", "alive"),
    [
        # A show that starts for long, and one that fails and is started again after longer and longer.
        ("time.sleep(1000)", "", True),
        ("sys.exit(1)", "", True),
        # A show that plays for a while.
        ("tell(state={})\ntime.sleep(1000)", "", True),
        # A show that never plays.
        ("time.sleep(1000)", "helpless=0", False),
    ],
)
def test_the_watchdog_of_systemd_hears_of_the_supervisor_while_that_can_help(
    then: str, limits: str, alive: bool
) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(f"\0watchdog-{os.getpid()}")
        manager.settimeout(SECONDS)
        then = f"assert not [name for name in os.environ if name.startswith('WATCHDOG')]\n{then}"
        named = {"NOTIFY_SOCKET": f"@watchdog-{os.getpid()}", "WATCHDOG_USEC": "1000000", "WATCHDOG_PID": "1"}
        process = start(then, limits=limits, env=named)
        heard = 0
        if alive:
            began = time.monotonic()
            # More often than asked for, as it should be: a sign may come late.
            while heard < 8:
                heard += manager.recv(4096) == b"WATCHDOG=1"
            assert time.monotonic() - began > 3
        else:
            assert process.stdout.readline() == "0 {}\n"
            time.sleep(1)
        process.terminate()
        process.communicate(timeout=SECONDS)
        told = b""
        while told != b"STOPPING=1":
            told = manager.recv(4096)
            assert alive or told == b"STOPPING=1"


@pytest.mark.skipif(sys.platform != "linux", reason="abstract addresses")
def test_a_name_that_is_no_text_reaches_the_service_manager(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(f"\0names-{os.getpid()}")
        manager.settimeout(SECONDS)
        monkeypatch.setenv("NOTIFY_SOCKET", f"@names-{os.getpid()}")
        service = ServiceManager()
        service.tell("STATUS=waiting: display \udcff")
        assert service._socket
        service._socket.close()
        assert manager.recv(4096) == b"STATUS=waiting: display ?"


def test_pauses_grow_to_a_minute() -> None:
    assert [pause_before(number) for number in range(1, 6)] == [0, 1, 2, 4, 8]
    assert pause_before(8) == pause_before(10_000) == LONGEST_PAUSE_SECONDS


MODULATION = {"zoom": {"source": "sine", "depth": 0.5, "period": 8.0, "phase": 0.25}}


def test_a_state_is_read_as_a_whole_or_not_at_all() -> None:
    state = ShowState(
        DEFAULTS,
        MODULATION,
        128.0,
        1,
        None,
        follows_camera=False,
        mirror=True,
        guard=True,
        blackout=False,
        model=1,
        network="CPU",
    )
    assert read_state(state.as_json()) == state
    wrong: dict[str, Any]
    for wrong in ({}, {"parameters": {}}, state.as_json() | {"more": 1}, state.as_json() | {"parameters": {"a": 1}}):
        assert read_state(wrong) is None
    assert read_state(state.as_json() | {"tempo": 1e9}) is None
    assert read_state(state.as_json() | {"model": 10}) is None
    assert read_state(state.as_json() | {"modulation": {"zoom": 1}}) is None
    assert read_state(state.as_json() | {"parameters": dict(DEFAULTS) | {"zoom": 1000.0}}) is None


def test_a_signal_ends_a_pause() -> None:
    pause = f"from live.supervision import supervisor; supervisor.pause_before = lambda failures: {10 * SECONDS}"
    process = start("sys.exit(1)", first=pause)
    assert "in 1000 s" in process.stderr.readline()
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=SECONDS)
    assert process.returncode == 128 + signal.SIGTERM
