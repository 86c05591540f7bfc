"""Bundle of an untrained network."""

from pathlib import Path

import pytest
import torch

from train.data.film import content_hash
from train.export.export import write_graph
from train.models.generator import Generator, GeneratorConfig
from train.runtime.run_folder import FilmFacts


@pytest.fixture(scope="session")
def generator() -> Generator:
    """An untrained generator without a memory."""
    torch.manual_seed(0)
    return Generator(GeneratorConfig(guided=False)).eval()


@pytest.fixture(scope="session")
def bundle(generator: Generator, hats_cut: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle as far as an evaluation needs it: its graph."""
    folder = tmp_path_factory.mktemp("models") / "hats"
    folder.mkdir()
    facts = FilmFacts("Hats", "ours", content_hash(hats_cut), (64, 48), "12", 2, 5.0, "letterbox", 4.958, {})
    write_graph(folder / "generator.onnx", generator, facts, [0])
    return folder
