"""The choice of provider and precision: the best that proves itself."""

import re
import shutil
import subprocess
import sys
import threading
import time
import weakref
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest

from live.bundle.bundle import Bundle, read_bundle
from live.errors import BundleError, ProviderError
from live.frame import Pixels
from live.inference.model import Model
from live.inference.model_slot import SETTLED, ModelSlot
from live.inference.options import InferenceOptions, PrecisionChoice, ProviderChoice
from live.inference.proof import prove
from live.inference.search import FARTHEST
from live.inference.selection import open_model
from live.inference.sessions import (
    TRIED,
    Candidate,
    LibrariesError,
    Provider,
    missing_reason,
    open_candidate,
    open_session,
)
from live.settings import DEFAULT_MODEL
from live.timings import Timings
from tests.live.bundles import K, make_film, make_half_model, make_model, write_bundle, write_pairs_bundle
from tests.live.waiting import SECONDS

without_gpu = pytest.mark.skipif(not missing_reason("cuda"), reason="this machine has an NVIDIA driver")

# A candidate must be so many times as fast: any is fast enough, and none is.
ANY, NONE = 1e-6, 1e6


def options(provider: ProviderChoice = "auto", precision: PrecisionChoice = "auto") -> InferenceOptions:
    return InferenceOptions(provider=provider, precision=precision)


def with_wrong_levels() -> onnx.ModelProto:
    """Return a network of the same form whose pictures are something else."""
    model = make_model()
    scale = next(each for each in model.graph.initializer if each.name == "half")
    scale.CopyFrom(onnx.numpy_helper.from_array(np.array(20.0, np.float32), "half"))
    return model


# ----------------------------------------------------------------------------
# The CPU.


@without_gpu
def test_beside_a_show_sessions_are_opened_and_closed_in_gaps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bundle = read_bundle(write_bundle(tmp_path / "b", int8=make_model()), 0)
    events: list[str] = []
    step = Model.step

    def counted(self: Model, *arguments: Any, **named: Any) -> Pixels:
        events.append("step")
        return step(self, *arguments, **named)

    monkeypatch.setattr(Model, "step", counted)

    def open_with(bundle: Bundle, candidate: Candidate) -> Model:
        events.append(f"open {candidate.label}")
        model = open_candidate(bundle, candidate)
        weakref.finalize(model, lambda: events.append(f"close {candidate.label}"))
        return model

    slot = open_model(
        bundle, options(), Timings(), faster=ANY, open_with=open_with, in_gap=lambda: events.append("gap")
    )
    assert slot.label == "CPU int8"
    heavy = [number for number, event in enumerate(events) if event != "gap"]
    assert {events[number] for number in heavy} == {"open CPU", "open CPU int8", "step", "close CPU"}
    assert {events[number - 1] for number in heavy} == {"gap"}, "each comes right after the wait for a gap"


@without_gpu
def test_hats_plays_in_integers_where_they_are_faster() -> None:
    bundle = read_bundle(DEFAULT_MODEL, 0)
    assert open_model(bundle, options(), Timings(), faster=ANY).label == "CPU int8"
    slow = open_model(bundle, options(), Timings(), faster=NONE)
    assert slow.label == "CPU"
    assert "CPU int8: a step takes" in slow.passed_over
    asked = open_model(bundle, options("cpu", "int8"), Timings(), faster=NONE)
    assert asked.label == "CPU int8", "a precision that was asked for need not be fast"
    assert open_model(bundle, options("cpu", "fp32"), Timings()).label == "CPU"


@without_gpu
def test_what_proved_itself_in_the_process_before_is_opened_at_once() -> None:
    bundle, opened = read_bundle(DEFAULT_MODEL, 0), list[str]()

    def open_with(bundle: Bundle, candidate: Candidate) -> Model:
        opened.append(candidate.label)
        return open_candidate(bundle, candidate)

    slot = open_model(bundle, options(), Timings(), faster=NONE, proven="CPU int8", open_with=open_with)
    assert (slot.label, opened) == ("CPU int8", ["CPU int8"])
    for asked, proven in ((options("cpu", "fp32"), "CPU int8"), (options("cpu"), "CPU"), (options(), "CPU int4")):
        opened.clear()
        assert open_model(bundle, asked, Timings(), faster=NONE, proven=proven, open_with=open_with).label == "CPU"
        assert opened[0] == "CPU"


@without_gpu
def test_what_proved_itself_and_does_not_open_any_more_is_searched_for(tmp_path: Path) -> None:
    bundle = read_bundle(write_bundle(tmp_path / "b", int8=b"no network"), 0)
    assert open_model(bundle, options(), Timings(), proven="CPU int8").label == "CPU"


@without_gpu
def test_what_was_too_slow_in_a_noisy_moment_is_proven_again_beside_the_show() -> None:
    bundle = read_bundle(DEFAULT_MODEL, 0)
    noise, opened, proven = threading.Event(), list[str](), list[int]()
    noise.set()

    class Disturbed(Model):
        def _run(self, turn: int) -> None:
            if threading.current_thread() is not threading.main_thread():
                proven.append(turn)
            if noise.is_set():
                time.sleep(0.8)
            super()._run(turn)

    class Slow(Model):
        """On a processor without instructions for 8-bit integers, these are hardly faster."""

        def _run(self, turn: int) -> None:
            time.sleep(0.3)
            super()._run(turn)

    def open_with(bundle: Bundle, candidate: Candidate) -> Model:
        opened.append(candidate.label)
        made = Disturbed if candidate.precision == "int8" else Slow
        model = made(open_session(bundle, candidate), bundle.graph, label=candidate.label)
        model.warm_up()
        return model

    slot = open_model(bundle, options(), Timings(), faster=1.0, retry_seconds=(0, 0), open_with=open_with)
    assert slot.label == "CPU"
    assert "CPU int8: a step takes" in slot.passed_over
    slot.reset(bundle.film.frames[-bundle.graph.context_frames :])
    end = time.perf_counter() + SECONDS
    while not proven:
        assert time.perf_counter() < end
        slot.step(None, 0.0)
    assert slot.label == "CPU"
    noise.clear()
    end = time.perf_counter() + SECONDS
    while slot.label == "CPU":
        assert time.perf_counter() < end
        slot.step(None, 0.0)
    assert "int8" not in slot.passed_over
    count = len(opened)
    for _ in range(3):
        slot.step(None, 0.0)
    assert len(opened) == count, "what plays is not proven again"


def test_int8_of_hats_shows_nearly_the_same_and_fp16_the_same() -> None:
    bundle = read_bundle(DEFAULT_MODEL, 0)
    plain, int8, fp16 = (
        prove(open_candidate(bundle, Candidate("cpu", precision)), bundle) for precision in ("fp32", "int8", "fp16")
    )
    assert 0 < int8.distance(plain) < FARTHEST / 2
    assert 0 < fp16.distance(plain) < 0.2


@without_gpu
@pytest.mark.parametrize(
    ("network", "reason"),
    [
        (with_wrong_levels(), "CPU int8: its pictures are"),
        (b"cut off", "CPU int8: .*not a readable ONNX model"),
        (make_model(height=16, width=16), "CPU int8: .*is another model than generator.onnx"),
    ],
)
def test_a_network_that_does_not_do_the_same_is_passed_over_and_the_plain_one_plays(
    tmp_path: Path, network: onnx.ModelProto | bytes, reason: str
) -> None:
    bundle = read_bundle(write_bundle(tmp_path / "b", int8=network), 0)
    timings = Timings()
    model = open_model(bundle, options(), timings, faster=ANY)
    assert model.label == "CPU"
    assert re.search(reason, model.passed_over)
    assert timings["session"].count == 0, "a proof is no part of the show"
    model.step(None, 0.0)
    assert timings["session"].count == 1
    with pytest.raises(ProviderError, match=reason):
        open_model(bundle, options("cpu", "int8"), Timings())


def test_a_proof_leaves_nothing_behind(tmp_path: Path) -> None:
    folder = write_pairs_bundle(tmp_path / "pairs")
    shutil.copy(folder / "generator.onnx", folder / "generator.int8.onnx")
    model = open_model(read_bundle(folder, 0), options("cpu", "int8"), Timings())
    assert model.label == "CPU int8"
    assert (model.step(None, 1.0) == 255).all(), "the negative of black: no camera has been seen"


def test_a_precision_that_the_bundle_does_not_hold_is_one_line(bundle_folder: Path) -> None:
    with pytest.raises(ProviderError, match=r"small holds no generator\.int8\.onnx; export it again"):
        open_model(read_bundle(bundle_folder, 0), options("auto", "int8"), Timings())


def test_a_network_that_onnx_runtime_refuses_is_one_line(tmp_path: Path) -> None:
    broken = make_model()
    broken.graph.node[-1].input[0] = "nobody makes this"
    bundle = read_bundle(write_bundle(tmp_path / "b", broken), 0)
    with pytest.raises(BundleError, match="ONNX Runtime cannot run the network of b") as caught:
        open_model(bundle, options("cpu"), Timings())
    assert "\n" not in str(caught.value)


# ----------------------------------------------------------------------------
# Machines without CUDA.


@without_gpu
def test_without_cuda_auto_takes_the_cpu_and_cuda_says_why_not(bundle_folder: Path) -> None:
    bundle = read_bundle(bundle_folder, 0)
    model = open_model(bundle, options(), Timings())
    assert model.label == "CPU"
    assert model.passed_over.startswith("CUDA: ")
    with pytest.raises(ProviderError, match=r"CUDA: .*use --provider cpu instead"):
        open_model(bundle, options("cuda"), Timings())


@without_gpu
def test_cuda_libraries_that_do_not_load_are_passed_over_in_silence(bundle_folder: Path) -> None:
    # A driver that is there, but nothing else: ONNX Runtime then complains on stdout and stderr of the process.
    script = (
        "import ctypes, pathlib, sys\n"
        "class CDLL(ctypes.CDLL):\n"
        "    def __init__(self, name, *arguments, **named):\n"
        "        super().__init__(None if name == 'libcuda.so.1' else name, *arguments, **named)\n"
        "ctypes.CDLL = CDLL\n"
        "from live.bundle.bundle import read_bundle\n"
        "from live.inference.options import InferenceOptions\n"
        "from live.inference.selection import open_model\n"
        "from live.timings import Timings\n"
        "model = open_model(read_bundle(pathlib.Path(sys.argv[1]), 0), InferenceOptions(), Timings())\n"
        "print(model.label, '|', model.passed_over)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(bundle_folder)], capture_output=True, text=True, check=True, timeout=120
    )
    assert done.stderr == ""
    assert done.stdout.startswith("CPU | CUDA: ")
    assert done.stdout.count("\n") == 1


# ----------------------------------------------------------------------------
# The order of things on a GPU, played by the CPU.


class SlowModel(Model):
    """Model whose step takes at least 50 ms."""

    def step(self, *arguments: Any, **named: Any) -> Pixels:
        """Wait, then step."""
        time.sleep(0.05)
        return super().step(*arguments, **named)


class PretendedGpu:
    """Machine on which CUDA and TensorRT seem to work. The CPU plays both."""

    def __init__(self) -> None:
        self.opened: list[str] = []
        """Labels of the candidates that were opened, in order."""
        self.faults: dict[str, Exception] = {}
        """Exception that opening a candidate raises, by label."""
        self.reasons: dict[Provider, str] = {}
        """Reason why a provider is missing."""
        self.slow: set[str] = set()
        """Labels of the models that are slow."""

    def missing(self, provider: Provider) -> str:
        return self.reasons.get(provider, "another machine has it" if provider in TRIED else "")

    def open_candidate(self, bundle: Bundle, candidate: Candidate) -> Model:
        label = candidate.label
        self.opened.append(label)
        if label in self.faults:
            raise self.faults[label]
        session = open_session(bundle, replace(candidate, provider="cpu"))
        made = SlowModel if label in self.slow else Model
        model = made(session, bundle.graph, label=label, captured=candidate.captured)
        model.device = "cpu" if candidate.provider == "cpu" else "cuda"
        return model

    def open_model(self, bundle: Bundle, wanted: InferenceOptions, *, wait: bool = False) -> ModelSlot:
        return open_model(
            bundle, wanted, Timings(), wait=wait, faster=ANY, missing=self.missing, open_with=self.open_candidate
        )


@pytest.fixture
def gpu() -> PretendedGpu:
    return PretendedGpu()


@pytest.fixture
def bundle(tmp_path: Path) -> Bundle:
    """Return a bundle with a network for GPUs."""
    return read_bundle(write_bundle(tmp_path / "b", fp16=make_half_model()), 0)


def test_candidates_are_tried_best_first_and_the_next_where_one_fails(gpu: PretendedGpu, bundle: Bundle) -> None:
    gpu.reasons["tensorrt"] = "its library is not installed"
    assert gpu.open_model(bundle, options()).label == "CUDA fp16, graph"
    gpu.faults["CUDA fp16, graph"] = RuntimeError("cannot be captured\nbecause")
    gpu.opened.clear()
    model = gpu.open_model(bundle, options())
    assert (model.label, gpu.opened) == ("CUDA fp16", ["CPU", "CUDA fp16, graph", "CUDA fp16"])
    assert model.passed_over == "CUDA fp16, graph: cannot be captured; TensorRT: its library is not installed"
    assert gpu.open_model(bundle, options("cuda", "fp32")).label == "CUDA, graph"


def test_nothing_of_a_provider_without_libraries_is_tried_twice(gpu: PretendedGpu, bundle: Bundle) -> None:
    gpu.faults["CUDA fp16, graph"] = LibrariesError("its libraries do not load (libcudnn)")
    model = gpu.open_model(bundle, options())
    assert (model.label, gpu.opened) == ("CPU", ["CPU", "CUDA fp16, graph"])
    assert model.passed_over == "CUDA: its libraries do not load (libcudnn)"
    with pytest.raises(ProviderError, match=r"libcudnn.*use --provider cpu instead"):
        gpu.open_model(bundle, options("cuda"))


def test_a_gpu_that_fails_in_the_show_is_replaced_by_the_plain_network(
    gpu: PretendedGpu, bundle: Bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = gpu.open_model(bundle, options("cuda"))
    model.reset(make_film()[-K:])

    def fail(*_arguments: object) -> None:
        raise RuntimeError("CUDA error")

    monkeypatch.setattr(model._model, "_run", fail)
    model.step(None, 0.0)
    assert (model.label, gpu.opened[-1]) == ("CPU", "CPU")
    monkeypatch.setattr(model._model, "_run", fail)
    model.step(None, 0.0)
    assert (model.label, gpu.opened[-1]) == ("CPU", "CPU"), "the CPU's network is opened anew"


def test_tensorrt_gets_ready_while_cuda_plays_and_then_plays(
    gpu: PretendedGpu, bundle: Bundle, capsys: pytest.CaptureFixture[str]
) -> None:
    model = gpu.open_model(bundle, options("tensorrt"))
    assert (model.label, gpu.opened) == ("CUDA fp16, graph", ["CPU", "CUDA fp16, graph"])
    model.reset(make_film()[-K:])
    for _ in range(SETTLED):
        assert model.label == "CUDA fp16, graph"
        model.step(None, 0.0)
    end = time.perf_counter() + 60
    while model.label != "TensorRT fp16" and time.perf_counter() < end:
        model.step(None, 0.0)
    assert model.label == "TensorRT fp16"
    assert "TensorRT fp16 takes over" in capsys.readouterr().out
    assert gpu.open_model(bundle, options("tensorrt"), wait=True).label == "TensorRT fp16"


def test_tensorrt_that_fails_is_no_harm_unless_it_was_asked_and_waited_for(
    gpu: PretendedGpu, bundle: Bundle, capsys: pytest.CaptureFixture[str]
) -> None:
    gpu.faults["TensorRT fp16"] = gpu.faults["TensorRT"] = RuntimeError("no memory")
    assert gpu.open_model(bundle, options(), wait=True).label == "CUDA fp16, graph"
    assert "TensorRT is not used: fp16: no memory; fp32: no memory" in capsys.readouterr().out
    with pytest.raises(ProviderError, match=r"TensorRT: fp16: no memory.*use --provider cuda instead"):
        gpu.open_model(bundle, options("tensorrt"), wait=True)


def test_tensorrt_that_is_slower_than_cuda_is_not_taken_unless_it_was_asked_for(
    gpu: PretendedGpu, bundle: Bundle, capsys: pytest.CaptureFixture[str]
) -> None:
    gpu.slow = {"TensorRT fp16", "TensorRT"}
    assert gpu.open_model(bundle, options(), wait=True).label == "CUDA fp16, graph"
    assert re.search(r"TensorRT is not used: fp16: a step takes \d+\.\d ms", capsys.readouterr().out)
    assert gpu.open_model(bundle, options("tensorrt"), wait=True).label == "TensorRT fp16"
