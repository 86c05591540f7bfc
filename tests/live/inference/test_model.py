from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
import pytest
from numpy.typing import NDArray

from live.bundle.bundle import Bundle, read_bundle
from live.inference.model import Model
from live.inference.sessions import PLAIN, Candidate, open_candidate
from live.timings import Timings
from tests.live.bundles import (
    HEIGHT,
    LIGHT,
    WIDTH,
    K,
    make_film,
    make_half_model,
    make_model,
    next_state,
    same_picture,
    to_context,
    write_bundle,
)


@pytest.fixture
def bundle(bundle_folder: Path) -> Bundle:
    return read_bundle(bundle_folder, 0)


@pytest.fixture
def model(bundle: Bundle) -> Model:
    return open_candidate(bundle, PLAIN)


@pytest.fixture
def camera_model(camera_bundle: Path) -> Model:
    return open_candidate(read_bundle(camera_bundle, 0), PLAIN)


@pytest.fixture
def visits_model(visits_bundle: Path) -> Model:
    return open_candidate(read_bundle(visits_bundle, 0), PLAIN)


def draw(random: np.random.Generator) -> NDArray[np.float32]:
    return random.standard_normal((1, 1, HEIGHT, WIDTH), np.float32)


def test_a_rollout_is_the_networks_arithmetic(model: Model) -> None:
    context = to_context(make_film()[-K:])
    model.begin(context)
    random = np.random.default_rng(1)
    for step in range(50):
        noise = draw(random)
        temperature = step % 5 / 2
        expected, context = next_state(context, noise, temperature)
        frame = model.step(noise, temperature)
        assert frame.dtype == np.uint8
        assert frame.shape == (HEIGHT, WIDTH, 3)
        assert same_picture(frame, expected), f"step {step}"


def test_the_caller_may_keep_a_frame(model: Model) -> None:
    model.begin(to_context(make_film()[-K:]))
    first = model.step(draw(np.random.default_rng(1)), 1.0)
    copy = first.copy()
    model.step(draw(np.random.default_rng(2)), 1.0)
    np.testing.assert_array_equal(first, copy)


@pytest.mark.parametrize("steps_before", [0, 1, 2, 3])
def test_a_new_state_replaces_everything_whichever_buffer_is_next(model: Model, steps_before: int) -> None:
    context = to_context(make_film()[-K:])
    noise = draw(np.random.default_rng(1))
    model.begin(context)
    expected = [model.step(noise, 1.0) for _ in range(3)]
    model.begin(to_context(make_film()[:K]))
    for _ in range(steps_before):
        model.step(noise, 1.0)
    model.begin(context)
    for frame in expected:
        np.testing.assert_array_equal(model.step(noise, 1.0), frame)


def test_the_state_can_be_read_and_put_back_after_any_step(model: Model) -> None:
    context = to_context(make_film()[-K:])
    noise = draw(np.random.default_rng(1))
    for steps in range(4):
        model.begin(context)
        for _ in range(steps):
            model.step(noise, 1.0)
        state = model.context()
        assert state.shape == (1, 3 * K, HEIGHT, WIDTH)
        assert state.dtype == np.float32
        expected = [model.step(noise, 1.0) for _ in range(3)]
        kept = state.copy()
        model.set_context(state)
        np.testing.assert_array_equal(model.context(), kept)
        for frame in expected:
            np.testing.assert_array_equal(model.step(noise, 1.0), frame)
        np.testing.assert_array_equal(state, kept)


def test_a_camera_is_followed_as_closely_as_each_step_asks(camera_model: Model) -> None:
    context = to_context(make_film()[-K:])
    camera_model.begin(context)
    random = np.random.default_rng(1)
    for step, mix in enumerate([0.5, 1.0, 0.0, 0.25, 1.0]):
        noise, camera = draw(random), make_film()[step * 7]
        expected, context = next_state(context, noise, 1.0, camera, mix)
        assert same_picture(camera_model.step(noise, 1.0, camera, mix), expected), f"step {step}"


def test_a_camera_with_a_mix_of_0_changes_no_bit_whatever_it_saw(model: Model, camera_model: Model) -> None:
    noise = draw(np.random.default_rng(1))
    camera_model.step(noise, 1.0, make_film()[3], 1.0)
    for each in (model, camera_model):
        each.begin(to_context(make_film()[-K:]))
    for _ in range(3):
        np.testing.assert_array_equal(camera_model.step(noise, 1.0), model.step(noise, 1.0))


def test_a_model_without_memory_keeps_the_last_camera_picture(pairs_bundle: Path) -> None:
    model = open_candidate(read_bundle(pairs_bundle, 0), PLAIN)
    camera = make_film()[9]
    frame = model.step(None, 1.0, camera, 1.0)
    np.testing.assert_array_equal(frame, 255 - camera)
    np.testing.assert_array_equal(model.step(None, 1.0, None, 1.0), frame)


def test_only_the_run_of_the_session_is_counted_as_session(model: Model) -> None:
    timings = Timings(now=iter(range(100)).__next__)
    model.step(None, 1.0)
    assert timings["session"].count == 0
    model.step(None, 1.0, timings=timings)
    assert (timings["session"].count, timings["session"].total) == (1, 1)


def test_the_graph_that_runs_is_the_one_that_was_checked(tmp_path: Path) -> None:
    folder = write_bundle(tmp_path / "b")
    bundle = read_bundle(folder, 0)
    onnx.save(make_model(height=16, width=16), folder / "generator.onnx")
    assert open_candidate(bundle, PLAIN).step(None, 0.0).shape == (HEIGHT, WIDTH, 3)


# ----------------------------------------------------------------------------
# Visits: the test network is lighter the more steps it has noted, and an all-grey context shows how many.

GREY = np.zeros((1, 3 * K, HEIGHT, WIDTH), np.float32)


def noted(model: Model) -> int:
    """Return how many steps a model has noted, and take another one from a grey context."""
    model.set_context(GREY)
    frame = model.step(None, 0.0)
    assert (frame == frame[0, 0, 0]).all()
    return round((int(frame[0, 0, 0]) / 127.5 - 1) / LIGHT)


def test_visits_go_round_with_the_context(visits_model: Model) -> None:
    visits_model.begin(GREY)
    older = newest = 0.0
    for step in range(12):
        older, newest = newest, 0.9 * newest + 0.1 * older + LIGHT * step
        frame = visits_model.step(None, 0.0)
        assert abs(int(frame[0, 0, 0]) - round((min(newest, 1) + 1) * 127.5)) <= 1, f"step {step}"


@pytest.mark.parametrize("steps_before", [0, 1, 2, 3])
def test_a_continuation_begins_without_visits_whichever_buffer_is_next(visits_model: Model, steps_before: int) -> None:
    assert noted(visits_model) == 0, "nothing is left of warming up"
    for _ in range(steps_before):
        visits_model.step(None, 0.0)
    visits_model.begin(to_context(make_film()[-K:]))
    assert [noted(visits_model) for _ in range(3)] == [0, 1, 2]


def test_visits_are_kept_when_the_context_alone_is_replaced(visits_model: Model) -> None:
    visits_model.begin(GREY)
    for steps in range(5):
        visits_model.set_context(to_context(make_film()[:K]))
        visits_model.set_context(visits_model.context())
        assert noted(visits_model) == steps
    visits_model.clear()
    assert noted(visits_model) == 0


@pytest.mark.parametrize("steps", [2, 3])
def test_another_model_takes_over_context_and_visits(visits_bundle: Path, visits_model: Model, steps: int) -> None:
    other = open_candidate(read_bundle(visits_bundle, 0), PLAIN)
    other.step(None, 1.0)  # another buffer is next
    visits_model.begin(0.1 * to_context(make_film()[-K:]))
    for _ in range(steps):
        visits_model.step(None, 0.0)
    other.take_over(visits_model)
    for _ in range(3):
        np.testing.assert_array_equal(other.step(None, 0.0), visits_model.step(None, 0.0))
    assert noted(other) == noted(visits_model) == steps + 3


def test_a_model_in_half_floats_takes_over_and_gives_back(tmp_path: Path) -> None:
    bundle = read_bundle(write_bundle(tmp_path / "b", fp16=make_half_model()), 0)
    half, plain, again = (open_candidate(bundle, each) for each in (Candidate("cpu", "fp16"), PLAIN, PLAIN))
    plain.begin(to_context(make_film()[-K:]))
    plain.step(None, 0.0)
    half.take_over(plain)
    again.take_over(half)
    np.testing.assert_allclose(again.context(), plain.context(), atol=0.001)
    assert again.context().dtype == np.float32


# ----------------------------------------------------------------------------
# Requirements of a GPU, tested on the CPU.


def test_a_state_of_half_floats_goes_round(tmp_path: Path) -> None:
    bundle = read_bundle(write_bundle(tmp_path / "b", fp16=make_half_model()), 0)
    half, plain = open_candidate(bundle, Candidate("cpu", "fp16")), open_candidate(bundle, PLAIN)
    for model in (half, plain):
        model.begin(to_context(make_film()[-K:]))
    random = np.random.default_rng(1)
    for _ in range(20):
        noise = draw(random)
        one, other = half.step(noise, 1.0), plain.step(noise, 1.0)
        assert np.abs(one.astype(int) - other).max() <= 1
    assert half.context().dtype == np.float32
    np.testing.assert_allclose(half.context(), plain.context(), atol=0.01)


def test_each_binding_is_captured_as_a_graph_of_its_own_and_steps_alike(
    bundle: Bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    entries = []

    class RunOptions(ort.RunOptions):  # type: ignore[misc]  # ONNX Runtime has no types
        def add_run_config_entry(self, key: str, value: str) -> None:
            entries.append((key, value))
            super().add_run_config_entry(key, value)

    monkeypatch.setattr("live.inference.model.ort.RunOptions", RunOptions)
    captured = open_candidate(bundle, Candidate("cpu", "fp32", captured=True))
    assert entries == [("gpu_graph_id", "1"), ("gpu_graph_id", "2")]
    plain = open_candidate(bundle, PLAIN)
    assert len(entries) == 2, "bindings that are not captured have no graph"
    for model in (captured, plain):
        model.begin(to_context(make_film()[-K:]))
    for _ in range(5):
        np.testing.assert_array_equal(captured.step(None, 1.0), plain.step(None, 1.0))
