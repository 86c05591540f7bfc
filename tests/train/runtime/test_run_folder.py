"""The run folder gives back what was written, and belongs to one training."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from train.errors import RunError
from train.runtime.run_folder import Facts, FilmFacts, PictureFacts, Run

LIFE_SIGNS = {"sharpness": [0.1, 0.5], "motion": 0.001, "stillness": 0.5, "colour": [[0.1, 0.7]] * 3}
FILM = FilmFacts("Hats", "ours", "0" * 64, (64, 48), "12000/1001", 2, 5.0, "crop", 4.96, LIFE_SIGNS)
PAIRS = PictureFacts("Discs", "ours", "1" * 64, (48, 48), "crop", "pairs", "AtoB", 20, 2)
SETTINGS = {"recipe": "guided", "batch": 2}


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run(tmp_path / "run")


@pytest.mark.parametrize("facts", [FILM, PAIRS])
def test_facts_and_settings_are_read_as_they_were_written(run: Run, facts: Facts) -> None:
    run.save_facts(facts, SETTINGS)
    assert run.load_facts() == (facts, SETTINGS)
    assert run.samples.is_dir()


def test_a_training_is_not_resumed_with_other_settings(run: Run) -> None:
    run.save_facts(FILM, SETTINGS)
    run.save_facts(FILM, {**SETTINGS, "batch": 3})  # nothing was trained yet
    run.checkpoint.touch()
    with pytest.raises(RunError, match="batch 3 → 2"):
        run.save_facts(FILM, SETTINGS)
    with pytest.raises(RunError, match="stride 2 → 4"):
        run.save_facts(replace(FILM, stride=4), {**SETTINGS, "batch": 3})
    assert run.load_facts() == (FILM, {**SETTINGS, "batch": 3})


def test_title_and_rights_may_change(run: Run) -> None:
    run.save_facts(FILM, SETTINGS)
    run.checkpoint.touch()
    renamed = replace(FILM, title="More hats", rights="yours")
    run.save_facts(renamed, SETTINGS)
    assert run.load_facts() == (renamed, SETTINGS)


def test_a_folder_without_a_run_says_what_to_do(run: Run) -> None:
    with pytest.raises(RunError, match="train first"):
        run.load_facts()


@pytest.mark.parametrize("content", ["", "{}", '{"film": {"size": [64, 48]}, "training": {}}'])
def test_a_damaged_run_json_is_one_error(run: Run, content: str) -> None:
    run.save_facts(FILM, SETTINGS)
    (run.folder / "run.json").write_text(content)
    with pytest.raises(RunError, match="run"):
        run.load_facts()


def test_tail_and_examples_are_read_as_they_were_written(run: Run) -> None:
    run.save_facts(FILM, SETTINGS)
    frames = np.random.default_rng(0).integers(0, 256, (4, 6, 8, 3), np.uint8)
    run.save_tail(frames, [0, 3])
    run.save_examples(frames[:2], frames[2:])
    tail, shot_starts = run.load_tail()
    assert np.array_equal(tail, frames)
    assert shot_starts == [0, 3]
    a, b = run.load_examples()
    assert np.array_equal(a, frames[:2])
    assert np.array_equal(b, frames[2:])


def test_a_truncated_tail_is_one_error(run: Run) -> None:
    run.save_facts(FILM, SETTINGS)
    run.save_tail(np.zeros((4, 6, 8, 3), np.uint8), [0])
    path = run.folder / "seed.npz"
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(RunError, match="run the same `fit` again"):
        run.load_tail()
