"""The network in fewer bits shows the same, and is left out of the bundle where it does not."""

from pathlib import Path

import numpy as np
import onnx
import pytest
import torch

from tests.train.export.runs import LIFE_SIGNS, export_run, train_a_little
from train.data.film import Film
from train.data.film_course import FilmCourse
from train.data.film_windows import FilmWindows
from train.data.shots import find_story
from train.errors import BundleError
from train.evaluation.bundle_runner import NOTES, Graph, open_bundle
from train.export.export import RolloutLengths
from train.export.onnx_file import write_graph
from train.export.quantization import Likeness, compare, halved, play, quantise
from train.models.generator import Generator, GeneratorConfig
from train.models.show_step import first_context
from train.runtime.run_folder import FilmFacts

SHAPE = GeneratorConfig(channels=(16, 32), blocks=(0, 1), scale=2)
FACTS = FilmFacts("Hats", "ours", "0" * 64, (64, 48), "12", 2, 5.0, "crop", 4.96, LIFE_SIGNS)


@pytest.fixture(scope="module")
def generator(hats_film: Film) -> Generator:
    """A generator with random weights in the last layers too, so that every convolution affects the picture."""
    torch.manual_seed(0)
    windows = FilmWindows(hats_film, find_story(hats_film), context_frames=2, stride=2, scale=2)
    course = FilmCourse(windows, cell=SHAPE.cell)
    made = Generator(SHAPE, course.memory, course.dramaturgy)
    for weight in made.parameters():
        if not weight.any():
            torch.nn.init.normal_(weight, std=0.02)
    return made.eval()


@pytest.fixture(scope="module")
def fp32(generator: Generator, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("fp32") / "generator.onnx"
    write_graph(path, generator, FACTS, [0])
    return path


@pytest.fixture(scope="module")
def context(hats_film: Film) -> np.ndarray:
    return first_context(np.array(hats_film.frames[60:63:2]), 2).numpy()


def apart(one: Path, other: Path, context: np.ndarray) -> float:
    """Return the mean difference over steps from the same states, in levels of 0…255."""
    steps = [(inputs, frame) for inputs, frame in play(Graph(one), context, 12)]
    theirs = Graph(other)
    state = np.float16 if ".fp16" in other.name else np.float32
    made = [theirs.run({**inputs, "context": inputs["context"].astype(state)})[0] for inputs, _ in steps]
    return float(np.mean([np.abs(a.astype(int) - b).mean() for a, (_, b) in zip(made, steps, strict=True)]))


def test_the_middle_of_the_network_is_in_integers_and_its_ends_are_not(
    fp32: Path, context: np.ndarray, tmp_path: Path
) -> None:
    out = tmp_path / "generator.int8.onnx"
    quantise(fp32, out, context, 8)
    assert 0 < apart(fp32, out, context) < 8
    model = onnx.load(str(out))
    kinds = {node.output[0]: node.op_type for node in model.graph.node}
    convolutions = [node for node in model.graph.node if node.op_type == "Conv"]
    for node in convolutions:
        end = any(layer in node.name for layer in ("/paint/head/", "/stem/", "/smooth/", "/motion/"))
        assert (kinds.get(node.input[1]) == "DequantizeLinear") != end, node.name
    assert len(convolutions) > 10
    assert Graph(out).metadata == Graph(fp32).metadata
    assert {(each.domain, each.version) for each in model.opset_import} == {("", 17)}


def test_calibration_plays_the_network_with_a_camera(fp32: Path, context: np.ndarray) -> None:
    inputs = [inputs for inputs, _ in play(Graph(fp32), context, 8)]
    assert [float(each["camera_mix"][0]) for each in inputs] == [0, 0, 0, 0, 0.25, 0.5, 0.75, 1.0]
    assert inputs[-1]["camera"].any()
    clocks = [float(each["visits"][0, -1]) for each in inputs]
    assert clocks == pytest.approx([step / 12 for step in range(8)])


def test_half_floats_show_the_same_and_keep_the_context_in_half(
    generator: Generator, fp32: Path, context: np.ndarray, tmp_path: Path
) -> None:
    out = tmp_path / "generator.fp16.onnx"
    write_graph(out, halved(generator), FACTS, [0])
    assert apart(fp32, out, context) < 0.5
    assert out.stat().st_size < 0.75 * fp32.stat().st_size
    model = onnx.load(str(out))
    half = onnx.TensorProto.FLOAT16
    types = {put.name: put.type.tensor_type.elem_type for put in (*model.graph.input, *model.graph.output)}
    assert (types["context"], types["next_context"]) == (half, half)
    assert {types[name] for name in ("noise", *NOTES, *(f"next_{name}" for name in NOTES))} == {onnx.TensorProto.FLOAT}
    assert next(generator.parameters()).dtype == torch.float32, "the generator itself is unchanged"


def test_a_camera_at_mix_0_changes_no_bit_of_the_int8_network(fp32: Path, context: np.ndarray, tmp_path: Path) -> None:
    out = tmp_path / "generator.int8.onnx"
    quantise(fp32, out, context, 8)
    graph = Graph(out)
    noise, one = np.ones(graph.noise_shape, np.float32), np.ones(1, np.float32)
    rng = np.random.default_rng(1)
    seen = rng.integers(0, 256, (*context.shape[2:], 3), np.uint8)
    state = graph.begin(context)
    moved = state | {"movement": rng.standard_normal(state["movement"].shape, np.float32)}
    alone, watched = graph.step(state, noise, one, None, 0.0), graph.step(moved, noise, one, seen, 0.0)
    np.testing.assert_array_equal(alone[0], watched[0])
    for name in ("context", "visits"):
        np.testing.assert_array_equal(alone[1][name], watched[1][name])
    whole = graph.step(moved, noise, one, seen, 1.0)
    assert not np.array_equal(whole[0], alone[0])


def test_a_network_is_sufficient_within_the_bars(fp32: Path, context: np.ndarray) -> None:
    same = compare(fp32, fp32, context, 6)
    assert same == Likeness(1.0, 1.0)
    assert same.sufficient
    for other in (Likeness(0.7, 1), Likeness(1.4, 1), Likeness(1, 0.4), Likeness(1, 2.5)):
        assert not other.sufficient


def test_the_bundle_leaves_out_an_insufficient_network_and_the_card_says_so(
    hats_film: Film, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = train_a_little(hats_film, tmp_path / "run", SHAPE)

    def unlike(fp32: Path, other: Path, context: np.ndarray, steps: int) -> Likeness:
        return Likeness(0.5 if ".int8." in other.name else 1.0, 1.0)

    monkeypatch.setattr("train.export.quantization.compare", unlike)
    export_run(run, tmp_path / "out", lengths=RolloutLengths(parity=4, calibration=4, comparison=6, card_seconds=1))
    names = {each.name for each in (tmp_path / "out").iterdir()}
    assert "generator.fp16.onnx" in names
    assert "generator.int8.onnx" not in names
    card = (tmp_path / "out/README.md").read_text(encoding="utf-8")
    assert (
        "generator.int8.onnx: over 6 steps, sharpness is 0.50 and motion 1.00 times that of the fp32 network; left out"
        in card
    )

    opened = open_bundle(tmp_path / "out/generator.fp16.onnx")
    assert opened.name == "out fp16"
    start = first_context(np.array(hats_film.frames[60:63:2]), 2).numpy()
    frames = [*opened.graph.roll_out(start, 3, temperature=1.0, seed=0)]
    assert frames[0].shape == (48, 64, 3)
    with pytest.raises(BundleError, match="there is no bundle"):
        open_bundle(tmp_path / "out/seed.mkv")
