"""Who runs the network: the best that proves itself, and a better one while the show goes on."""

import re
import shutil
import threading
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from live import providers, tensorrt
from live.bundle import Bundle, read_bundle
from live.errors import BundleError, ProviderError
from live.generator import Generator
from live.model import Model
from live.noise import Noise
from live.providers import Candidate, missing_cuda, open_candidate, open_model, prove
from live.settings import DEFAULT_MODEL
from live.successor import Successor
from live.timings import Timings

from .bundles import (
    HEIGHT,
    RATE,
    WIDTH,
    K,
    make_film,
    make_model,
    same_picture,
    to_context,
    write_bundle,
    write_pairs_bundle,
)

without_gpu = pytest.mark.skipif(not missing_cuda(), reason="this machine has an NVIDIA driver")


def with_network(folder: Path, precision: str, model: onnx.ModelProto | bytes) -> Bundle:
    """A bundle that holds `model` as its network in another precision."""
    data = model if isinstance(model, bytes) else model.SerializeToString()
    write_bundle(folder)
    (folder / f"generator.{precision}.onnx").write_bytes(data)
    return read_bundle(folder, 0)


def inverted() -> onnx.ModelProto:
    """A network of the same form that shows something else."""
    model = make_model()
    scale = next(each for each in model.graph.initializer if each.name == "half")
    scale.CopyFrom(onnx.numpy_helper.from_array(np.array(20.0, np.float32), "half"))
    return model


def halved() -> onnx.ModelProto:
    """The test network with a state of half floats."""
    model = make_model()
    for put in (*model.graph.input, *model.graph.output):
        if put.name in ("context", "next_context"):
            put.type.tensor_type.elem_type = TensorProto.FLOAT16
    for node in model.graph.node:
        node.input[:] = ["whole" if name == "context" else name for name in node.input]
        node.output[:] = ["whole_next" if name == "next_context" else name for name in node.output]
    model.graph.node.insert(0, helper.make_node("Cast", ["context"], ["whole"], to=TensorProto.FLOAT))
    model.graph.node.append(helper.make_node("Cast", ["whole_next"], ["next_context"], to=TensorProto.FLOAT16))
    return model


# ----------------------------------------------------------------------------
# The choice.


@without_gpu
def test_hats_plays_in_integers_where_they_are_faster(monkeypatch):
    bundle = read_bundle(DEFAULT_MODEL, 0)
    monkeypatch.setattr(providers, "FASTER", 1e-6)
    assert open_model(bundle, "auto", Timings()).label == "CPU int8"
    monkeypatch.setattr(providers, "FASTER", 1e6)
    slow = open_model(bundle, "auto", Timings())
    assert slow.label == "CPU"
    assert "CPU int8: a step takes" in slow.passed_over
    assert open_model(bundle, "cpu", Timings(), "int8").label == "CPU int8", "who asks for it gets it"
    assert open_model(bundle, "cpu", Timings(), "fp32").label == "CPU"


def test_the_integers_of_hats_show_nearly_the_same_and_half_floats_the_same():
    bundle = read_bundle(DEFAULT_MODEL, 0)
    shown = {
        precision: prove(open_candidate(bundle, Candidate("cpu", precision)), bundle).frames
        for precision in ("fp32", "int8", "fp16")
    }
    apart = {
        name: np.abs(np.stack(frames).astype(int) - np.stack(shown["fp32"])).mean() for name, frames in shown.items()
    }
    assert 0 < apart["int8"] < providers.FARTHEST / 2
    assert 0 < apart["fp16"] < 0.2


@without_gpu
@pytest.mark.parametrize(
    ("network", "reason"),
    [
        (inverted(), "CPU int8: its pictures are"),
        (b"cut off", "CPU int8: .*not a readable ONNX model"),
        (make_model(height=16, width=16), "CPU int8: .*is another model than generator.onnx"),
    ],
)
def test_what_does_not_do_the_same_is_passed_over_and_the_plain_network_plays(tmp_path, monkeypatch, network, reason):
    monkeypatch.setattr(providers, "FASTER", 1e-6)
    bundle = with_network(tmp_path / "b", "int8", network)
    timings = Timings()
    model = open_model(bundle, "auto", timings)
    assert model.label == "CPU"
    assert re.search(reason, model.passed_over)
    assert timings["session"].count == 0, "a proof is no part of the show"
    model.step(None, 0.0)
    assert timings["session"].count == 1
    with pytest.raises(ProviderError, match=reason):
        open_model(bundle, "cpu", Timings(), "int8")


def test_a_proof_leaves_nothing_behind(tmp_path):
    folder = write_pairs_bundle(tmp_path / "pairs")
    shutil.copy(folder / "generator.onnx", folder / "generator.int8.onnx")
    model = open_model(read_bundle(folder, 0), "cpu", Timings(), "int8")
    assert model.label == "CPU int8"
    assert (model.step(None, 1.0) == 255).all(), "the negative of black: no camera has been seen"


def test_a_precision_that_the_bundle_does_not_hold_is_one_line(bundle_folder):
    with pytest.raises(ProviderError, match=r"small holds no generator\.int8\.onnx; export it again"):
        open_model(read_bundle(bundle_folder, 0), "auto", Timings(), "int8")


def test_a_network_in_another_precision_keeps_the_contract(tmp_path):
    bundle = with_network(tmp_path / "b", "fp16", halved())
    assert bundle.in_precision("fp16").graph == bundle.graph
    mixed = halved()
    mixed.graph.input[0].type.tensor_type.elem_type = TensorProto.FLOAT
    with pytest.raises(BundleError, match="`context` of another type than its `next_context`"):
        with_network(tmp_path / "c", "fp16", mixed).in_precision("fp16")


# ----------------------------------------------------------------------------
# What a GPU needs, on the CPU.


def test_a_state_of_half_floats_goes_round(tmp_path):
    bundle = with_network(tmp_path / "b", "fp16", halved())
    half, plain = open_model(bundle, "cpu", Timings(), "fp16"), open_model(bundle, "cpu", Timings())
    for model in (half, plain):
        model.reset(to_context(make_film()[-K:]))
    random = np.random.default_rng(1)
    for _ in range(20):
        noise = random.standard_normal((1, 1, HEIGHT, WIDTH), np.float32)
        one, other = half.step(noise, 1.0), plain.step(noise, 1.0)
        assert np.abs(one.astype(int) - other).max() <= 1
    assert half.state().dtype == np.float32
    np.testing.assert_allclose(half.state(), plain.state(), atol=0.01)


def test_what_is_captured_steps_alike(bundle_folder):
    bundle = read_bundle(bundle_folder, 0)
    captured = open_candidate(bundle, Candidate("cpu", "fp32", captured=True))
    plain = open_model(bundle, "cpu", Timings())
    for model in (captured, plain):
        model.reset(to_context(make_film()[-K:]))
    for _ in range(5):
        np.testing.assert_array_equal(captured.step(None, 1.0), plain.step(None, 1.0))


def test_noise_that_is_drawn_ahead_is_the_same(bundle_folder):
    seeds = np.random.SeedSequence(3).spawn(2)
    ahead, plain = (Noise(4, 6, seeds[0], ahead=ahead) for ahead in (True, False))
    for seed in seeds:
        for noise in (ahead, plain):
            noise.renew(seed)
        for _ in range(3):
            np.testing.assert_array_equal(ahead.draw(), plain.draw())


# ----------------------------------------------------------------------------
# A better one, later.


def test_a_successor_takes_over_between_two_frames_and_nobody_sees_it(bundle_folder):
    bundle = read_bundle(bundle_folder, 0)
    ready = threading.Event()

    def better() -> Model:
        ready.wait(30)
        return open_model(bundle, "cpu", Timings())

    first = open_model(bundle, "cpu", Timings())
    first.successor = Successor(better, name="the better one")
    changing, plain = (
        Generator(model, np.random.SeedSequence(1), Timings(), RATE)
        for model in (first, open_model(bundle, "cpu", Timings()))
    )
    for generator in (changing, plain):
        generator.reset(make_film()[-K:])
    for step in range(9):
        if step == 4:
            assert changing.model is first
            ready.set()
            first.successor.wait()
        assert same_picture(changing.step(), plain.step())
    assert changing.model is not first


def test_a_successor_that_cannot_be_made_is_one_line_and_the_show_goes_on(bundle_folder, capsys):
    def broken() -> Model:
        raise RuntimeError("no engine")

    model = open_model(read_bundle(bundle_folder, 0), "cpu", Timings())
    model.successor = Successor(broken, name="TensorRT")
    model.successor.wait()
    generator = Generator(model, np.random.SeedSequence(1), Timings(), RATE)
    generator.step()
    assert generator.model is model
    assert capsys.readouterr().out == "TensorRT is not used: no engine\n"


@pytest.fixture
def cache(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path))
    return tensorrt.cache_folder()


def test_an_engine_is_kept_for_the_next_show(cache):
    asked = []

    def build(options: dict[str, str]) -> str:
        folder = Path(options["trt_engine_cache_path"])
        asked.append([each.name for each in folder.iterdir()])
        (folder / "engine").write_text("whole")
        return "session"

    for _ in range(2):
        assert tensorrt.open_session(b"network", half=True, open_with=build) == "session"
    assert asked == [[], ["engine"]]
    assert len([*cache.iterdir()]) == 1
    tensorrt.open_session(b"another", half=True, open_with=build)
    tensorrt.open_session(b"network", half=False, open_with=build)
    assert len([*cache.iterdir()]) == 3, "each network and precision has its own"


def test_a_broken_engine_is_thrown_away_and_built_again(cache, capsys):
    def build(options: dict[str, str]) -> str:
        engine = Path(options["trt_engine_cache_path"]) / "engine"
        if engine.exists() and engine.read_text() != "whole":
            raise RuntimeError("deserialization failed")
        engine.write_text("whole")
        return "session"

    tensorrt.open_session(b"network", half=True, open_with=build)
    (folder,) = cache.iterdir()
    (folder / "engine").write_text("half of it")
    assert tensorrt.open_session(b"network", half=True, open_with=build) == "session"
    assert (folder / "engine").read_text() == "whole"
    assert "was broken; it is built again" in capsys.readouterr().out


def test_an_engine_that_cannot_be_built_leaves_nothing_behind(cache):
    def fail(_options: dict[str, str]) -> str:
        raise RuntimeError("out of memory")

    for _ in range(2):
        with pytest.raises(RuntimeError, match="out of memory"):
            tensorrt.open_session(b"network", half=True, open_with=fail)
    assert [*cache.iterdir()] == []
    shutil.rmtree(cache)
