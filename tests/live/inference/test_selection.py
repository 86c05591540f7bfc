"""Who runs the network: the best that proves itself."""

import re
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
import pytest
from onnx import TensorProto, helper

from live.bundle.bundle import Bundle, read_bundle
from live.errors import BundleError, ProviderError
from live.inference import selection as providers
from live.inference import tensorrt
from live.inference.generator import SETTLED, Generator
from live.inference.model import Model
from live.inference.selection import open_model, prove
from live.inference.sessions import Candidate, missing_cuda, open_candidate
from live.settings import DEFAULT_MODEL
from live.timings import Timings
from tests.live.bundles import (
    HEIGHT,
    RATE,
    WIDTH,
    K,
    make_film,
    make_model,
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


def wrong() -> onnx.ModelProto:
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
def test_hats_plays_in_integers_where_they_are_faster(monkeypatch: pytest.MonkeyPatch) -> None:
    bundle = read_bundle(DEFAULT_MODEL, 0)
    monkeypatch.setattr(providers, "FASTER", 1e-6)
    assert open_model(bundle, "auto", Timings()).label == "CPU int8"
    monkeypatch.setattr(providers, "FASTER", 1e6)
    slow = open_model(bundle, "auto", Timings())
    assert slow.label == "CPU"
    assert "CPU int8: a step takes" in slow.passed_over
    assert open_model(bundle, "cpu", Timings(), "int8").label == "CPU int8", "who asks for it gets it"
    assert open_model(bundle, "cpu", Timings(), "fp32").label == "CPU"


def test_the_integers_of_hats_show_nearly_the_same_and_half_floats_the_same() -> None:
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
        (wrong(), "CPU int8: its pictures are"),
        (b"cut off", "CPU int8: .*not a readable ONNX model"),
        (make_model(height=16, width=16), "CPU int8: .*is another model than generator.onnx"),
    ],
)
def test_what_does_not_do_the_same_is_passed_over_and_the_plain_network_plays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, network, reason
) -> None:
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


def test_a_proof_leaves_nothing_behind(tmp_path: Path) -> None:
    folder = write_pairs_bundle(tmp_path / "pairs")
    shutil.copy(folder / "generator.onnx", folder / "generator.int8.onnx")
    model = open_model(read_bundle(folder, 0), "cpu", Timings(), "int8")
    assert model.label == "CPU int8"
    assert (model.step(None, 1.0) == 255).all(), "the negative of black: no camera has been seen"


def test_a_precision_that_the_bundle_does_not_hold_is_one_line(bundle_folder) -> None:
    with pytest.raises(ProviderError, match=r"small holds no generator\.int8\.onnx; export it again"):
        open_model(read_bundle(bundle_folder, 0), "auto", Timings(), "int8")


def test_a_network_in_another_precision_keeps_the_contract(tmp_path: Path) -> None:
    bundle = with_network(tmp_path / "b", "fp16", halved())
    assert bundle.in_precision("fp16").graph == bundle.graph
    mixed = halved()
    mixed.graph.input[0].type.tensor_type.elem_type = TensorProto.FLOAT
    with pytest.raises(BundleError, match="`context` of another type than its `next_context`"):
        with_network(tmp_path / "c", "fp16", mixed).in_precision("fp16")


# ----------------------------------------------------------------------------
# What a GPU needs, on the CPU.


def test_a_state_of_half_floats_goes_round(tmp_path: Path) -> None:
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


def test_what_is_captured_steps_alike_and_each_binding_is_a_graph_of_its_own(
    bundle_folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = []

    class Options(ort.RunOptions):
        def add_run_config_entry(self, key: str, value: str) -> None:
            named.append((key, value))
            super().add_run_config_entry(key, value)

    monkeypatch.setattr("live.inference.model.ort.RunOptions", Options)
    bundle = read_bundle(bundle_folder, 0)
    captured = open_candidate(bundle, Candidate("cpu", "fp32", captured=True))
    assert named == [("gpu_graph_id", "1"), ("gpu_graph_id", "2")]
    plain = open_model(bundle, "cpu", Timings())
    assert len(named) == 2, "what is not captured has none"
    for model in (captured, plain):
        model.reset(to_context(make_film()[-K:]))
    for _ in range(5):
        np.testing.assert_array_equal(captured.step(None, 1.0), plain.step(None, 1.0))


# ----------------------------------------------------------------------------
# The order of things with a GPU, played by the CPU.


@pytest.fixture
def pretended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A bundle with a network for GPUs, and a machine on which CUDA is there; returns what was opened, by its label.

    What is in the second set fails like that.
    """
    bundle = with_network(tmp_path / "b", "fp16", halved())
    opened: list[str] = []
    faults: dict[str, Exception] = {}
    real = providers.open_session

    def pretend(bundle: Bundle, candidate: Candidate) -> ort.InferenceSession:
        opened.append(candidate.label)
        if candidate.label in faults:
            raise faults[candidate.label]
        return real(bundle, replace(candidate, provider="cpu"))

    def on_the_cpu(*arguments, device: str, **named) -> Model:
        model = Model(*arguments, device="cpu", **named)
        model.device = device
        return model

    monkeypatch.setattr(providers, "FASTER", 1e-6)
    monkeypatch.setattr(providers, "missing_cuda", lambda: "")
    monkeypatch.setattr(tensorrt, "missing", lambda: "")
    monkeypatch.setattr(providers, "open_session", pretend)
    monkeypatch.setattr(providers, "Model", on_the_cpu)
    return bundle, opened, faults


def test_candidates_are_tried_best_first_and_the_next_where_one_fails(
    pretended, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundle, opened, faults = pretended
    monkeypatch.setattr(tensorrt, "missing", lambda: "its library is not installed")
    assert open_model(bundle, "auto", Timings()).label == "CUDA fp16, graph"
    faults["CUDA fp16, graph"] = RuntimeError("cannot be captured\nbecause")
    opened.clear()
    model = open_model(bundle, "auto", Timings())
    assert (model.label, opened) == ("CUDA fp16", ["CPU", "CUDA fp16, graph", "CUDA fp16"])
    assert model.passed_over == "CUDA fp16, graph: cannot be captured; TensorRT: its library is not installed"
    assert open_model(bundle, "cuda", Timings(), "fp32").label == "CUDA, graph"


def test_nothing_of_a_provider_without_libraries_is_tried_twice(pretended) -> None:
    bundle, opened, faults = pretended
    faults["CUDA fp16, graph"] = providers._LibrariesError("its libraries do not load (libcudnn)")
    model = open_model(bundle, "auto", Timings())
    assert (model.label, opened) == ("CPU", ["CPU", "CUDA fp16, graph"])
    assert model.passed_over == "CUDA: its libraries do not load (libcudnn)"
    with pytest.raises(ProviderError, match=r"libcudnn.*--provider cpu does without"):
        open_model(bundle, "cuda", Timings())


def test_tensorrt_gets_ready_while_cuda_plays_and_then_plays(
    pretended, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    bundle, opened, _ = pretended
    model = open_model(bundle, "tensorrt", Timings())
    assert (model.label, opened) == ("CUDA fp16, graph", ["CPU", "CUDA fp16, graph"])
    generator = Generator(model, np.random.SeedSequence(1), Timings(), RATE)
    generator.reset(make_film()[-K:])
    for step in range(2 * SETTLED):
        generator.step()
        if step == SETTLED:
            model.successor.wait()
    assert generator.model.label == "TensorRT fp16"
    assert "TensorRT fp16 takes over" in capsys.readouterr().out
    assert open_model(bundle, "tensorrt", Timings(), wait=True).label == "TensorRT fp16"


def test_tensorrt_that_fails_is_no_harm_unless_it_was_asked_and_waited_for(
    pretended, capsys: pytest.CaptureFixture[str]
) -> None:
    bundle, _, faults = pretended
    faults["TensorRT fp16"] = faults["TensorRT"] = RuntimeError("no memory")
    assert open_model(bundle, "auto", Timings(), wait=True).label == "CUDA fp16, graph"
    assert "TensorRT is not used: fp16: no memory; fp32: no memory" in capsys.readouterr().out
    with pytest.raises(ProviderError, match=r"TensorRT: fp16: no memory.*--provider cuda does without"):
        open_model(bundle, "tensorrt", Timings(), wait=True)


def test_tensorrt_that_is_slower_than_cuda_is_not_taken(
    pretended, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    bundle, _, _ = pretended
    real = providers.prove

    def timed(model: Model, bundle: Bundle) -> providers.Proof:
        return replace(real(model, bundle), seconds=2.0 if "TensorRT" in model.label else 1.0)

    monkeypatch.setattr(providers, "prove", timed)
    assert open_model(bundle, "auto", Timings(), wait=True).label == "CUDA fp16, graph"
    assert "TensorRT is not used: fp16: a step takes 2000.0 ms" in capsys.readouterr().out
