"""Checks of the disk: room, and that files can be written where the show writes them."""

import os
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path

from live.doctor.case import Case
from live.doctor.finding import Finding, failed, not_applicable, ok, warning

GIB = 2**30
LITTLE_BYTES = 2 * GIB
PROBE_BYTES = 4096


def check_recordings(case: Case) -> Finding:
    """Check the folder of recordings, and the name of the first one."""
    options = case.settings.recording
    path = options.record
    if path is None:
        if case.settings.headless:
            return not_applicable("not asked for (--record)")
        return _folder(Path(), "for key V", asked=False)
    if path.is_dir():
        return failed(f"{path} is a folder", f"--record {path / 'show.mkv'}")
    if path.exists() and not options.overwrite:
        return failed(f"{path} exists", "give another name, or --overwrite")
    if path.exists() and not os.access(path, os.W_OK):
        return failed(f"{path} may not be written to", f"chmod u+w {path}")
    return _folder(path.parent, f"for {path.name}", asked=True)


def check_snapshots(case: Case) -> Finding:
    """Check the folder of snapshots."""
    if case.settings.headless:
        return not_applicable("--headless takes none")
    return _folder(case.settings.window.snapshots, "for key S", asked=False)


def check_files(case: Case) -> Finding:
    """Check the folders of statistics, log and status."""
    settings = case.settings
    named = {"--stats": settings.stats, "--log": settings.monitoring.log, "--status": settings.monitoring.status}
    given = {option: path for option, path in named.items() if path is not None}
    if not given:
        return not_applicable("not asked for (--log, --status, --stats)")
    return _worst(_folder(path.parent, f"for {option}", asked=True) for option, path in given.items())


def _worst(findings: Iterable[Finding]) -> Finding:
    """Return the first of the worst findings."""
    return min(findings, key=lambda finding: ("failed", "warning", "ok").index(finding.state))


def _folder(folder: Path, purpose: str, *, asked: bool) -> Finding:
    """Write a file into a folder and delete it; look how much room there is.

    Args:
        folder: The folder.
        purpose: What is written there.
        asked: True if the show was asked to write there, and not only a key would.
    """
    shown = "the current folder" if folder == Path() else str(folder)
    bad = failed if asked else warning
    try:
        with tempfile.NamedTemporaryFile(dir=folder, prefix=".doctor-") as file:
            file.write(bytes(PROBE_BYTES))
            file.flush()
            os.fsync(file.fileno())
    except FileNotFoundError:
        return bad(f"there is no folder {shown} {purpose}", f"mkdir -p {folder}")
    except OSError as error:
        return bad(f"{shown} cannot be written to {purpose} ({error.strerror})", "give another folder, or make room")
    free = shutil.disk_usage(folder).free
    room = f"{free / GIB:.1f} GiB free in {shown} {purpose}"
    if free < LITTLE_BYTES:
        return warning(f"only {room}", f"delete what is not needed; `du -xh {folder} | sort -h | tail` lists it")
    return ok(room)
