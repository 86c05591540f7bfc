"""`evaluate --pairs`: which pairs are measured, the report, and bad input."""

import json
from pathlib import Path

import onnx
import pytest

from tests.train.commands import run_train
from tests.train.pictures import discs, write_side_by_side


def test_on_the_folder_of_the_training_only_held_out_pairs_are_measured(work: Path, tmp_path: Path) -> None:
    model = work / "models/pairs"
    done = run_train(tmp_path, "evaluate", model, model, "--pairs", work / "discs", "--out", "report")
    assert done.code == 0, done.err
    assert "the 1 pairs of this folder that the training of pairs, pairs held out" in done.out
    assert sorted(path.name for path in (tmp_path / "report").iterdir()) == ["contact-sheet.png", "figures.json"]
    facts = json.loads((tmp_path / "report/figures.json").read_text(encoding="utf-8"))
    assert facts["pairs"]["count"] == 1
    assert [model["name"] for model in facts["models"]] == ["pairs", "pairs-2"]
    assert [null["name"] for null in facts["nulls"]] == ["mean picture", "input"]
    assert facts["models"][0]["l1"] == facts["models"][1]["l1"] > 0


def test_on_another_folder_all_pairs_are_measured(work: Path, tmp_path: Path) -> None:
    write_side_by_side(tmp_path / "others", discs(5))
    done = run_train(tmp_path, "evaluate", work / "models/pairs", "--pairs", "others", "--out", "report")
    assert done.code == 0, done.err
    assert "all 5 pairs" in done.out
    facts = json.loads((tmp_path / "report/figures.json").read_text(encoding="utf-8"))
    assert facts["pairs"]["count"] == 5


def test_a_report_is_replaced_only_when_asked(work: Path, tmp_path: Path) -> None:
    arguments = ("evaluate", work / "models/pairs", "--pairs", work / "discs", "--out", "report")
    assert run_train(tmp_path, *arguments).code == 0
    refused = run_train(tmp_path, *arguments)
    assert refused.code == 2
    assert "--overwrite" in refused.err
    assert run_train(tmp_path, *arguments, "--overwrite").code == 0


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--pairs", "discs"], "give one bundle or more"),
        (["nowhere", "--pairs", "discs"], "there is no bundle nowhere"),
        (["models/pictures", "--pairs", "discs"], "was not trained on pairs"),
        (["models/pairs", "--pairs", "empty"], "holds no pairs"),
    ],
)
def test_bad_input_is_a_one_line_error_and_leaves_nothing(
    work: Path, tmp_path: Path, arguments: list[str], says: str
) -> None:
    refused = run_train(work, "evaluate", *arguments, "--out", tmp_path / "report")
    assert refused.code == 2
    assert says in refused.err
    assert refused.err.count("\n") == 1
    assert not (tmp_path / "report").exists()


def test_a_folder_that_is_no_report_is_never_replaced(work: Path) -> None:
    arguments = ("evaluate", "models/pairs", "--pairs", "discs", "--out", "models/pictures", "--overwrite")
    refused = run_train(work, *arguments)
    assert refused.code == 2
    assert "will not be replaced" in refused.err
    assert (work / "models/pictures/generator.onnx").is_file()


def copy_bundle(bundle: Path, to: Path, changed: dict[str, str]) -> Path:
    """Copy the graph of a bundle with other metadata; an empty value removes the key."""
    model = onnx.load(str(bundle / "generator.onnx"))
    metadata = {entry.key: entry.value for entry in model.metadata_props} | changed
    onnx.helper.set_model_props(model, {key: value for key, value in metadata.items() if value})
    to.mkdir()
    onnx.save(model, str(to / "generator.onnx"))
    return to


@pytest.mark.parametrize("changed", [{"fit": ""}, {"fit": "stretch"}, {"direction": "up"}, {"pictures_sha256": ""}])
def test_a_bundle_with_other_metadata_than_export_writes_is_refused(
    work: Path, tmp_path: Path, changed: dict[str, str]
) -> None:
    bundle = copy_bundle(work / "models/pairs", tmp_path / "changed", changed)
    refused = run_train(tmp_path, "evaluate", bundle, "--pairs", work / "discs", "--out", "report")
    assert refused.code == 2
    assert "does not have the metadata that `export` writes" in refused.err
    assert refused.err.count("\n") == 1


def test_bundles_that_read_pairs_differently_are_not_compared(work: Path, tmp_path: Path) -> None:
    bundle = work / "models/pairs"
    other = copy_bundle(bundle, tmp_path / "other", {"direction": "BtoA"})
    refused = run_train(tmp_path, "evaluate", bundle, other, "--pairs", work / "discs", "--out", "report")
    assert refused.code == 2
    assert "other and pairs differ in size, fit or direction" in refused.err
