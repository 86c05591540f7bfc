"""Faults of the process: it dies, it hangs, its network fails, its output blocks, its descriptors run out."""

import errno
import os
import pty
import resource
import signal
import time
from collections.abc import Mapping, Sequence
from functools import partial

from tests.campaign.runner import KILLED, RESTARTED_GAP, Bar, Fault, light
from tests.campaign.stage import Stage


def _kill(number: int, stage: Stage) -> None:
    stage.send(number)


def _step(deed: str, stage: Stage) -> None:
    stage.step(deed)


def _pipe(stage: Stage) -> Mapping[str, int]:
    """Return the end of a pipe that nobody reads."""
    stage.unread, writing = os.pipe()
    for descriptor in (stage.unread, writing):
        stage.close_with(partial(os.close, descriptor))
    return {"stdout": writing, "stderr": writing}


def _fill_the_pipe(stage: Stage) -> None:
    # Opened anew, because the show's own end must go on to block.
    writing = os.open(f"/proc/self/fd/{stage.unread}", os.O_WRONLY | os.O_NONBLOCK)
    try:
        while True:
            os.write(writing, b"x" * 512)
    except BlockingIOError:
        os.close(writing)
    _let_it_speak(stage)


def terminal(stage: Stage) -> Mapping[str, int]:
    """Return a terminal for stdin, stdout and stderr."""
    stage.terminal, theirs = pty.openpty()
    stage.close_with(partial(os.close, theirs))
    return dict.fromkeys(("stdin", "stdout", "stderr"), theirs)


def _press_ctrl_s(stage: Stage) -> None:
    os.write(stage.terminal, b"\x13")
    _let_it_speak(stage)


def _let_it_speak(stage: Stage) -> None:
    stage.osc("/nothing")
    stage.osc("/snapshot")


def _take_descriptors(stage: Stage) -> None:
    pid = stage.pid
    if pid is not None:
        # Not their number: a show has closed some. Looked at twice, because one may be open for a moment only.
        free = _lowest_free(pid)
        time.sleep(0.1)
        free = min(free, _lowest_free(pid))
        _, hard = resource.prlimit(pid, resource.RLIMIT_NOFILE)
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (min(hard, free), hard))
        stage.osc("/snapshot")
        stage.osc("/hud", 0)
        stage.osc("/hud", 1)


def _lowest_free(pid: int) -> int:
    """Return the lowest descriptor that a process does not use."""
    used = {int(name) for name in os.listdir(f"/proc/{pid}/fd")}
    return min(set(range(len(used) + 1)) - used)


def _give_descriptors(stage: Stage) -> None:
    pid = stage.pid
    if pid is not None:
        _, hard = resource.prlimit(pid, resource.RLIMIT_NOFILE)
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (hard, hard))


def _with_hud(_: Stage) -> Sequence[object]:
    return ("--hud",)


NO_FRAME = r"presented no frame for 10 s and was killed"
SILENCE = Bar(RESTARTED_GAP.seconds + 10.0, "a show counts as hanging after 10 s of silence")

FAULTS = (
    Fault(
        "process killed (SIGKILL)", partial(_kill, signal.SIGKILL), r"was ended by SIGKILL", restarts=True, lost=KILLED
    ),
    Fault(
        "process crashes (SIGSEGV)", partial(_kill, signal.SIGSEGV), r"was ended by SIGSEGV", restarts=True, lost=KILLED
    ),
    Fault(
        "process stopped (SIGSTOP)",
        partial(_kill, signal.SIGSTOP),
        NO_FRAME,
        restarts=True,
        gap=SILENCE,
        lost=KILLED,
    ),
    Fault(
        "a step never returns",
        partial(_step, "hang"),
        NO_FRAME,
        cure=partial(_step, "work"),
        restarts=True,
        gap=SILENCE,
        lost=KILLED,
    ),
    Fault("a step fails (RuntimeError)", partial(_step, "fail"), r"a kernel failed.*opened anew"),
    Fault("a step fails (MemoryError)", partial(_step, "memory"), r"MemoryError.*opened anew"),
    Fault("a step leaves NaN in the state", partial(_step, "nan"), r"lost its numbers"),
    Fault(
        "the network fails for six seconds",
        partial(_step, "broken"),
        r"the network failed \d+ times",
        cure=partial(_step, "work"),
        seconds=6.0,
        restarts=True,
        gap=Bar(RESTARTED_GAP.seconds + 6.0, "the network fails for 6 s of it"),
    ),
    Fault("stdout and stderr are a full pipe", _fill_the_pipe, r"nothing|snapshot", streams=_pipe),
    Fault("Ctrl-S in its terminal", _press_ctrl_s, r"nothing|snapshot", streams=terminal),
    Fault("an ASCII terminal and a title with −", light, environment={"PYTHONIOENCODING": "ascii"}, at_start=True),
    Fault(
        "no descriptor left, HUD on",
        _take_descriptors,
        os.strerror(errno.EMFILE),
        cure=_give_descriptors,
        seconds=3.0,
        options=_with_hud,
    ),
)
