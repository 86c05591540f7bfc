"""The commands of `python -m train`, run inside the test process."""

import contextlib
import io
import os
from dataclasses import dataclass
from pathlib import Path

from train.__main__ import main

ROOT = Path(__file__).parents[2]


def environment() -> dict[str, str]:
    """Return the variables of a process that runs this `train` without the network of `perceptual`."""
    folders = [str(ROOT), str(ROOT / "tests/train/no_perceptual")]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(folders)}


@dataclass(frozen=True)
class Result:
    """Exit code and output of a command."""

    code: int
    out: str
    err: str


def run_train(folder: Path, *arguments: str | Path) -> Result:
    """Run `python -m train` with these arguments as if called in `folder`."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.chdir(folder), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main([str(argument) for argument in arguments])
    return Result(code, out.getvalue(), err.getvalue())
