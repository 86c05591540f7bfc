"""One training in a folder: a lock that dies with its process."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console

from tests.train.conftest import WriteFilm, numbered
from train.data.options import FilmConfig
from train.errors import RunError
from train.runtime.run_lock import only_training_in
from train.training.fit import fit
from train.training.options import Budget
from train.training.trainer import TrainingConfig

ROOT = Path(__file__).parents[3]
HOLD = "import sys; from pathlib import Path; from train.runtime.run_lock import only_training_in\n"
HOLD += "with only_training_in(Path(sys.argv[1])): print('held', flush=True); sys.stdin.read()"


def hold(folder: Path) -> "subprocess.Popen[str]":
    """Hold a folder in another process, until that is killed."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_a_second_training_is_refused_until_the_first_is_gone(tmp_path: Path) -> None:
    folder = tmp_path / "runs" / "mine"
    with hold(folder) as first:
        with (
            pytest.raises(RunError, match=r"another training writes to .*mine; .*give another --out"),
            only_training_in(folder),
        ):
            pass
        with only_training_in(tmp_path / "other"):
            pass
        first.kill()
        first.wait()
        with only_training_in(folder):
            pass
    with only_training_in(folder):
        pass


def test_fit_refuses_a_folder_that_another_process_holds(write_film: WriteFilm, tmp_path: Path) -> None:
    film = write_film(numbered(60))
    config = FilmConfig(size="64x48", cache=tmp_path / "cache")
    with hold(tmp_path / "run") as first:
        with pytest.raises(RunError, match="another training writes to"):
            fit([film], tmp_path / "run", config, "small", "guided", TrainingConfig(), Budget(), Console(quiet=True))
        assert [path.name for path in (tmp_path / "run").iterdir()] == ["lock"]
        first.kill()
