"""Only regular files of bounded size are read."""

import os
from pathlib import Path

import pytest

from live.reading.regular_file import check_regular_file, read_regular_file


def test_a_file_is_read_up_to_its_bound(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"12345678")
    assert read_regular_file(path, 8) == b"12345678"
    check_regular_file(path, 8)
    with pytest.raises(OSError, match="it has more than the 0 KiB"):
        read_regular_file(path, 7)


def test_a_link_to_a_file_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"1")
    (tmp_path / "b").symlink_to(tmp_path / "a")
    assert read_regular_file(tmp_path / "b", 1) == b"1"


def test_a_pipe_or_a_device_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "zero").symlink_to("/dev/zero")
    for name in ("pipe", "zero"):
        with pytest.raises(OSError, match="a pipe or a device"):
            read_regular_file(tmp_path / name, 2**40)


def test_a_pipe_that_takes_the_place_of_a_file_blocks_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file, pipe = tmp_path / "a", tmp_path / "pipe"
    file.write_bytes(b"1")
    os.mkfifo(pipe)
    opened = os.open
    monkeypatch.setattr(os, "open", lambda _, flags: opened(pipe, flags))
    with pytest.raises(OSError, match="a pipe or a device"):
        read_regular_file(file, 1)


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="needs a file whose size the system does not know")
def test_a_file_of_unknown_size_is_read_no_further() -> None:
    assert Path("/proc/self/maps").stat().st_size == 0
    with pytest.raises(OSError, match="it is longer than its system says"):
        read_regular_file(Path("/proc/self/maps"), 2**40)


def test_names_that_no_system_can_look_up(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="too long"):
        read_regular_file(tmp_path / ("x" * 5000), 1)
    with pytest.raises(OSError, match="its name is none"):
        read_regular_file(tmp_path / "a\0b", 1)
    with pytest.raises(FileNotFoundError):
        read_regular_file(tmp_path / "nothing", 1)
    with pytest.raises(IsADirectoryError):
        read_regular_file(tmp_path, 1)
