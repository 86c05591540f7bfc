"""Bundles in the studio: they roll out as the checkpoint does, and errors say what to do."""

from itertools import islice
from pathlib import Path
from typing import Literal

import numpy as np
import onnx
import pytest
import torch

from tests.train.evaluation.bundles import without, without_inputs
from train.data.film import Film
from train.data.shots import find_story
from train.errors import BundleError
from train.evaluation.bundle_runner import Graph, open_bundle
from train.evaluation.reference_film import ReferenceFilm
from train.evaluation.rollout import roll_out
from train.models.generator import Generator
from train.models.show_step import draw_noise


def test_a_bundle_rolls_out_as_the_checkpoint_does(bundle: Path, generator: Generator, hats_film: Film) -> None:
    opened = open_bundle(bundle)
    assert (opened.size, opened.stride, opened.context_frames) == ((64, 48), 2, 2)
    assert (opened.fit, opened.end) == ("letterbox", 4.958)
    context = ReferenceFilm.of(hats_film, find_story(hats_film), 2, 2, None).context(119)
    ours = list(opened.graph.roll_out(context, 3, temperature=1.0, seed=5))
    theirs = list(roll_out(generator, torch.from_numpy(context), 3, temperature=1.0, seed=5))
    assert np.abs(ours[0].astype(int) - theirs[0]).max() <= 1
    assert np.abs(ours[-1].astype(int) - theirs[-1]).mean() < 1
    other = list(opened.graph.roll_out(context, 3, temperature=1.0, seed=6))
    assert not np.array_equal(ours[-1], other[-1])


def test_the_notes_go_round_with_the_context(bundle: Path, hats_film: Film) -> None:
    graph = open_bundle(bundle).graph
    context = ReferenceFilm.of(hats_film, find_story(hats_film), 2, 2, None).context(119)
    state = graph.begin(context)
    assert set(state) == {"context", "visits", "movement"}
    assert state["visits"].shape == (1, 5)
    assert not state["visits"].any()
    assert not state["movement"].any()
    frames = []
    for noise in islice(draw_noise(graph.noise_shape, 5), 3):
        frame, state = graph.step(state, noise, np.ones(1, np.float32))
        frames.append(frame)
    assert float(state["visits"][0, -1]) == pytest.approx(3 / 12)  # seconds since the beginning
    np.testing.assert_array_equal(frames, list(graph.roll_out(context, 3, temperature=1.0, seed=5)))


def test_a_bundle_that_keeps_no_notes_rolls_out_as_before(bundle: Path, tmp_path: Path) -> None:
    """As those of version 0.1.0, some of which take no camera."""
    old = Graph(without_inputs(bundle, tmp_path / "old", "visits", "movement", "camera") / "generator.onnx")
    assert not old.takes_camera
    context = np.zeros((1, 6, 48, 64), np.float32)
    state = old.begin(context)
    assert set(state) == {"context"}
    frame, state = old.step(state, np.zeros(old.noise_shape, np.float32), np.ones(1, np.float32))
    assert set(state) == {"context"}
    assert frame.shape == (48, 64, 3)
    assert len(list(old.roll_out(context, 3, temperature=1.0, seed=5))) == 3


def test_an_older_bundle_does_not_hold_how_its_film_was_read(bundle: Path, tmp_path: Path) -> None:
    opened = open_bundle(without(bundle, tmp_path / "old", "fit", "end", "film_sha256"))
    assert (opened.fit, opened.end, opened.film_sha256) == (None, None, None)
    with pytest.raises(BundleError, match="stride"):
        open_bundle(without(bundle, tmp_path / "bare", "stride"))


@pytest.mark.parametrize("provider", ["cuda", "tensorrt"])
def test_a_provider_that_does_not_work_is_an_error(bundle: Path, provider: Literal["cuda", "tensorrt"]) -> None:
    if Path("/dev/nvidiactl").exists():
        pytest.skip("this machine has an NVIDIA GPU")
    with pytest.raises(BundleError, match=f"{provider}.*leave out --provider"):
        open_bundle(bundle, provider)


def test_a_model_without_memory_cannot_be_rolled_out(tmp_path: Path) -> None:
    picture = onnx.helper.make_tensor_value_info("frame", onnx.TensorProto.UINT8, [48, 64, 3])
    camera = onnx.helper.make_tensor_value_info("camera", onnx.TensorProto.UINT8, [48, 64, 3])
    graph = onnx.helper.make_graph([onnx.helper.make_node("Identity", ["camera"], ["frame"])], "g", [camera], [picture])
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 17)], ir_version=9)
    onnx.save_model(model, str(tmp_path / "generator.onnx"))
    with pytest.raises(BundleError, match="no memory"):
        Graph(tmp_path / "generator.onnx")
