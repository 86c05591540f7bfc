import json
import os
import pickle
from fractions import Fraction
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from live.bundle.bundle import LARGEST_MODEL_BYTES, read_bundle
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
    make_model,
    write_bundle,
    write_film,
)


def test_a_whole_bundle_is_read(bundle_folder) -> None:
    bundle = read_bundle(bundle_folder, tail_seconds=100)
    assert (bundle.title, bundle.rights, bundle.name) == ("A Test", "none", "small")
    assert (bundle.frame_rate, bundle.stride) == (Fraction(RATE), 2)
    assert (bundle.graph.height, bundle.graph.width, bundle.graph.context_frames) == (HEIGHT, WIDTH, K)
    assert bundle.graph.inputs == {"context", "noise", "temperature"}
    assert bundle.film.complete
    np.testing.assert_array_equal(bundle.film.frames, make_film())
    assert bundle.film.shot_starts == (0, 20, 45)


def test_only_as_much_film_is_decoded_as_the_tail_and_its_context_need(bundle_folder) -> None:
    film = read_bundle(bundle_folder, tail_seconds=2).film
    assert not film.complete
    np.testing.assert_array_equal(film.frames, make_film()[-(2 * RATE + K) :])
    assert film.shot_starts == (0, 45 - (FILM_FRAMES - 2 * RATE - K))
    np.testing.assert_array_equal(read_bundle(bundle_folder, tail_seconds=0).film.frames, make_film()[-K:])


def test_a_rate_of_film_and_a_camera_are_within_the_contract(tmp_path: Path) -> None:
    model = make_model(camera=True, metadata=METADATA | {"frame_rate": "12000/1001"})
    bundle = read_bundle(write_bundle(tmp_path / "b", model), tail_seconds=1)
    assert bundle.frame_rate == Fraction(12000, 1001)
    assert bundle.graph.inputs == {"context", "noise", "temperature", "camera", "camera_mix"}


def test_a_model_without_memory_needs_no_film(pairs_bundle) -> None:
    bundle = read_bundle(pairs_bundle, tail_seconds=3)
    assert bundle.graph.inputs == {"camera"}
    assert bundle.graph.context_frames == 0
    assert bundle.film.frames.shape == (0, HEIGHT, WIDTH, 3)
    assert bundle.film.tail_length(3, bundle.frame_rate) == 0
    assert not (pairs_bundle / "seed.mkv").exists()


def refused(folder: Path) -> str:
    with pytest.raises(BundleError) as caught:
        read_bundle(folder, tail_seconds=3)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def rewrite(folder: Path, model: onnx.ModelProto) -> Path:
    onnx.save(model, folder / "generator.onnx")
    return folder


@pytest.fixture
def folder(tmp_path: Path):
    return write_bundle(tmp_path / "b")


def test_missing_parts(folder, tmp_path: Path) -> None:
    assert "there is no model folder" in refused(tmp_path / "nothing")
    (folder / "seed.mkv").rename(tmp_path / "seed.mkv")
    assert "seed.mkv is missing" in refused(folder)
    (folder / "generator.onnx").unlink()
    assert "generator.onnx is missing" in refused(folder)
    (folder / "generator.onnx").mkdir()
    assert "cannot be read" in refused(folder)


@pytest.mark.parametrize("share", [0.0, 0.01, 0.3, 0.7, 0.9])
def test_a_model_that_is_cut_off(folder, share) -> None:
    path = folder / "generator.onnx"
    os.truncate(path, int(share * path.stat().st_size))
    message = refused(folder)
    assert "cut off" in message or "lacks the metadata" in message


def test_something_else_renamed(folder) -> None:
    path = folder / "generator.onnx"
    path.write_bytes(pickle.dumps({"weights": np.zeros(1000)}))
    assert "something else renamed" in refused(folder)
    path.write_bytes((folder / "seed.mkv").read_bytes())
    assert "something else renamed" in refused(folder)
    path.write_text("<html>404</html>")
    assert "something else renamed" in refused(folder)


def test_a_pickle_is_never_loaded(folder, tmp_path: Path):
    class Bomb:
        def __reduce__(self):
            return (Path.touch, (tmp_path / "exploded",))

    (folder / "generator.onnx").write_bytes(pickle.dumps(Bomb()))
    refused(folder)
    assert not (tmp_path / "exploded").exists()


def test_a_model_that_is_too_large_is_not_even_read(folder) -> None:
    # A sparse file: it takes no room on the disk.
    os.truncate(folder / "generator.onnx", LARGEST_MODEL_BYTES + 1)
    assert "more than the 512 MiB" in refused(folder)


@pytest.mark.parametrize("key", sorted(METADATA))
def test_metadata_must_be_complete(folder, key) -> None:
    metadata = {name: value for name, value in METADATA.items() if name != key}
    message = refused(rewrite(folder, make_model(metadata=metadata)))
    assert f"lacks the metadata {key};" in message


def test_no_metadata_at_all_names_all_of_it(folder) -> None:
    message = refused(rewrite(folder, make_model(metadata={})))
    assert "lacks the metadata format_version, title, rights" in message


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("format_version", "2", "format version 2, this stage plays version 1"),
        ("frame_rate", "fast", "frame_rate is 'fast'"),
        ("frame_rate", "1/0", "frame_rate is '1/0'"),
        ("frame_rate", "0", "frame_rate is '0'"),
        ("frame_rate", "-12", "frame_rate is '-12'"),
        ("frame_rate", "100000", "frame_rate is '100000'"),
        ("stride", "0", "stride is '0'"),
        ("stride", "two", "stride is 'two'"),
        ("context_frames", "3", "context of 6 channels, but its metadata says 3 frames"),
        ("seed_shot_starts", "nonsense", "seed_shot_starts is 'nonsense'"),
        ("seed_shot_starts", "{}", "seed_shot_starts is '{}'"),
        ("seed_shot_starts", "[0, 1.5]", "seed_shot_starts is '[0, 1.5]'"),
        ("seed_shot_starts", "[]", "does not describe 60 frames"),
        ("seed_shot_starts", "[5, 9]", "does not describe 60 frames"),
        ("seed_shot_starts", "[0, 9, 9]", "does not describe 60 frames"),
        ("seed_shot_starts", "[0, 60]", "does not describe 60 frames"),
        ("seed_shot_starts", "[0, 59]", "a cut lies within its last 2 frames"),
    ],
)
def test_metadata_must_make_sense(folder, key, value, said) -> None:
    assert said in refused(rewrite(folder, make_model(metadata=METADATA | {key: value})))


def test_external_data(folder) -> None:
    model = make_model()
    model.graph.initializer.append(numpy_helper.from_array(np.zeros(5000, np.float32), "weights"))
    onnx.save(
        model,
        folder / "generator.onnx",
        save_as_external_data=True,
        location="weights.bin",
        size_threshold=1024,
    )
    assert "keeps weights in other files" in refused(folder)


def external(name: str) -> TensorProto:
    tensor = TensorProto(name=name, data_type=TensorProto.FLOAT, dims=[4])
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="/etc/passwd")
    return tensor


def test_external_data_hidden_in_a_node_or_in_a_branch(folder) -> None:
    model = make_model()
    model.graph.node.append(helper.make_node("Constant", [], ["hidden"], value=external("hidden")))
    assert "keeps weights in other files" in refused(rewrite(folder, model))

    model = make_model()
    value = helper.make_tensor_value_info("hidden", TensorProto.FLOAT, [4])
    branch = helper.make_graph([], "branch", [], [value], [external("hidden")])
    model.graph.node.append(helper.make_node("If", ["yes"], ["x"], then_branch=branch, else_branch=branch))
    assert "keeps weights in other files" in refused(rewrite(folder, model))


@pytest.mark.parametrize("domain", ["com.microsoft", "org.example"])
def test_custom_operators(folder, domain) -> None:
    model = make_model()
    model.graph.node.append(helper.make_node("Gelu", ["context"], ["x"], domain=domain))
    model.opset_import.append(helper.make_opsetid(domain, 1))
    assert f"needs custom operators ({domain})" in refused(rewrite(folder, model))

    model = make_model()
    inner = helper.make_graph([helper.make_node("Gelu", ["context"], ["y"], domain=domain)], "branch", [], [])
    model.graph.node.append(helper.make_node("If", ["yes"], ["x"], then_branch=inner, else_branch=inner))
    assert f"needs custom operators ({domain})" in refused(rewrite(folder, model))


def info(name: str, kind: int, shape: list[int | str]) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, kind, shape)


@pytest.mark.parametrize(
    ("name", "kind", "shape", "said"),
    [
        ("context", TensorProto.DOUBLE, [1, 6, 48, 64], "must be float or float16 [1, 6, 48, 64], but is double"),
        ("context", TensorProto.FLOAT16, [1, 6, 48, 64], "`context` of another type than its `next_context`"),
        ("context", TensorProto.FLOAT, [1, 7, 48, 64], "[1, 7, 48, 64]"),
        ("context", TensorProto.FLOAT, [1, 6, 48, 32], "float16 [1, 6, 48, 64], but is float [1, 6, 48, 32]"),
        ("context", TensorProto.FLOAT, ["batch", 6, 48, 64], "but is float [?, 6, 48, 64]"),
        ("context", TensorProto.FLOAT, [6, 48, 64], "but is float [6, 48, 64]"),
        ("noise", TensorProto.FLOAT, [1, 3, 48, 64], "`noise` must be float [1, 1, 48, 64]"),
        ("temperature", TensorProto.FLOAT, [], "`temperature` must be float [1], but is float []"),
        ("temperature", TensorProto.DOUBLE, [1], "but is double [1]"),
    ],
)
def test_inputs_must_keep_to_the_table(folder, name, kind, shape, said) -> None:
    model = make_model()
    for index, given in enumerate(model.graph.input):
        if given.name == name:
            model.graph.input[index].CopyFrom(info(name, kind, shape))
    assert said in refused(rewrite(folder, model))


@pytest.mark.parametrize(
    ("name", "kind", "shape", "said"),
    [
        ("frame", TensorProto.FLOAT, [48, 64, 3], "`frame` must be uint8"),
        ("frame", TensorProto.UINT8, [48, 64, 4], "but is uint8 [48, 64, 4]"),
        ("frame", TensorProto.UINT8, ["h", 64, 3], "but is uint8 [?, 64, 3]"),
        ("frame", TensorProto.UINT8, [96, 64, 3], "must be float or float16 [1, 6, 96, 64]"),
        ("next_context", TensorProto.FLOAT, [1, 3, 48, 64], "but is float"),
    ],
)
def test_outputs_must_keep_to_the_table(folder, name, kind, shape, said) -> None:
    model = make_model()
    for index, given in enumerate(model.graph.output):
        if given.name == name:
            model.graph.output[index].CopyFrom(info(name, kind, shape))
    assert said in refused(rewrite(folder, model))


def test_inputs_and_outputs_that_are_missing_or_unknown(folder) -> None:
    model = make_model()
    model.graph.input.append(info("prompt", TensorProto.FLOAT, [1]))
    assert "an input `prompt` that this stage does not know" in refused(rewrite(folder, model))
    model = make_model()
    del model.graph.output[0]
    assert "has no output `frame`" in refused(rewrite(folder, model))
    model = make_model()
    del model.graph.output[1]
    assert "only one of `context` and `next_context`" in refused(rewrite(folder, model))
    model = make_model()
    del model.graph.input[0], model.graph.output[1]
    assert "neither an input `context` nor `camera`" in refused(rewrite(folder, model))
    for name in ("camera", "camera_mix"):
        model = make_model(camera=True)
        model.graph.input.remove(next(given for given in model.graph.input if given.name == name))
        assert "only one of `camera` and `camera_mix`" in refused(rewrite(folder, model))


def test_life_signs_are_read_and_may_be_missing(folder) -> None:
    assert read_bundle(folder, 3).life_signs is None
    told = {"sharpness": [0.1, 0.5], "motion": 0.001, "stillness": 0.5, "colour": [[0.1, 0.7]] * 3}
    rewrite(folder, make_model(metadata=METADATA | {"life_signs": json.dumps(told)}))
    assert read_bundle(folder, 3).life_signs == LifeSigns((0.1, 0.5), ((0.1, 0.7),) * 3, 0.001, 0.5)
    for wrong in ({}, told | {"sharpness": 3}, told | {"colour": [[0, 1]]}, told | {"motion": "much"}, "dead"):
        model = make_model(metadata=METADATA | {"life_signs": json.dumps(wrong)})
        assert "not ranges of figures; export it again" in refused(rewrite(folder, model))
    model = make_model(metadata=METADATA | {"life_signs": "{"})
    assert "life_signs is '{'" in refused(rewrite(folder, model))


def test_a_seed_film_that_does_not_fit(folder) -> None:
    write_film(folder / "seed.mkv", make_film(60, 48, 96))
    assert "seed.mkv is 96×48, but the network makes 64×48" in refused(folder)
    write_film(folder / "seed.mkv", make_film(1))
    rewrite(folder, make_model(metadata=METADATA | {"seed_shot_starts": json.dumps([0])}))
    assert "has 1 readable frames, but the network needs 2" in refused(folder)
    (folder / "seed.mkv").write_bytes(b"not a film at all")
    assert "seed.mkv is not a readable film" in refused(folder)
    (folder / "seed.mkv").write_bytes(b"")
    assert "seed.mkv is not a readable film" in refused(folder)
