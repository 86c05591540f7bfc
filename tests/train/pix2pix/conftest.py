"""Pairs in memory, and a folder with a run and a bundle of each kind."""

from pathlib import Path

import numpy as np
import pytest

from tests.train.commands import run_train
from tests.train.pictures import discs, write, write_side_by_side
from train.pix2pix.pairs import Pairs


@pytest.fixture(scope="session")
def pairs() -> Pairs:
    """Make twenty pairs of discs, 48×48."""
    a, b = (np.stack(side) for side in zip(*discs(20), strict=True))
    return Pairs("pairs", tuple(map(str, range(20))), a, b, "0" * 64, "")


@pytest.fixture(scope="session")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a folder with pairs (discs/), pictures (reds/), and a run and a bundle of each; tests do not change it."""
    folder = tmp_path_factory.mktemp("work")
    write_side_by_side(folder / "discs", discs(12))
    for number, (_, b) in enumerate(discs(6)):
        write(folder / f"reds/{number}.png", b)
    (folder / "empty").mkdir()
    for kind, source in (("pairs", "discs"), ("pictures", "reds")):
        fitted = run_train(
            folder, "fit", f"--{kind}", source, "--out", f"runs/{kind}", "--steps", "2", "--size", "48x48"
        )
        assert fitted.code == 0, fitted.err
        exported = run_train(folder, "export", f"runs/{kind}", "--out", f"models/{kind}")
        assert exported.code == 0, exported.err
    return folder
