"""The recipe `paper`, from a film to a graph that plays."""

import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
import onnxruntime as ort
import pytest
import torch
from rich.console import Console

from train.data.film import Film, load_film
from train.data.film_windows import FilmWindows
from train.data.options import FilmConfig
from train.data.shots import find_story
from train.errors import RecipeError
from train.export.export import RolloutLengths, export_film
from train.models.unet import UNetConfig
from train.runtime.run_folder import FilmFacts, Run
from train.training.fit import fit
from train.training.options import Budget
from train.training.paper_trainer import PaperTrainer
from train.training.recipes import PAPER

pytestmark = pytest.mark.slow  # 54 M parameters

CONSOLE = Console(quiet=True)
SHORTEST = RolloutLengths(parity=2, calibration=1, comparison=2, card_seconds=0.2)


@pytest.fixture(scope="module")
def film(hats_cut: Path, tmp_path_factory: pytest.TempPathFactory) -> Film:
    return load_film(hats_cut, (256, 256), "crop", tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="module")
def run(hats_cut: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run of two training steps."""
    folder = tmp_path_factory.mktemp("run")
    config = FilmConfig(stride=12, cache=folder / "cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("train.training.fit.open_crop_features", lambda: None)  # it takes half a minute
        fit([hats_cut], folder, config, None, "paper", PAPER.defaults, Budget(steps=2), CONSOLE, rollout_seconds=0.0)
    return Run(folder)


def test_it_has_no_presets(hats_cut: Path, tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="leave --preset wall out"):
        fit([hats_cut], tmp_path, FilmConfig(), "wall", "paper", PAPER.defaults, Budget(steps=1), CONSOLE)
    assert not any(tmp_path.iterdir())


def test_it_trains_as_in_the_paper(film: Film) -> None:
    windows = FilmWindows(film, find_story(film), context_frames=1, stride=2)
    trainer = PaperTrainer(PAPER.defaults, PAPER, windows, torch.device("cpu"), bf16=False)
    assert PAPER.lambda_l1 == 100
    assert trainer.samples_per_step == 1
    for optimizer in (trainer.optimizer_g, trainer.optimizer_d):
        assert (optimizer.defaults["lr"], optimizer.defaults["betas"]) == (2e-4, (0.5, 0.999))
    scalars = trainer.step()
    assert float(scalars["loss/discriminators"]) == pytest.approx(np.log(2), abs=0.2)  # halved, at chance level
    for averaged, weight in zip(trainer.ema.parameters(), trainer.generator.parameters(), strict=True):
        assert torch.equal(averaged, weight)
    assert trainer.generator.training
    assert not trainer.ema.training  # no dropout


def test_the_run_says_what_it_is(run: Run) -> None:
    facts, settings = run.load_facts()
    assert isinstance(facts, FilmFacts)
    assert facts.size == (256, 256)
    assert settings == {"recipe": asdict(PAPER), "generator": asdict(UNetConfig()), "training": asdict(PAPER.defaults)}
    assert run.best.is_file()
    assert (run.samples / "step-000002.png").is_file()


def test_the_exported_graph_takes_the_context_alone_and_feeds_it_back(run: Run, tmp_path: Path) -> None:
    facts, settings = run.load_facts()
    assert isinstance(facts, FilmFacts)
    export_film(run, facts, settings, tmp_path / "out", CONSOLE, overwrite=False, lengths=SHORTEST)
    session = ort.InferenceSession(str(tmp_path / "out/generator.onnx"), providers=["CPUExecutionProvider"])
    assert [(put.name, put.shape) for put in session.get_inputs()] == [("context", [1, 3, 256, 256])]
    assert [put.name for put in session.get_outputs()] == ["frame", "next_context"]
    metadata = session.get_modelmeta().custom_metadata_map
    assert (metadata["context_frames"], metadata["camera_use"]) == ("1", "none")
    assert json.loads(metadata["life_signs"]) == facts.life_signs
    assert "recipe" not in metadata
    assert "| recipe | paper |" in (tmp_path / "out/README.md").read_text(encoding="utf-8")

    tail, _ = run.load_tail()
    context = tail[-1:].transpose(0, 3, 1, 2).astype(np.float32) / 127.5 - 1
    for _ in range(3):
        frame, context = session.run(["frame", "next_context"], {"context": context})
        assert frame.dtype == np.uint8
        assert frame.shape == (256, 256, 3)
        np.testing.assert_allclose(context[0], frame.transpose(2, 0, 1) / np.float32(127.5) - 1, atol=1e-6)
