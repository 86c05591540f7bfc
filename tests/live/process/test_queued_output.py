"""Output that is blocked neither blocks nor ends what prints."""

import io
import os
import sys
import threading

import pytest

from live.console import say
from live.process.queued_output import QueuedWriter, queued_output
from tests.live.waiting import SECONDS


class Output:
    """Output that takes texts only while its gate is open."""

    def __init__(self) -> None:
        self.gate = threading.Event()
        self.began = threading.Event()
        self.texts: list[str] = []

    def write(self, text: str) -> None:
        self.began.set()
        assert self.gate.wait(SECONDS)
        self.texts.append(text)


def test_what_finds_no_room_is_dropped_and_counted_where_it_is_missing() -> None:
    output = Output()
    writer = QueuedWriter(output.write, name="output", most=3)
    writer.put("0\n")
    assert output.began.wait(SECONDS)
    for number in range(1, 10):
        writer.put(f"{number}\n")
    output.gate.set()
    assert writer.close(SECONDS)
    gap = "(6 lines were dropped, because the output was blocked)\n"
    assert output.texts == ["0\n", "1\n", "2\n", "3\n", gap]


def test_an_output_that_fails_loses_that_text_alone() -> None:
    texts: list[str] = []

    def write(text: str) -> None:
        if text == "b":
            raise OSError("no space left")
        texts.append(text)

    writer = QueuedWriter(write, name="output")
    for text in "abc":
        writer.put(text)
    assert writer.close(SECONDS)
    assert texts == ["a", "c"]


def test_a_blocked_output_delays_the_end_no_longer_than_it_may() -> None:
    output = Output()
    writer = QueuedWriter(output.write, name="output")
    writer.put("a")
    assert output.began.wait(SECONDS)
    assert not writer.close(0.01)
    output.gate.set()


@pytest.mark.skipif(sys.platform != "linux", reason="a pipe of a known size")
def test_a_full_pipe_blocks_no_line(monkeypatch: pytest.MonkeyPatch) -> None:
    reading, writing = os.pipe()
    with open(writing, "w", encoding="ascii") as pipe, open(reading, encoding="ascii") as reader:
        monkeypatch.setattr(sys, "stdout", pipe)
        lines: list[str] = []
        drain = threading.Thread(target=lambda: lines.extend(reader))
        with queued_output(most=100, seconds=SECONDS):
            for number in range(5000):
                say(f"line {number} − {'.' * 100}")
            drain.start()
        pipe.close()
        drain.join(SECONDS)
    assert lines[0].startswith("line 0 ? ")
    dropped = [int(line.split()[0].strip("(")) for line in lines if "lines were dropped" in line]
    assert dropped
    assert len(lines) - len(dropped) + sum(dropped) == 5000


def test_both_streams_are_restored_and_show_what_was_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    out, err = io.StringIO(), io.StringIO()
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setattr(sys, "stderr", err)
    with queued_output():
        print("a", 1)
        print("b", file=sys.stderr)
    assert (sys.stdout, sys.stderr) == (out, err)
    assert (out.getvalue(), err.getvalue()) == ("a 1\n", "b\n")
