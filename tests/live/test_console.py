"""Text that an encoding cannot hold: characters are replaced, and the show goes on."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from live.console import OnceEach
from live.display.options import WindowOptions
from live.display.window import StageWindow
from tests.live.bundles import HEIGHT, WIDTH, make_film, write_bundle
from tests.live.command import RUN_LIVE, run


@pytest.mark.parametrize(("encoding", "sign"), [("ascii", b"? seed"), ("cp1252", b"\xb7 seed")])
def test_a_redirected_output_replaces_what_it_cannot_hold(tmp_path: Path, encoding: str, sign: bytes) -> None:
    bundle = write_bundle(tmp_path / "bundle")
    show = ["--model", str(bundle), "--headless", "--seconds", "1", "--provider", "cpu", "--precision", "fp32"]
    for arguments, said in (["--help"], b"Usage"), (["--list-controls"], b"temperature"), (show, sign):
        done = subprocess.run(
            [sys.executable, str(RUN_LIVE), *arguments],
            env={**os.environ, "PYTHONIOENCODING": encoding},
            capture_output=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert said in done.stdout


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such names")
def test_a_name_that_is_not_utf_8_ends_no_show(tmp_path: Path) -> None:
    bundle = write_bundle(tmp_path / os.fsdecode(b"bundle \xff"))
    arguments = ["--headless", "--seconds", 1, "--provider", "cpu", "--precision", "fp32"]
    record, stats = tmp_path / os.fsdecode(b"take \xfe.mkv"), tmp_path / "stats.json"
    done = run("--model", bundle, *arguments, "--record", record, "--stats", stats)
    assert (done.returncode, done.stderr) == (0, "")
    assert record.stat().st_size > 0
    assert json.loads(stats.read_text(encoding="utf-8"))["model"] == "bundle ?"
    done = run("--model", tmp_path / os.fsdecode(b"no \xff"), *arguments)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1


def test_a_name_that_is_not_utf_8_is_drawn(dummy_display: None) -> None:
    with StageWindow("a \udcff", (HEIGHT, WIDTH), WindowOptions()) as window:
        window.present(make_film(1)[0], [("camera", "b \udcff.mp4")])


def test_each_kind_of_warning_is_printed_once_and_their_number_is_bounded(capsys: pytest.CaptureFixture[str]) -> None:
    notices = OnceEach(most=3)
    for number in range(1000):
        for _ in range(2):
            notices.warn(number, f"kind {number}\n\x1b[2J")
    lines = capsys.readouterr().out.split("\n")
    assert lines == ["kind 0 [2J", "kind 1 [2J", "kind 2 [2J", "further messages of this sort are only counted", ""]
    assert len(notices._kinds) == 4
