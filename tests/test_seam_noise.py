"""The noise of seed N is the same on the stage and in the studio: a rollout in the studio is the show."""

from pathlib import Path

import numpy as np
import pytest

from live.app import main
from live.bundle.bundle import read_bundle
from live.bundle.seed_film import to_context
from live.settings import DEFAULT_MODEL
from tests.live.bundles import read_film, write_bundle
from tests.train.export.runs import SMALL, export_run, pan, train_a_little
from train.evaluation.bundle_runner import open_bundle

SEED = 3


@pytest.fixture(params=["small", "hats", "exported"])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Bundles whose noise has the size of the picture, and one whose noise has that of the small context."""
    if request.param == "exported":
        export_run(train_a_little(pan(tmp_path), tmp_path / "run", SMALL), tmp_path / "exported")
        assert read_bundle(tmp_path / "exported", 0).graph.noise == (1, 6, 24, 32)
        return tmp_path / "exported"
    return DEFAULT_MODEL if request.param == "hats" else write_bundle(tmp_path / "small")


def test_a_recorded_show_is_the_studios_rollout_byte_for_byte(folder: Path, tmp_path: Path) -> None:
    film = tmp_path / "show.mkv"
    show = ["--model", str(folder), "--seed", str(SEED), "--provider", "cpu", "--precision", "fp32"]
    show += [
        "--headless",
        "--no-guard",
        "--tail",
        "0",
        "--seconds",
        "2",
        "--record",
        str(film),
        "--record-codec",
        "ffv1",
    ]
    assert main(show) == 0
    frames = read_film(film)
    bundle = read_bundle(folder, 0)
    rollout = open_bundle(folder).graph.roll_out(
        to_context(bundle.film.frames[-bundle.graph.context_frames :]), len(frames), temperature=1.0, seed=SEED
    )
    assert len(frames) == 2 * bundle.frame_rate
    for step, (shown, expected) in enumerate(zip(frames, rollout, strict=True)):
        np.testing.assert_array_equal(shown, expected, err_msg=f"step {step}")
