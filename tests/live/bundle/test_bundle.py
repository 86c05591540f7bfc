import json
import os
from fractions import Fraction
from pathlib import Path

import numpy as np
import onnx
import pytest

from live.bundle.bounds import LARGEST_MODEL_BYTES
from live.bundle.bundle import read_bundle
from live.bundle.life_signs import LifeSigns
from live.errors import BundleError
from tests.live.bundles import (
    FILM_FRAMES,
    HEIGHT,
    METADATA,
    RATE,
    WIDTH,
    K,
    make_film,
    make_half_model,
    make_model,
    write_bundle,
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_bundle(tmp_path / "b")


def refused(folder: Path) -> str:
    """Return the one line with which a bundle is refused."""
    with pytest.raises(BundleError) as caught:
        read_bundle(folder, tail_seconds=3)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def rewrite(folder: Path, model: onnx.ModelProto) -> Path:
    onnx.save(model, folder / "generator.onnx")
    return folder


def test_a_whole_bundle_is_read(bundle_folder: Path) -> None:
    bundle = read_bundle(bundle_folder, tail_seconds=100)
    assert (bundle.title, bundle.name) == ("A Test", "small")
    assert (bundle.frame_rate, bundle.stride) == (Fraction(RATE), 2)
    assert (bundle.graph.height, bundle.graph.width, bundle.graph.context_frames) == (HEIGHT, WIDTH, K)
    assert bundle.graph.inputs == {"context", "noise", "temperature"}
    assert bundle.film.complete
    np.testing.assert_array_equal(bundle.film.frames, make_film())
    assert bundle.film.shot_starts == (0, 20, 45)
    assert bundle.life_signs is None


def test_only_as_much_film_is_decoded_as_the_tail_and_its_context_need(bundle_folder: Path) -> None:
    film = read_bundle(bundle_folder, tail_seconds=2).film
    assert not film.complete
    np.testing.assert_array_equal(film.frames, make_film()[-(2 * RATE + K) :])
    assert film.shot_starts == (0, 45 - (FILM_FRAMES - 2 * RATE - K))
    np.testing.assert_array_equal(read_bundle(bundle_folder, tail_seconds=0).film.frames, make_film()[-K:])


def test_a_frame_rate_of_film_and_a_camera_are_within_the_contract(tmp_path: Path) -> None:
    model = make_model(camera=True, metadata=METADATA | {"frame_rate": "12000/1001"})
    bundle = read_bundle(write_bundle(tmp_path / "b", model), tail_seconds=1)
    assert bundle.frame_rate == Fraction(12000, 1001)
    assert bundle.graph.inputs == {"context", "noise", "temperature", "camera", "camera_mix"}


def test_a_model_without_memory_needs_no_film(pairs_bundle: Path) -> None:
    bundle = read_bundle(pairs_bundle, tail_seconds=3)
    assert bundle.graph.inputs == {"camera"}
    assert bundle.graph.context_frames == 0
    assert bundle.film.frames.shape == (0, HEIGHT, WIDTH, 3)
    assert bundle.film.tail_length(3, bundle.frame_rate) == 0
    assert not (pairs_bundle / "seed.mkv").exists()


def test_life_signs_are_read(folder: Path) -> None:
    given = {"sharpness": [0.1, 0.5], "motion": 0.001, "stillness": 0.5, "colour": [[0.1, 0.7]] * 3}
    rewrite(folder, make_model(metadata=METADATA | {"life_signs": json.dumps(given)}))
    assert read_bundle(folder, 3).life_signs == LifeSigns((0.1, 0.5), ((0.1, 0.7),) * 3, 0.001, 0.5)


def test_missing_parts(folder: Path, tmp_path: Path) -> None:
    assert "there is no model folder" in refused(tmp_path / "nothing")
    (folder / "seed.mkv").rename(tmp_path / "seed.mkv")
    assert "seed.mkv is missing" in refused(folder)
    (folder / "generator.onnx").unlink()
    assert "generator.onnx is missing" in refused(folder)
    (folder / "generator.onnx").mkdir()
    assert "cannot be read" in refused(folder)


def test_a_film_renamed_to_a_network_is_refused(folder: Path) -> None:
    (folder / "generator.onnx").write_bytes((folder / "seed.mkv").read_bytes())
    assert "something else renamed" in refused(folder)


def test_a_model_that_is_too_large_is_not_even_read(folder: Path) -> None:
    # A sparse file: it takes no room on the disk.
    os.truncate(folder / "generator.onnx", LARGEST_MODEL_BYTES + 1)
    assert "it has more than the 512 MiB that" in refused(folder)


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("frame_rate", "fast", "frame_rate is 'fast'"),
        ("frame_rate", "1/0", "frame_rate is '1/0'"),
        ("frame_rate", "0", "frame_rate is '0'"),
        ("frame_rate", "-12", "frame_rate is '-12'"),
        ("frame_rate", "100000", "frame_rate is '100000'"),
        ("stride", "0", "stride is '0'"),
        ("stride", "two", "stride is 'two'"),
        ("seed_shot_starts", "nonsense", "seed_shot_starts is 'nonsense'"),
        ("seed_shot_starts", "{}", "seed_shot_starts is '{}'"),
        ("seed_shot_starts", "[0, 1.5]", "seed_shot_starts is '[0, 1.5]'"),
        ("seed_shot_starts", "[]", "does not describe 60 frames"),
        ("life_signs", "{}", "life_signs is '{}'"),
    ],
)
def test_metadata_must_make_sense(folder: Path, key: str, value: str, message: str) -> None:
    assert message in refused(rewrite(folder, make_model(metadata=METADATA | {key: value})))


def test_a_network_in_another_precision_keeps_the_contract(tmp_path: Path) -> None:
    bundle = read_bundle(write_bundle(tmp_path / "b", fp16=make_half_model(), int8=make_model(height=16, width=16)), 0)
    half = bundle.in_precision("fp16")
    assert half.graph == bundle.graph
    assert half.model_bytes == (tmp_path / "b" / "generator.fp16.onnx").read_bytes()
    assert bundle.in_precision("fp32") is bundle
    with pytest.raises(BundleError, match=r"generator\.int8\.onnx is another model than generator\.onnx"):
        bundle.in_precision("int8")
