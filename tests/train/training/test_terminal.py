"""`fit` in a real terminal of 80 columns."""

import os
import re
import signal
import struct
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from tests.train.commands import environment

if sys.platform == "win32":
    pytest.skip("it has no pseudo-terminals", allow_module_level=True)
import fcntl
import termios


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_rollout_ends_at_once_in_a_terminal_of_eighty_columns(
    hats_cut: Path, tmp_path: Path, number: signal.Signals
) -> None:
    terminal, inside = os.openpty()
    fcntl.ioctl(inside, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    command = [
        sys.executable,
        "-m",
        "train",
        "fit",
        str(hats_cut),
        "--out",
        "run",
        "--preset",
        "small",
        "--size",
        "64x48",
    ]
    command += ["--batch", "2", "--minutes", "60", "--sample-minutes", "0.01"]
    variables = {**environment(), "TERM": "xterm"}
    process = subprocess.Popen(command, cwd=tmp_path, env=variables, stdout=inside, stderr=inside)
    os.close(inside)
    shown, sent = "", False
    try:
        with suppress(OSError):  # the end of the process is the end of the terminal
            while data := os.read(terminal, 65536):
                shown += data.decode(errors="ignore")
                if not sent and re.search(r"rollout .* [1-9]\d? %", shown):
                    process.send_signal(number)
                    sent = True
        assert process.wait(timeout=240) == 130
    finally:
        process.kill()
        os.close(terminal)
    assert "saved at step" in shown
    assert "run the same command to continue" in shown
    assert (tmp_path / "run/checkpoint.pt").is_file()
    assert not list((tmp_path / "run/samples").iterdir()), "the rollout is not waited for"
    lines = re.sub(r"\x1b\[[\d;?]*[A-Za-z]", "", shown).replace("\r", "\n").splitlines()
    assert any(re.fullmatch(r"step \d+ .* \d+ %  \d+ (min|h).* left *", line) for line in lines)
    assert any(re.fullmatch(r"rollout .* \d+ % .*", line) for line in lines)
    assert max(len(line) for line in lines) <= 80
    assert "…" not in shown
