"""Curves for TensorBoard, on disks that are full for a time."""

import errno
import io
from pathlib import Path

import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator  # type: ignore[import-untyped]  # no stubs

from train.runtime.curves import Curves


class FullDisk(io.RawIOBase):
    """The end of a file, on a disk that has room for some bytes."""

    def __init__(self, path: Path, room: int) -> None:
        self._path, self._room = path, room

    def write(self, data: object) -> int:
        assert isinstance(data, bytearray)
        taken = bytes(data[: self._room])
        if not taken:
            raise OSError(errno.ENOSPC, "No space left on device")
        self._room -= len(taken)
        with open(self._path, "ab") as file:
            return file.write(taken)


def points(folder: Path, name: str) -> list[tuple[int, float]]:
    events = EventAccumulator(str(folder))
    events.Reload()
    return [(point.step, point.value) for point in events.Scalars(name)]


@pytest.mark.parametrize("room", [0, 1, 30])
def test_points_that_a_full_disk_refuses_are_written_when_there_is_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, room: int
) -> None:
    curves = Curves(tmp_path, first_step=1)
    curves.add({"a": 0.5, "b": 1.0}, 1)
    with monkeypatch.context() as full:
        full.setattr(Path, "open", lambda path, *_, **__: FullDisk(path, room))
        for step in (2, 3):
            with pytest.raises(OSError, match="No space left"):
                curves.add({"a": step / 4, "b": 0.0}, step)
    curves.add({"a": 1.0}, 4)
    assert points(tmp_path, "a") == [(1, 0.5), (2, 0.5), (3, 0.75), (4, 1.0)]


def test_points_of_a_session_that_was_killed_are_no_longer_shown(tmp_path: Path) -> None:
    first = Curves(tmp_path, first_step=1)
    for step in (1, 2, 3):
        first.add({"a": 0.25 * step}, step)
    Curves(tmp_path, first_step=2).add({"a": 1.0}, 2)
    assert points(tmp_path, "a") == [(1, 0.25), (2, 1.0)]
