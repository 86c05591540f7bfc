"""The cores that a process may use, and no more than its quota."""

import os
from pathlib import Path

import pytest

from live.process.cores import usable_cores

ALL = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
V2, V1 = "0::/shows/mine\n", "7:memory:/shows/mine\n4:cpu,cpuacct:/shows/mine\n"


@pytest.mark.parametrize(
    ("own", "files", "cores"),
    [
        (V2, {"shows/mine/cpu.max": "50000 100000\n"}, 1),
        (V2, {"shows/mine/cpu.max": "max 100000\n"}, ALL),
        (V2, {"shows/mine/cpu.max": "max 100000\n", "shows/cpu.max": "100000 100000\n"}, 1),  # of the group around
        (V2, {"cpu.max": "20000 100000\n"}, 1),  # in a container the path is that outside
        (V2, {"shows/mine/cpu.max": "1 100000\n"}, 1),
        (V2, {"shows/mine/cpu.max": f"{ALL * 100000 - 50000} 100000\n"}, ALL),  # rounded up
        (V2, {"shows/mine/cpu.max": "99900000 100000\n"}, ALL),
        (V2, {"shows/mine/cpu.max": "torn"}, ALL),
        (V2, {}, ALL),
        (V1, {"cpu/shows/mine/cpu.cfs_quota_us": "50000\n", "cpu/shows/mine/cpu.cfs_period_us": "100000\n"}, 1),
        (V1, {"cpu/shows/mine/cpu.cfs_quota_us": "-1\n", "cpu/shows/mine/cpu.cfs_period_us": "100000\n"}, ALL),
        (V1, {"cpu/cpu.cfs_quota_us": "50000\n", "cpu/cpu.cfs_period_us": "100000\n"}, 1),
        ("", {"cpu.max": "50000 100000\n"}, ALL),  # no Linux
    ],
)
def test_a_quota_limits_the_cores(tmp_path: Path, own: str, files: dict[str, str], cores: int) -> None:
    (tmp_path / "own").write_text(own)
    for name, text in files.items():
        path = tmp_path / "cgroup" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    assert usable_cores(tmp_path / "cgroup", tmp_path / "own") == cores


def test_of_several_cores_a_quota_leaves_some(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not hasattr(os, "sched_getaffinity"):
        pytest.skip("this system does not tell the cores of a process")
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(8)))
    (tmp_path / "own").write_text("0::/\n")
    (tmp_path / "cpu.max").write_text("250000 100000\n")
    assert usable_cores(tmp_path, tmp_path / "own") == 3
