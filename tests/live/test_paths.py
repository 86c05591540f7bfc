"""Folders that are written whole or not at all."""

import os
import sys
from pathlib import Path

import pytest

from live.paths import ffmpeg_path, home_folder, whole_folder


def test_ffmpeg_gets_absolute_paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert ffmpeg_path(Path("take: one.mkv")) == str(tmp_path / "take: one.mkv")


def test_a_whole_folder_takes_the_place_of_the_old_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for content in ("first", "second"):
        with whole_folder(Path("deep/out")) as folder:
            assert folder.is_absolute()
            (folder / content).touch()
    assert [path.relative_to(tmp_path) for path in tmp_path.rglob("*")] == [
        Path("deep"),
        Path("deep/out"),
        Path("deep/out/second"),
    ]


def fill_the_disk(out: Path) -> None:
    with whole_folder(out) as folder:
        (folder / "b").touch()
        raise OSError("the disk is full")


def test_a_failure_leaves_the_old_folder(tmp_path: Path) -> None:
    out = tmp_path / "out"
    with whole_folder(out) as folder:
        (folder / "a").touch()
    with pytest.raises(OSError, match="full"):
        fill_the_disk(out)
    assert [path.name for path in out.iterdir()] == ["a"]
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.skipif(sys.platform == "win32", reason="accounts of POSIX")
def test_an_account_without_a_name_has_a_home_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HOME", raising=False)
    monkeypatch.setattr(os, "getuid", lambda: 2**31 - 5)
    assert home_folder() == Path("/")
