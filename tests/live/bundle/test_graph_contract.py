import pickle
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from live.bundle.graph_contract import INPUTS, OUTPUTS, GraphFacts, check_graph
from live.errors import BundleError
from tests.live.bundles import (
    HEIGHT,
    METADATA,
    MOVEMENT,
    VISITS,
    WIDTH,
    K,
    make_half_model,
    make_model,
    make_pairs_model,
    make_visits_model,
)


def checked(model: onnx.ModelProto) -> GraphFacts:
    return check_graph(model.SerializeToString(), "a.onnx")


def refused(model: onnx.ModelProto | bytes) -> str:
    """Return the one line with which a graph is refused."""
    data = model if isinstance(model, bytes) else model.SerializeToString()
    with pytest.raises(BundleError) as caught:
        check_graph(data, "a.onnx")
    message = str(caught.value)
    assert message.startswith("a.onnx")
    assert "\n" not in message
    return message


def test_the_facts_of_a_graph() -> None:
    facts = checked(make_model())
    noise = (1, 1, HEIGHT, WIDTH)
    assert facts == GraphFacts(frozenset({"context", "noise", "temperature"}), HEIGHT, WIDTH, K, METADATA, {}, noise)
    assert checked(make_half_model()) == facts
    assert checked(make_model(camera=True)).inputs == facts.inputs | {"camera", "camera_mix"}
    pairs = checked(make_pairs_model())
    assert pairs.inputs == {"camera"}
    assert (pairs.context_frames, pairs.notes, pairs.noise) == (0, {}, (0,))
    visits = checked(make_visits_model())
    notes = {"visits": (1, VISITS), "movement": MOVEMENT}
    assert visits == GraphFacts(facts.inputs | notes.keys(), HEIGHT, WIDTH, K, METADATA, notes, noise)


@pytest.mark.parametrize("share", [0.0, 0.01, 0.3, 0.7, 0.9])
def test_a_graph_that_is_cut_off(share: float) -> None:
    data = make_model().SerializeToString()
    message = refused(data[: int(share * len(data))])
    assert "cut off" in message or "lacks the metadata" in message


@pytest.mark.parametrize("data", [pickle.dumps({"weights": [0.5] * 99}), b"<html>404</html>", b"\x89PNG" + bytes(99)])
def test_something_else_renamed(data: bytes) -> None:
    assert "something else renamed" in refused(data)


def test_a_pickle_is_never_loaded(tmp_path: Path) -> None:
    class Bomb:
        def __reduce__(self) -> tuple[object, ...]:
            return Path.touch, (tmp_path / "exploded",)

    refused(pickle.dumps(Bomb()))
    assert not (tmp_path / "exploded").exists()


@pytest.mark.parametrize("key", sorted(METADATA))
def test_metadata_must_be_complete(key: str) -> None:
    metadata = {name: value for name, value in METADATA.items() if name != key}
    assert f"lacks the metadata {key};" in refused(make_model(metadata=metadata))


def test_no_metadata_at_all_names_all_of_it() -> None:
    assert "lacks the metadata format_version, title, rights" in refused(make_model(metadata={}))


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("format_version", "2", "format version 2, this stage plays version 1"),
        ("context_frames", "3", "context of 6 channels, but its metadata says 3 frames"),
    ],
)
def test_metadata_must_belong_to_the_graph(key: str, value: str, message: str) -> None:
    assert message in refused(make_model(metadata=METADATA | {key: value}))


def external(name: str) -> TensorProto:
    tensor = TensorProto(name=name, data_type=TensorProto.FLOAT, dims=[4])
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="/etc/passwd")
    return tensor


def test_external_data(tmp_path: Path) -> None:
    model = make_model()
    model.graph.initializer.append(numpy_helper.from_array(np.zeros(5000, np.float32), "weights"))
    path = tmp_path / "generator.onnx"
    onnx.save(model, path, save_as_external_data=True, location="weights.bin", size_threshold=1024)
    assert "keeps weights in other files" in refused(path.read_bytes())


def test_external_data_hidden_in_a_node() -> None:
    model = make_model()
    model.graph.node.append(helper.make_node("Constant", [], ["hidden"], value=external("hidden")))
    assert "keeps weights in other files" in refused(model)


@pytest.mark.parametrize("domain", ["com.microsoft", "org.example"])
def test_custom_operators(domain: str) -> None:
    model = make_model()
    model.graph.node.append(helper.make_node("Gelu", ["context"], ["x"], domain=domain))
    model.opset_import.append(helper.make_opsetid(domain, 1))
    assert f"needs custom operators ({domain})" in refused(model)


def info(name: str, kind: int, shape: list[int | str]) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, kind, shape)


@pytest.mark.parametrize(
    ("name", "kind", "shape", "message"),
    [
        ("context", TensorProto.DOUBLE, [1, 6, 48, 64], "must be float or float16 [1, 6, 48, 64], but is double"),
        ("context", TensorProto.FLOAT16, [1, 6, 48, 64], "`context` of another type than its `next_context`"),
        ("context", TensorProto.FLOAT, [1, 7, 48, 64], "[1, 7, 48, 64]"),
        ("context", TensorProto.FLOAT, [1, 6, 48, 32], "float16 [1, 6, 48, 64], but is float [1, 6, 48, 32]"),
        ("context", TensorProto.FLOAT, ["batch", 6, 48, 64], "but is float [?, 6, 48, 64]"),
        ("context", TensorProto.FLOAT, [6, 48, 64], "but is float [6, 48, 64]"),
        ("noise", TensorProto.FLOAT, [2, 6, 12, 16], "`noise` must be float [1, 6, 12, 16]"),
        ("noise", TensorProto.FLOAT, [1, "channels", 12, 16], "but is float [1, ?, 12, 16]"),
        ("noise", TensorProto.FLOAT, [48, 64], "`noise` must be float [1, C, h, w]"),
        ("temperature", TensorProto.FLOAT, [], "`temperature` must be float [1], but is float []"),
        ("temperature", TensorProto.DOUBLE, [1], "but is double [1]"),
        ("frame", TensorProto.FLOAT, [48, 64, 3], "`frame` must be uint8"),
        ("frame", TensorProto.UINT8, [48, 64, 4], "but is uint8 [48, 64, 4]"),
        ("frame", TensorProto.UINT8, ["h", 64, 3], "but is uint8 [?, 64, 3]"),
        ("frame", TensorProto.UINT8, [96, 64, 3], "must be float or float16 [1, 6, 96, 64]"),
        ("next_context", TensorProto.FLOAT, [1, 3, 48, 64], "but is float"),
    ],
)
def test_inputs_and_outputs_must_keep_to_the_table(name: str, kind: int, shape: list[int | str], message: str) -> None:
    model = make_model()
    for given in (*model.graph.input, *model.graph.output):
        if given.name == name:
            given.CopyFrom(info(name, kind, shape))
    assert message in refused(model)


def test_inputs_and_outputs_that_are_missing_or_unknown() -> None:
    model = make_model()
    model.graph.input.append(info("prompt", TensorProto.FLOAT, [1]))
    assert "an input `prompt` that this stage does not know" in refused(model)
    model = make_model()
    del model.graph.output[0]
    assert "has no output `frame`" in refused(model)
    model = make_model()
    del model.graph.output[1]
    assert "only one of `context` and `next_context`" in refused(model)
    model = make_model()
    del model.graph.input[0], model.graph.output[1]
    assert "neither an input `context` nor `camera`" in refused(model)
    for name in ("camera", "camera_mix"):
        model = make_model(camera=True)
        model.graph.input.remove(next(given for given in model.graph.input if given.name == name))
        assert "only one of `camera` and `camera_mix`" in refused(model)


def named(model: onnx.ModelProto, name: str) -> onnx.ValueInfoProto:
    """Return an input or an output."""
    values: list[onnx.ValueInfoProto] = [*model.graph.input, *model.graph.output]
    return next(given for given in values if given.name == name)


@pytest.mark.parametrize("note", ["visits", "movement"])
@pytest.mark.parametrize("missing", ["{}", "next_{}"])
def test_notes_go_round_or_are_not_there(note: str, missing: str) -> None:
    model = make_visits_model()
    name = missing.format(note)
    values = model.graph.output if name.startswith("next") else model.graph.input
    values.remove(named(model, name))
    assert f"only one of `{note}` and `next_{note}`; export it again" in refused(model)


@pytest.mark.parametrize("note", ["visits", "movement"])
def test_notes_belong_to_a_context(note: str) -> None:
    model, pairs = make_visits_model(), make_pairs_model()
    pairs.graph.input.append(named(model, note))
    pairs.graph.output.append(named(model, f"next_{note}"))
    assert f"has `{note}` without `context`; export it again" in refused(pairs)


@pytest.mark.parametrize("shape", [[1, 2, 3], [2, 2, 3, 4], [1, 2, 3, 5]])
def test_movement_must_keep_to_the_table(shape: list[int | str]) -> None:
    model = make_visits_model()
    named(model, "next_movement").CopyFrom(info("next_movement", TensorProto.FLOAT, shape))
    assert "movement` must be float [1, " in refused(model)


@pytest.mark.parametrize("name", ["visits", "next_visits"])
@pytest.mark.parametrize(
    ("kind", "shape", "given"),
    [
        (TensorProto.FLOAT, [1, VISITS + 1], f"float [1, {VISITS + 1}]"),
        (TensorProto.FLOAT, [VISITS], f"float [{VISITS}]"),
        (TensorProto.FLOAT, [1, "shots"], "float [1, ?]"),
        (TensorProto.FLOAT16, [1, VISITS], f"float16 [1, {VISITS}]"),
    ],
)
def test_visits_must_keep_to_the_table(name: str, kind: int, shape: list[int | str], given: str) -> None:
    model = make_visits_model()
    named(model, name).CopyFrom(info(name, kind, shape))
    message = refused(model)
    assert "visits` must be float [1, " in message
    assert f"but is {given}" in message or shape == [1, VISITS + 1]


def test_both_states_must_have_one_type() -> None:
    mixed = make_half_model()
    mixed.graph.input[0].type.tensor_type.elem_type = TensorProto.FLOAT
    assert "`context` of another type than its `next_context`" in refused(mixed)


def test_the_page_has_the_table() -> None:
    """Names, directions, shapes and types of `docs/bundle.md` are those that are checked."""
    page = (Path(__file__).parents[3] / "docs/bundle.md").read_text(encoding="utf-8")
    section = page.split("## The graph")[1].split("## ")[0]
    rows = [[cell.strip() for cell in line.split("|")[1:4]] for line in section.splitlines() if line.startswith("| `")]
    types: dict[int, str] = {TensorProto.FLOAT: "float32", TensorProto.FLOAT16: "float16", TensorProto.UINT8: "uint8"}
    assert {name.strip("`") for name, _, _ in rows} == INPUTS.keys() | OUTPUTS.keys()
    for name, way, text in rows:
        kinds, shape = (INPUTS if way == "in" else OUTPUTS)[name.strip("`")]
        if text.startswith("like"):
            assert (kinds, shape) == INPUTS[text.removeprefix("like ").strip("`")]
        else:
            dimensions = [str(size).replace("3K", "3·K") for size in shape]
            assert text.startswith(f"[{', '.join(dimensions)}] {types[kinds[0]]}")
            assert all(types[kind] in text for kind in kinds)
