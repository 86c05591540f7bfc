"""A page of an exported bundle. The stage's command writes it: all that passes to it is the bundle."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from train.errors import OutputError


def check_page(folder: Path, *, overwrite: bool) -> None:
    """Check that there is nothing at `folder`, or that it may be replaced: an export takes minutes.

    Raises:
        OutputError: it may not.
    """
    if folder.exists() and not overwrite:
        raise OutputError(f"{folder} exists already; give another --web, or --overwrite to replace it")


def write_page(bundle: Path, folder: Path, runtime: Path | None, *, overwrite: bool) -> None:
    """Write the page of a bundle with `python -m live.web`, which says what comes next.

    Args:
        bundle: the bundle.
        folder: to write.
        runtime: unpacked npm package onnxruntime-web, or None.
        overwrite: replace a page that exists.

    Raises:
        OutputError: it cannot be written; the bundle is there all the same.
    """
    command = [sys.executable, "-m", "live.web", str(bundle.absolute()), str(folder.absolute())]
    command += ["--runtime", str(runtime.absolute())] if runtime else []
    command += ["--overwrite"] if overwrite else []
    done = subprocess.run(command, stderr=subprocess.PIPE, text=True, errors="replace", check=False)
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise OutputError(f"the page was not written: {reason.removeprefix('ninety-seconds-after: error: ')}")
