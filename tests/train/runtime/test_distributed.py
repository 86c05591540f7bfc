"""Two real processes (gloo, CPU) train one model, as torchrun starts them."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.train.commands import environment
from train.data.film import load_film

ROOT = Path(__file__).parents[3]


def torchrun(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", *arguments]
    variables = {**environment(), "OMP_NUM_THREADS": "1"}
    return subprocess.run(command, cwd=folder, env=variables, capture_output=True, text=True, timeout=280)


def test_two_processes_train_the_same_model_on_different_windows(hats_cut: Path, tmp_path: Path) -> None:
    load_film(hats_cut, (64, 48), "crop", tmp_path / "cache")
    done = torchrun(tmp_path, str(ROOT / "tests/train/team_member.py"), str(hats_cut), str(tmp_path / "cache"))
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.count("the same model") == 2


@pytest.mark.slow
def test_fit_in_two_processes_leaves_one_run(hats_cut: Path, tmp_path: Path) -> None:
    arguments = ["-m", "train", "fit", str(hats_cut), "--out", "run", "--preset", "small"]
    # Three frames a second, so that the ninety seconds of a validation are a short rollout.
    arguments += ["--size", "64x48", "--batch", "1", "--stride", "8"]
    for steps, says in (("3", "in 2 processes"), ("5", "resumed at step 3")):
        done = torchrun(tmp_path, *arguments, "--steps", steps, "--page", "0")
        assert done.returncode == 0, done.stderr[-2000:]
        assert done.stdout.count(says) == 1  # only one of them prints
        assert done.stdout.count("page: http://127.0.0.1:") == 1  # and has a page
    assert (tmp_path / "run/best.pt").is_file()
