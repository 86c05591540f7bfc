"""Faults of files: presets, snapshots, recordings, the log and the status."""

import os
import shutil
import time
from collections.abc import Callable, Sequence
from functools import partial

from tests.campaign.runner import Fault, light
from tests.campaign.stage import Stage

HANGING = r"waits for a disk that hangs"


def _preset(write: Callable[[Stage], None], stage: Stage) -> None:
    write(stage)
    stage.osc("/recall", 1)


def _text(text: str, stage: Stage) -> None:
    (stage.folder / "presets/1.toml").write_text(text)


def _fifo(stage: Stage) -> None:
    os.mkfifo(stage.folder / "presets/1.toml")


def on_disk(option: str, name: str, stage: Stage) -> Sequence[object]:
    """Return an option that names a file, or with an empty name the folder, of the faulty disk."""
    return (option, stage.disk.folder / name)


def disk(deed: str, stage: Stage) -> None:
    """Change what the disk does."""
    stage.disk.does(deed)


def _hang_and(address: str, values: Sequence[object], stage: Stage) -> None:
    """Let the disk hang, and then ask for what needs it."""
    stage.disk.does("hang")
    stage.osc(address, *values)


def _records_again(folder: str, stage: Stage) -> bool:
    """Return whether a recording in the folder grows."""
    sizes = {path: path.stat().st_size for path in (stage.folder / folder).glob("*.mkv")}
    time.sleep(1.0)
    return any(path.stat().st_size > size for path, size in sizes.items())


def _move_folder(stage: Stage) -> None:
    (stage.folder / "out").rename(stage.folder / "moved")


def _remove_folder(stage: Stage) -> None:
    shutil.rmtree(stage.folder / "out")


def _make_folder(stage: Stage) -> None:
    (stage.folder / "out").mkdir()


def _exists_already(stage: Stage) -> Sequence[object]:
    (stage.folder / "out/a.mkv").touch()
    return ()


works = partial(disk, "work")
on_stick = partial(_records_again, "stick/behind")
record_on_disk = partial(on_disk, "--record", "a.mkv")

FAULTS = (
    Fault(
        "presets on a disk that hangs for 5 s",
        partial(_hang_and, "/recall", [1]),
        HANGING,
        works,
        seconds=5.0,
        options=partial(on_disk, "--presets", ""),
    ),
    Fault("a preset is a pipe", partial(_preset, _fifo), r"1\.toml.*a pipe or a device"),
    Fault("a preset of 5,000 nested arrays", partial(_preset, partial(_text, f"zoom = {'[' * 5000}")), r"1\.toml"),
    Fault(
        "a preset of 20,000 dotted keys",
        partial(_preset, partial(_text, f"{'.'.join(['a'] * 20_000)} = 1")),
        r"1\.toml",
    ),
    Fault("a preset of 60 MB", partial(_preset, partial(_text, f"zoom = 1 #{'x' * 60_000_000}")), r"1\.toml"),
    Fault(
        "snapshots on a disk that hangs for 5 s",
        partial(_hang_and, "/snapshot", []),
        HANGING,
        works,
        seconds=5.0,
        options=partial(on_disk, "--snapshots", ""),
    ),
    Fault(
        "the recording's disk hangs for 5 s",
        partial(disk, "hang"),
        HANGING,
        works,
        seconds=5.0,
        options=record_on_disk,
        recovered=on_stick,
    ),
    Fault(
        "the recording's disk is full for 3 s",
        partial(disk, "full"),
        r"No space left",
        works,
        seconds=3.0,
        options=record_on_disk,
        recovered=on_stick,
    ),
    Fault(
        "the recording's stick is pulled for 3 s",
        partial(disk, "gone"),
        r"Input/output error",
        works,
        seconds=3.0,
        options=record_on_disk,
        recovered=on_stick,
    ),
    *(
        Fault(
            f"the recording's folder is {what}, and is back after 3 s",
            inject,
            r"is not there any more",
            _make_folder,
            seconds=3.0,
            recovered=partial(_records_again, "out"),
            takes_recording=what == "removed",
        )
        for what, inject in (("moved", _move_folder), ("removed", _remove_folder))
    ),
    Fault(
        "the recording's name exists at the start",
        light,
        r"recorded .*a-2\.mkv",
        options=_exists_already,
        at_start=True,
    ),
    Fault(
        "the log's disk hangs for 5 s",
        partial(disk, "hang"),
        cure=works,
        seconds=5.0,
        options=partial(on_disk, "--log", "show.log"),
    ),
    Fault(
        "the status's disk is full for 5 s",
        partial(disk, "full"),
        r"cannot write the status",
        works,
        seconds=5.0,
        options=partial(on_disk, "--status", "status.json"),
    ),
)
