"""`fit --pairs` and `fit --pictures`: the run folder, resuming, and bad input."""

import json
import shutil
from pathlib import Path

import pytest

from tests.train.commands import run_train


@pytest.mark.parametrize(
    ("kind", "count", "held_out", "recipe"), [("pairs", 12, 1, "hinge"), ("pictures", 6, 1, "loose")]
)
def test_a_run_folder_holds_the_training_and_its_samples(
    work: Path, kind: str, count: int, held_out: int, recipe: str
) -> None:
    run = work / "runs" / kind
    for name in ("pairs.png", "run.json", "checkpoint.pt", "best.pt", "examples.npz", "samples/step-000002.png"):
        assert (run / name).stat().st_size > 0, name
    text = (run / "run.json").read_text(encoding="utf-8")
    facts = json.loads(text)["pictures"]
    assert (facts["use"], facts["count"], facts["held_out"]) == (kind, count, held_out)
    assert f'"{recipe}"' in text


def test_the_same_command_resumes_the_training(work: Path, tmp_path: Path) -> None:
    shutil.copytree(work / "runs/pairs", tmp_path / "run")
    resumed = run_train(tmp_path, "fit", "--pairs", work / "discs", "--out", "run", "--size", "48x48", "--steps", "3")
    assert resumed.code == 0, resumed.err
    assert "resumed at step 2" in resumed.out
    assert (tmp_path / "run/samples/step-000003.png").is_file()


@pytest.mark.parametrize(
    ("option", "says"),
    [(("--direction", "BtoA"), "direction AtoB → BtoA"), (("--batch", "3"), "training.batch 2 → 3")],
)
def test_a_command_with_other_settings_is_refused(
    work: Path, tmp_path: Path, option: tuple[str, str], says: str
) -> None:
    shutil.copytree(work / "runs/pairs", tmp_path / "run")
    before = (tmp_path / "run/run.json").read_bytes()
    refused = run_train(
        tmp_path, "fit", "--pairs", work / "discs", "--out", "run", "--size", "48x48", "--steps", "3", *option
    )
    assert refused.code == 2
    assert says in refused.err
    assert (tmp_path / "run/run.json").read_bytes() == before


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "give one of a FILM, --pairs DIR and --pictures DIR"),
        (["--pairs", "discs", "--pictures", "reds"], "give one of"),
        (["film.mkv", "--pairs", "discs"], "give one of"),
        (["--pairs", "nowhere"], "there is no folder nowhere"),
        (["--pairs", "empty"], "holds no pairs"),
        (["--pictures", "empty"], "0 usable pictures"),
        (["--pairs", "discs", "--size", "50x50"], "multiples of 16"),
        (["--pairs", "discs", "--recipe", "guided"], "choose one of hinge, loose, paper"),
        (["--pairs", "discs", "--stride", "2"], "--end and --stride are for a film"),
        (["--pairs", "discs", "--end", "2"], "--end and --stride are for a film"),
        (["--pairs", "discs", "--direction", "up"], "--direction"),
        (["--pictures", "reds", "--direction", "BtoA"], "--direction is for --pairs"),
    ],
)
def test_bad_input_is_a_one_line_error_and_leaves_nothing(
    work: Path, tmp_path: Path, arguments: list[str], says: str
) -> None:
    refused = run_train(work, "fit", *arguments, "--out", tmp_path / "run")
    assert refused.code == 2
    assert says in refused.err
    assert refused.err.count("\n") == 1
    assert not (tmp_path / "run").exists()
