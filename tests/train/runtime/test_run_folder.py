"""The run folder gives back what was written, and belongs to one training."""

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from train.errors import RunError
from train.pix2pix.translator import TranslatorConfig
from train.runtime.run_folder import FORMAT_VERSION, Facts, FilmFacts, PictureFacts, Run

LIFE_SIGNS = {"sharpness": [0.1, 0.5], "motion": 0.001, "stillness": 0.5, "colour": [[0.1, 0.7]] * 3}
FILM = FilmFacts("Hats", "ours", "0" * 64, (64, 48), "12000/1001", 2, 5.0, "crop", 4.96, LIFE_SIGNS)
PAIRS = PictureFacts("Discs", "ours", "1" * 64, (48, 48), "crop", "pairs", "AtoB", 20, 2)
SETTINGS = {"recipe": "guided", "batch": 2}
VERSION_1_SETTINGS: dict[str, dict[str, Any]] = {  # as version 0.1.0 wrote them
    "film": {
        "recipe": "camera",
        "context_frames": 2,
        "channels": [64, 128],
        "blocks": [1, 3],
        "scale": 4,
        "enlarger_channels": 48,
        "guided": True,
        "camera": True,
        "judges": ["frame", "clip"],
        "lambda_l1": 30.0,
        "moving": True,
        "lambda_features": 6.0,
        "lambda_perceptual": 0.0,
        "noise": 2.0,
        "turns": 0.1,
        "cameras": 0.5,
        "lambda_camera": 48.0,
        "pool": 32,
        "drawn": 8,
        "truth": 24,
        "after": "keep",
        "renew": 0.1,
        "batch": 8,
        "learning_rate": 0.001,
        "ema": 0.999,
        "seed": 0,
    },
    "pictures": {
        "recipe": "hinge",
        "network": "residual",
        "judges": "hinge",
        "lambda_l1": 20.0,
        "lambda_features": 10.0,
        "use": "pairs",
        "channels": [32, 64, 128, 256],
        "blocks": [0, 1, 1, 2],
        "batch": 2,
        "learning_rate": 0.0003,
        "ema": 0.999,
        "seed": 0,
    },
}


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


def test_files_may_be_renamed_but_not_exchanged(run: Run) -> None:
    several = replace(FILM, sources={"a": "First", "b": "Second"})
    run.save_facts(several, SETTINGS)
    assert run.load_facts() == (several, SETTINGS)
    run.checkpoint.touch()
    renamed = replace(FILM, sources={"a": "The first", "b": "Second"})
    run.save_facts(renamed, SETTINGS)
    assert run.load_facts() == (renamed, SETTINGS)
    with pytest.raises(RunError, match=r"source_hash 0+ → 1+"):
        run.save_facts(replace(several, source_hash="1" * 64), SETTINGS)


def test_a_run_of_one_file_needs_no_sources(run: Run) -> None:
    run.save_facts(FILM, SETTINGS)
    stored = json.loads((run.folder / "run.json").read_text())
    del stored["film"]["sources"]
    (run.folder / "run.json").write_text(json.dumps(stored))
    run.checkpoint.touch()
    assert run.load_facts() == (FILM, SETTINGS)
    run.save_facts(FILM, SETTINGS)


def test_a_run_json_that_an_editor_began_with_a_byte_order_mark_is_read(run: Run) -> None:
    run.save_facts(FILM, SETTINGS)
    path = run.folder / "run.json"
    path.write_text(path.read_text(encoding="utf-8"), encoding="utf-8-sig")
    run.checkpoint.touch()
    assert run.load_facts() == (FILM, SETTINGS)


def test_a_folder_without_a_run_says_what_to_do(run: Run) -> None:
    with pytest.raises(RunError, match="train first"):
        run.load_facts()


DAMAGED: list[tuple[str, dict[str, Any]]] = [
    ("neither facts nor settings", {"format_version": FORMAT_VERSION}),
    ("no settings", {"format_version": FORMAT_VERSION, "film": asdict(FILM)}),
    ("a fact missing", {"format_version": FORMAT_VERSION, "film": {"size": [64, 48]}, "settings": {}}),
    ("nothing", {}),
    ("version 1, no settings", {"film": asdict(FILM), "training": {}}),
    ("version 1, no facts", {"training": VERSION_1_SETTINGS["film"]}),
]


@pytest.mark.parametrize("content", [content for _, content in DAMAGED], ids=[name for name, _ in DAMAGED])
def test_a_run_json_with_something_missing_is_one_error(run: Run, content: dict[str, Any]) -> None:
    write_run_json(run, content)
    with pytest.raises(RunError, match=r"run\.json is not as `fit` writes it; run the same `fit` again"):
        run.load_facts()


@pytest.mark.parametrize("text", ["", "[1, 2]", '{"format_version": 2'])
def test_a_run_json_that_is_no_object_is_one_error(run: Run, text: str) -> None:
    run.save_facts(FILM, SETTINGS)
    (run.folder / "run.json").write_text(text)
    with pytest.raises(RunError, match=r"no readable run\.json.*; train first"):
        run.load_facts()


# ----------------------------------------------------------------------------
# Runs of version 0.1.0.


def write_run_json(run: Run, content: dict[str, Any]) -> None:
    run.folder.mkdir()
    (run.folder / "run.json").write_text(json.dumps(content))


def test_a_run_of_pictures_of_version_1_is_read(run: Run) -> None:
    write_run_json(run, {"pictures": asdict(PAIRS), "training": VERSION_1_SETTINGS["pictures"]})
    read, settings = run.load_facts()
    assert read == PAIRS
    generator = TranslatorConfig(**settings["generator"])
    assert generator == TranslatorConfig("pairs", "residual", (32, 64, 128, 256), (0, 1, 1, 2))
    assert settings["recipe"] == {"name": "hinge"}
    assert settings["training"]["learning_rate"] == 0.0003


@pytest.mark.parametrize("recipe", ["camera", "guided-k1", "paper"])
def test_a_run_of_a_film_of_version_1_has_a_network_that_is_gone(run: Run, recipe: str) -> None:
    write_run_json(run, {"film": asdict(FILM), "training": {**VERSION_1_SETTINGS["film"], "recipe": recipe}})
    says = (
        rf"the network of this run of version 0\.1\.0 \(recipe {recipe}\) no longer exists; export it with that version"
    )
    with pytest.raises(RunError, match=says):
        run.load_facts()


def test_a_run_of_version_1_is_not_resumed(run: Run) -> None:
    content = {"film": asdict(FILM), "training": VERSION_1_SETTINGS["film"]}
    write_run_json(run, content)
    run.checkpoint.touch()
    with pytest.raises(RunError, match="cannot be resumed; give another --out"):
        run.save_facts(FILM, SETTINGS)
    assert json.loads((run.folder / "run.json").read_text()) == json.loads(json.dumps(content))


def test_a_run_of_a_newer_version_is_refused(run: Run) -> None:
    write_run_json(run, {"format_version": FORMAT_VERSION + 1})
    with pytest.raises(RunError, match="newer version of this program; use that version"):
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
