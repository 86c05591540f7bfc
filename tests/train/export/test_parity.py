"""The exported graph computes what the checkpoint computes: pictures, what stands in them, visits and movement."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from tests.train.export.runs import LIFE_SIGNS
from train.data.film import Film
from train.data.film_course import FilmCourse
from train.data.film_windows import FilmWindows
from train.data.shots import find_story
from train.evaluation.bundle_runner import Graph, State
from train.export.onnx_file import write_graph
from train.export.parity import check_parity
from train.models.generator import Generator, GeneratorConfig
from train.models.show_step import ShowStep, advance, first_context
from train.runtime.run_folder import FilmFacts

SHAPE = GeneratorConfig(channels=(16, 32), blocks=(0, 1), scale=2)
FACTS = FilmFacts("Hats", "ours", "0" * 64, (64, 48), "12", 2, 5.0, "crop", 4.96, LIFE_SIGNS)


@pytest.fixture(scope="module")
def generator(hats_film: Film) -> Generator:
    """A generator that paints and draws something, whose gate lets half of the picture stand."""
    torch.manual_seed(0)
    windows = FilmWindows(hats_film, find_story(hats_film), context_frames=2, stride=2, scale=SHAPE.scale)
    course = FilmCourse(windows, cell=SHAPE.cell)
    made = Generator(SHAPE, course.memory, course.dramaturgy).eval()
    head = made.recurrence.paint.head
    assert head.bias is not None
    torch.nn.init.normal_(head.weight, std=0.1)
    torch.nn.init.normal_(made.enlarger.head.weight, std=0.1)
    with torch.no_grad():
        head.bias[12:] = -9.0
    return made


@pytest.fixture(scope="module")
def path(generator: Generator, tmp_path_factory: pytest.TempPathFactory) -> Path:
    graph = tmp_path_factory.mktemp("graph") / "generator.onnx"
    write_graph(graph, generator, FACTS, [0])
    return graph


@pytest.fixture(scope="module")
def context(hats_film: Film) -> Tensor:
    return first_context(np.array(hats_film.frames[60:63:2]), 2)


class Watched(Graph):
    """Graph that keeps the visits of every step."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.visits: list[np.ndarray] = []

    def run(self, inputs: dict[str, np.ndarray]) -> tuple[np.ndarray, State]:
        self.visits.append(inputs["visits"])
        return super().run(inputs)


def test_the_graph_computes_what_the_checkpoint_does(path: Path, generator: Generator, context: Tensor) -> None:
    parity = check_parity(generator, Graph(path), context, 80)
    assert parity.steps == 80
    assert parity.worst_step <= 1
    assert parity.differing < 0.001
    assert parity.drift < 2


def test_both_have_the_visits_of_their_own_past(path: Path, generator: Generator, context: Tensor) -> None:
    graph = Watched(path)
    check_parity(generator, graph, context, 4)  # in the first half each step is computed twice, in both pasts
    elapsed = [float(visits[0, -1]) for visits in graph.visits]
    assert elapsed == pytest.approx([0, 0, 1 / 12, 1 / 12, 2 / 12, 3 / 12])


@torch.no_grad()
def test_the_next_visits_are_equal_and_what_stands_is_equal_to_the_bit(
    path: Path, generator: Generator, context: Tensor
) -> None:
    show, graph = ShowStep(generator), Graph(path)
    visits = np.array([[0.5, 0.0, 1.0, 20.0, 60.0]], np.float32)
    noise, one = np.random.default_rng(0).standard_normal(graph.noise_shape, np.float32), np.ones(1, np.float32)
    inputs = graph.inputs(graph.begin(context.numpy()) | {"visits": visits}, noise, one, None, 0.0)
    frame, state = graph.run(inputs)
    expected, ours = advance(show, {name: torch.from_numpy(value) for name, value in inputs.items()})
    np.testing.assert_allclose(state["visits"], ours["visits"].numpy(), rtol=1e-6)
    last = np.rint((context[0, 3:].permute(1, 2, 0).numpy() + 1) * 127.5)
    stands = (expected.numpy() == last).all(2)
    assert 0.1 < stands.mean() < 0.9
    np.testing.assert_array_equal(frame[stands], last[stands])
    stays, _ = graph.run(inputs | {"visits": np.zeros_like(visits)})
    assert not np.array_equal(stays, frame)  # it leaves the shot only because of its visits


@torch.no_grad()
def test_a_movement_in_front_of_the_camera_is_seen_alike(path: Path, generator: Generator, context: Tensor) -> None:
    show, graph = ShowStep(generator), Graph(path)
    rng = np.random.default_rng(0)
    room, square = rng.integers(0, 256, (48, 64, 3), np.uint8), rng.integers(0, 256, (16, 16, 3), np.uint8)
    one, theirs = np.ones(1, np.float32), graph.begin(context.numpy())
    for step in range(6):
        camera = room.copy()
        camera[16:32, 8 + 4 * step : 24 + 4 * step] = square
        inputs = graph.inputs(theirs, rng.standard_normal(graph.noise_shape, np.float32), one, camera, 1.0)
        frame, theirs = graph.run(inputs)
        expected, ours = advance(show, {name: torch.from_numpy(value) for name, value in inputs.items()})
        assert np.abs(frame.astype(int) - expected.numpy()).max() <= 1
        np.testing.assert_allclose(theirs["movement"], ours["movement"].numpy(), atol=1e-4)
    moving = theirs["movement"][0, 1]
    assert 0.05 < (moving > 0.5).mean() < 0.7
