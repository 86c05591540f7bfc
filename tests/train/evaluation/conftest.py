"""Bundle of an untrained network."""

from pathlib import Path

import pytest
import torch

from train.data.film import Film
from train.data.film_course import FilmCourse
from train.data.film_windows import FilmWindows
from train.data.probing.film_file import content_hash
from train.data.shots import find_story
from train.export.onnx_file import write_graph
from train.models.generator import Generator, GeneratorConfig
from train.runtime.run_folder import FilmFacts


@pytest.fixture(scope="session")
def generator(hats_film: Film) -> Generator:
    """An untrained generator."""
    torch.manual_seed(0)
    windows = FilmWindows(hats_film, find_story(hats_film), context_frames=2, stride=2, scale=4)
    course = FilmCourse(windows)
    return Generator(GeneratorConfig(), course.memory, course.dramaturgy).eval()


@pytest.fixture(scope="session")
def bundle(generator: Generator, hats_cut: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle as far as an evaluation needs it: its graph."""
    folder = tmp_path_factory.mktemp("models") / "hats"
    folder.mkdir()
    facts = FilmFacts("Hats", "ours", content_hash(hats_cut), (64, 48), "12", 2, 5.0, "letterbox", 4.958, {})
    write_graph(folder / "generator.onnx", generator, facts, [0])
    return folder
