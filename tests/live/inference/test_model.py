import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest

from live.bundle.bundle import read_bundle
from live.errors import BundleError, ProviderError
from live.inference.selection import open_model
from live.timings import Timings
from tests.live.bundles import (
    HEIGHT,
    WIDTH,
    K,
    make_film,
    make_model,
    next_state,
    same_picture,
    to_context,
    write_bundle,
)


@pytest.fixture
def model(bundle_folder):
    return open_model(read_bundle(bundle_folder, 0), "cpu", Timings())


def draw(random: np.random.Generator) -> np.ndarray:
    return random.standard_normal((1, 1, HEIGHT, WIDTH), np.float32)


def test_a_rollout_is_the_networks_arithmetic(model) -> None:
    context = to_context(make_film()[-K:])
    model.reset(context)
    random = np.random.default_rng(1)
    for step in range(50):
        noise = draw(random)
        temperature = step % 5 / 2
        expected, context = next_state(context, noise, temperature)
        frame = model.step(noise, temperature)
        assert frame.dtype == np.uint8
        assert frame.shape == (HEIGHT, WIDTH, 3)
        assert same_picture(frame, expected), f"step {step}"


def test_a_frame_is_the_callers_to_keep(model) -> None:
    model.reset(to_context(make_film()[-K:]))
    first = model.step(draw(np.random.default_rng(1)), 1.0)
    copy = first.copy()
    model.step(draw(np.random.default_rng(2)), 1.0)
    np.testing.assert_array_equal(first, copy)


@pytest.mark.parametrize("steps_before", [0, 1, 2, 3])
def test_reset_forgets_everything_whichever_buffer_is_next(model, steps_before) -> None:
    context = to_context(make_film()[-K:])
    noise = draw(np.random.default_rng(1))
    model.reset(context)
    expected = [model.step(noise, 1.0) for _ in range(3)]
    model.reset(to_context(make_film()[:K]))
    for _ in range(steps_before):
        model.step(noise, 1.0)
    model.reset(context)
    for frame in expected:
        np.testing.assert_array_equal(model.step(noise, 1.0), frame)


@pytest.fixture
def seeing(camera_bundle):
    return open_model(read_bundle(camera_bundle, 0), "cpu", Timings())


def test_a_camera_is_followed_as_closely_as_is_asked_at_each_step(seeing) -> None:
    context = to_context(make_film()[-K:])
    seeing.reset(context)
    random = np.random.default_rng(1)
    for step, mix in enumerate([0.5, 1.0, 0.0, 0.25, 1.0]):
        noise, camera = draw(random), make_film()[step * 7]
        expected, context = next_state(context, noise, 1.0, camera, mix)
        assert same_picture(seeing.step(noise, 1.0, camera, mix), expected), f"step {step}"


def test_a_camera_that_is_mixed_in_by_nothing_changes_no_bit_whatever_it_saw(model, seeing) -> None:
    noise = draw(np.random.default_rng(1))
    seeing.step(noise, 1.0, make_film()[3], 1.0)
    for each in (model, seeing):
        each.reset(to_context(make_film()[-K:]))
    for _ in range(3):
        np.testing.assert_array_equal(seeing.step(noise, 1.0), model.step(noise, 1.0))


def test_a_model_without_memory_shows_what_the_camera_sees_and_else_what_it_saw(pairs_bundle) -> None:
    model = open_model(read_bundle(pairs_bundle, 0), "cpu", Timings())
    camera = make_film()[9]
    frame = model.step(None, 1.0, camera, 1.0)
    np.testing.assert_array_equal(frame, 255 - camera)
    np.testing.assert_array_equal(model.step(None, 1.0, None, 1.0), frame)


def test_only_the_session_itself_is_timed_as_session(bundle_folder) -> None:
    timings = Timings()
    model = open_model(read_bundle(bundle_folder, 0), "cpu", timings)
    assert timings["session"].count == 0, "warming up is not part of the show"
    model.step(None, 1.0)
    assert timings["session"].count == 1


def test_a_network_that_onnx_runtime_refuses_is_one_line(tmp_path: Path) -> None:
    broken = make_model()
    broken.graph.node[-1].input[0] = "nobody makes this"
    bundle = read_bundle(write_bundle(tmp_path / "b", broken), 0)
    with pytest.raises(BundleError, match="ONNX Runtime cannot run the network of b") as caught:
        open_model(bundle, "cpu", Timings())
    assert "\n" not in str(caught.value)


def cuda_works() -> bool:
    import ctypes

    try:
        ctypes.CDLL("libcuda.so.1")
    except OSError:
        return False
    return True


@pytest.mark.skipif(cuda_works(), reason="this machine has an NVIDIA driver")
def test_without_cuda_auto_takes_the_cpu_and_cuda_says_why_not(bundle_folder) -> None:
    bundle = read_bundle(bundle_folder, 0)
    model = open_model(bundle, "auto", Timings())
    assert model.label == "CPU"
    assert model.passed_over.startswith("CUDA: ")
    with pytest.raises(ProviderError, match=r"CUDA: .*--provider cpu does without"):
        open_model(bundle, "cuda", Timings())


@pytest.mark.skipif(cuda_works(), reason="this machine has an NVIDIA driver")
def test_cuda_libraries_that_do_not_load_are_passed_over_in_silence(bundle_folder) -> None:
    # A driver that is there, but nothing else: ONNX Runtime then complains on stdout and stderr of the process.
    script = (
        "import ctypes, pathlib, sys\n"
        "ctypes.CDLL = lambda *a, load=ctypes.CDLL, **k: load(None) if 'libcuda.so.1' in a else load(*a, **k)\n"
        "from live.bundle.bundle import read_bundle\n"
        "from live.inference.selection import open_model\n"
        "from live.timings import Timings\n"
        "model = open_model(read_bundle(pathlib.Path(sys.argv[1]), 0), 'auto', Timings())\n"
        "print(model.label, '|', model.passed_over)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, bundle_folder], capture_output=True, text=True, check=True, timeout=120
    )
    assert done.stderr == ""
    assert done.stdout.startswith("CPU | CUDA: ")
    assert done.stdout.count("\n") == 1


def test_the_graph_that_runs_is_the_one_that_was_checked(tmp_path: Path) -> None:
    folder = write_bundle(tmp_path / "b")
    bundle = read_bundle(folder, 0)
    onnx.save(make_model(height=16, width=16), folder / "generator.onnx")
    open_model(bundle, "cpu", Timings()).step(None, 0.0)


def test_the_state_can_be_read_and_put_back_after_any_step(model) -> None:
    context = to_context(make_film()[-K:])
    noise = draw(np.random.default_rng(1))
    for steps in range(4):
        model.reset(context)
        for _ in range(steps):
            model.step(noise, 1.0)
        state = model.state()
        assert (state.shape, state.dtype) == ((1, 3 * K, HEIGHT, WIDTH), np.float32)
        expected = [model.step(noise, 1.0) for _ in range(3)]
        kept = state.copy()
        model.reset(state)
        np.testing.assert_array_equal(model.state(), kept)
        for frame in expected:
            np.testing.assert_array_equal(model.step(noise, 1.0), frame)
        np.testing.assert_array_equal(state, kept)
