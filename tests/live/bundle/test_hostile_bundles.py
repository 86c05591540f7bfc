"""Bundles that somebody made to break the stage: refused in one line, at once, and in little memory."""

import hashlib
import json
import os
import random
import resource
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import onnx
import pytest
from onnx import NodeProto, TensorProto, helper, numpy_helper

from live.bundle.bundle import read_bundle
from live.bundle.checksums import FILE
from live.bundle.graph_contract import MOST_NODES
from live.errors import BundleError
from tests.live.bundles import (
    HEIGHT,
    METADATA,
    WIDTH,
    make_film,
    make_half_model,
    make_model,
    make_visits_model,
    write_bundle,
)

SIGNS = {"sharpness": [0.1, 0.5], "motion": 0.001, "stillness": 0.5, "colour": [[0.1, 0.7]] * 3}
SECONDS, MIB = 3.0, 512


@pytest.fixture
def folder(bundle_folder: Path, tmp_path: Path) -> Path:
    return shutil.copytree(bundle_folder, tmp_path / "b")


@pytest.fixture(autouse=True)
def at_once_and_in_little_memory() -> Iterator[None]:
    """Fail a test that computes for longer, or takes more memory, than a refusal may."""
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    with open("/proc/self/statm") as file:
        used = int(file.read().split()[5]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_DATA, (used + MIB * 2**20, hard))
    began = time.process_time()
    yield
    taken = time.process_time() - began
    resource.setrlimit(resource.RLIMIT_DATA, (hard, hard))
    assert taken < SECONDS


def refused(folder: Path) -> str:
    with pytest.raises(BundleError) as caught:
        read_bundle(folder, tail_seconds=3)
    line = str(caught.value)
    assert line.isprintable()
    assert len(line) <= 1000
    return line


def with_model(folder: Path, model: onnx.ModelProto) -> Path:
    onnx.save(model, folder / "generator.onnx")
    return folder


# ----------------------------------------------------------------------------
# Files.


@pytest.mark.parametrize("name", ["generator.onnx", "seed.mkv", FILE])
def test_a_part_that_is_no_regular_file(folder: Path, name: str) -> None:
    (folder / name).unlink(missing_ok=True)
    os.mkfifo(folder / name)
    assert "a pipe or a device" in refused(folder)
    (folder / name).unlink()
    (folder / name).symlink_to("/dev/zero")
    assert "a pipe or a device" in refused(folder)


@pytest.mark.parametrize("name", ["generator.onnx", "seed.mkv", FILE])
def test_a_part_that_is_too_large(folder: Path, name: str) -> None:
    (folder / name).touch()
    os.truncate(folder / name, 40 * 2**30)  # sparse: it takes no room on the disk
    assert "it has more than the" in refused(folder)


def test_a_path_that_no_system_can_look_up(tmp_path: Path) -> None:
    assert "too long" in refused(tmp_path / ("x" * 5000))
    assert "too long" in refused(Path("/".join(["x" * 200] * 25)))
    assert "its name is none" in refused(tmp_path / "a\0b")


# ----------------------------------------------------------------------------
# Checksums.


def with_sums(folder: Path, *names: str) -> Path:
    lines = [f"{hashlib.sha256((folder / name).read_bytes()).hexdigest()}  {name}\n" for name in names]
    (folder / FILE).write_text("".join(lines))
    return folder


def test_whole_files_have_their_sums(tmp_path: Path) -> None:
    folder = write_bundle(tmp_path / "b", fp16=make_half_model())
    with_sums(folder, "generator.onnx", "generator.fp16.onnx", "seed.mkv")
    bundle = read_bundle(folder, 0)
    assert bundle.in_precision("fp16").graph == bundle.graph


@pytest.mark.parametrize("name", ["generator.onnx", "seed.mkv"])
def test_a_damaged_file_has_another_sum(folder: Path, name: str) -> None:
    with_sums(folder, "generator.onnx", "seed.mkv")
    data = bytearray((folder / name).read_bytes())
    data[len(data) // 2] ^= 1
    (folder / name).write_bytes(data)
    assert refused(folder).endswith(f"{name} is damaged or was replaced ({FILE} names another); export the model again")


def test_a_damaged_network_in_another_precision_has_another_sum(tmp_path: Path) -> None:
    folder = write_bundle(tmp_path / "b", fp16=make_half_model())
    with_sums(folder, "generator.onnx", "generator.fp16.onnx")
    (folder / "generator.fp16.onnx").write_bytes(make_model().SerializeToString())
    bundle = read_bundle(folder, 0)
    with pytest.raises(BundleError, match=r"generator\.fp16\.onnx is damaged or was replaced"):
        bundle.in_precision("fp16")


@pytest.mark.parametrize("data", [b"nonsense\n", b"\xff\n", b"0" * 64 + b"\n"])
def test_a_list_of_sums_that_is_none(folder: Path, data: bytes) -> None:
    (folder / FILE).write_bytes(data)
    assert FILE in refused(folder)


# ----------------------------------------------------------------------------
# Metadata.


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("frame_rate", "1e999999999"),
        ("frame_rate", "1e-400"),
        ("frame_rate", "1e-99999999"),
        ("frame_rate", "1/1000000000"),
        ("frame_rate", "9" * 5000),
        ("stride", "9" * 5000),
        ("stride", "9" * 300),
        ("context_frames", "9" * 5000),
        ("format_version", "\x1b[2J\n" * 1000),
        ("seed_shot_starts", "[" * 5000 + "]" * 5000),
        ("seed_shot_starts", "[" + "9" * 5000 + "]"),
        ("seed_shot_starts", "[0,1" + "0" * 400 + "]"),
        ("seed_shot_starts", json.dumps([*range(100_000)])),
        ("seed_shot_starts", "[0" + ",0" * 30_000_000 + "]"),
        ("life_signs", "[" * 5000 + "]" * 5000),
        ("life_signs", '{"a":' * 5000 + "1" + "}" * 5000),
        ("life_signs", "{" + " " * 60_000_000 + "}"),
        ("life_signs", json.dumps(SIGNS | {"stillness": 1e308})),
        ("life_signs", json.dumps(SIGNS | {"motion": 10**400})),
        ("life_signs", json.dumps(SIGNS | {"sharpness": [-1e300, 1e300]})),
        ("life_signs", json.dumps(SIGNS | {"colour": [[0, 1]] * 100_000})),
        ("life_signs", json.dumps(SIGNS | {"odd": [[0, 0, "A" * 256]] * 2000, "contrast": 1, "grain": 1, "light": 1})),
    ],
    ids=lambda text: text[:20],
)
def test_numbers_and_json_without_bounds(folder: Path, key: str, value: str) -> None:
    refused(with_model(folder, make_model(metadata=METADATA | {key: value})))


def test_a_title_is_shown_without_escape_sequences(folder: Path) -> None:
    texts = {"title": "\x1b[2JHats\nand more\x07", "rights": "x" * 100_000}
    bundle = read_bundle(with_model(folder, make_model(metadata=METADATA | texts)), 0)
    assert bundle.title == " [2JHats and more "
    assert len(bundle.rights) <= 200


# ----------------------------------------------------------------------------
# Graphs.


@pytest.mark.parametrize("kind", [99, -1, 0])
@pytest.mark.parametrize("side", ["input", "output"])
def test_element_types_that_do_not_exist(folder: Path, kind: int, side: str) -> None:
    model = make_model()
    getattr(model.graph, side)[0].type.tensor_type.elem_type = kind
    assert "must be" in refused(with_model(folder, model))


@pytest.mark.parametrize("side", [20_000, 2**31, 2**62])
def test_pictures_without_bounds(folder: Path, side: int) -> None:
    assert "too large" in refused(with_model(folder, make_model_of_size(side)))


def make_model_of_size(side: int) -> onnx.ModelProto:
    model = make_model()
    for value in (*model.graph.input, *model.graph.output):
        dims = value.type.tensor_type.shape.dim
        if value.name == "frame":
            dims[0].dim_value = dims[1].dim_value = side
        elif value.name != "temperature":
            dims[2].dim_value = dims[3].dim_value = side
    return model


def test_notes_without_bounds(folder: Path) -> None:
    model = make_visits_model()
    for value in (*model.graph.input, *model.graph.output):
        if value.name in ("visits", "next_visits"):
            value.type.tensor_type.shape.dim[1].dim_value = 10**10
    assert "too large" in refused(with_model(folder, model))


def constant(name: str, value: object, kind: type = np.int64) -> TensorProto:
    return numpy_helper.from_array(np.array(value, kind), name)


def node(kind: str, *inputs: str, output: str = "big", **attributes: Any) -> NodeProto:
    return helper.make_node(kind, inputs, [output], **attributes)


def loop() -> NodeProto:
    value = helper.make_tensor_value_info
    body = helper.make_graph(
        [node("Identity", "going", output="goes"), node("Identity", "x", output="y")],
        "body",
        [value("turn", TensorProto.INT64, []), value("going", TensorProto.BOOL, []), value("x", TensorProto.FLOAT, [])],
        [value("goes", TensorProto.BOOL, []), value("y", TensorProto.FLOAT, [])],
    )
    return node("Loop", "turns", "yes", "one", body=body)


BOMBS: dict[str, tuple[list[NodeProto], list[TensorProto], str]] = {
    "loop": ([loop()], [constant("turns", 2**62), constant("yes", True, np.bool_)], "has control flow (Loop)"),
    "constant": ([node("ConstantOfShape", "size")], [constant("size", [10**9])], "too large"),
    "computed": (
        [node("Mul", "side", "side", output="size"), node("ConstantOfShape", "size")],
        [constant("side", [40_000])],
        "too large",
    ),
    "expand": ([node("Expand", "temperature", "size")], [constant("size", [10**9])], "too large"),
    "tile": ([node("Tile", "temperature", "size")], [constant("size", [10**9])], "too large"),
    "range": (
        [node("Range", "from", "to", "by")],
        [constant("from", 0), constant("to", 10**9), constant("by", 1)],
        "too large",
    ),
    "at run time": (
        [
            node("Mul", "temperature", "factor", output="many"),
            node("Cast", "many", output="size", to=TensorProto.INT64),
            node("Expand", "one", "size"),
        ],
        [constant("factor", 1e9, np.float32)],
        "decides the size of big while it runs",
    ),
}


@pytest.mark.parametrize("name", BOMBS)
def test_graphs_that_take_for_ever_or_all_memory(folder: Path, name: str) -> None:
    nodes, constants, said = BOMBS[name]
    model = make_model()
    model.graph.initializer.extend(constants)
    clip = next(place for place, each in enumerate(model.graph.node) if each.op_type == "Clip")
    model.graph.node[clip].input[0] = "bombed"
    mean = node("ReduceMean", "big", output="mean", keepdims=0)
    for each in (node("Add", "open", "mean", output="bombed"), mean, *reversed(nodes)):
        model.graph.node.insert(clip, each)
    assert said in refused(with_model(folder, model))


def test_more_nodes_than_any_network_has(folder: Path) -> None:
    model = make_model()
    model.graph.node.extend(node("Abs", "open", output=f"x{number}") for number in range(MOST_NODES))
    assert "nodes, more than" in refused(with_model(folder, model))


# ----------------------------------------------------------------------------
# The film's tail.


def write_jpegs(path: Path, pictures: list[Any]) -> None:
    """Write a film of JPEG pictures, each of its own size; its header says the size of the first."""
    with av.open(path, "w") as container:
        stream = container.add_stream("mjpeg", rate=12)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuvj420p"
        first = stream.encode(av.VideoFrame.from_ndarray(pictures[0], "rgb24").reformat(format="yuvj420p"))
        first += stream.encode(None)
        step, base = 1, first[0].time_base
        container.mux(first)
        for number, picture in enumerate(pictures[1:], 1):
            packet = av.Packet(cv2.imencode(".jpg", picture)[1].tobytes())
            packet.pts = packet.dts = number * max(step, round(1 / 12 / base))
            packet.time_base, packet.stream, packet.is_keyframe = base, stream, True
            container.mux(packet)


@pytest.mark.parametrize(
    ("size", "said"),
    [
        ((HEIGHT, 2 * WIDTH), "has frames of another size than 64×48"),
        ((16, 16), "has frames of another size than 64×48"),
        ((500, 500), "is not a readable film"),  # larger than a padded frame: it is not even decoded
    ],
)
def test_a_film_whose_size_changes(folder: Path, size: tuple[int, int], said: str) -> None:
    write_jpegs(folder / "seed.mkv", [*make_film(50), *[np.zeros((*size, 3), np.uint8)] * 2])
    assert said in refused(folder)


def test_a_film_of_more_packets_than_ten_seconds_have(folder: Path) -> None:
    frame = make_film(1)[0]
    with av.open(folder / "seed.mkv", "w") as container:
        stream = container.add_stream("ffv1", rate=12)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "bgr0"
        first, *_ = stream.encode(av.VideoFrame.from_ndarray(frame, "rgb24").reformat(format="bgr0"))
        data, base = bytes(first)[:100], first.time_base
        for number in range(30_000):
            packet = av.Packet(data)
            packet.pts = packet.dts = number
            packet.time_base, packet.stream, packet.is_keyframe = 1000 * base, stream, True
            container.mux(packet)
    assert "more than 10000 frames" in refused(folder)


def test_a_list_of_other_files_is_no_film(folder: Path) -> None:
    (folder / "film.mkv").write_bytes((folder / "seed.mkv").read_bytes())
    (folder / "seed.mkv").write_text("ffconcat version 1.0\nfile film.mkv\n")
    assert "is not a readable film" in refused(folder)


def test_a_picture_stream_of_another_format_is_no_film(folder: Path) -> None:
    frame = b"FRAME\n" + bytes(WIDTH * HEIGHT * 3 // 2)
    (folder / "seed.mkv").write_bytes(b"YUV4MPEG2 W64 H48 F1:1000000000 Ip A1:1 C420\n" + 60 * frame)
    assert "is not a readable film" in refused(folder)


# ----------------------------------------------------------------------------
# Anything.


def mutated(data: bytes, random: random.Random) -> bytes:
    """Return the data with some bytes changed, left out or put in."""
    changed = bytearray(data)
    for _ in range(1 + random.randrange(6)):
        place = random.randrange(len(changed))
        change: Callable[[], object] = random.choice(
            [
                lambda place=place: changed.__setitem__(place, random.randrange(256)),
                lambda place=place: changed.__delitem__(slice(place, place + random.randrange(1, 40))),
                lambda place=place: changed.__setitem__(slice(place, place), random.randbytes(random.randrange(1, 40))),
            ]
        )
        change()
    return bytes(changed)


@pytest.mark.parametrize("name", ["generator.onnx", "seed.mkv"])
def test_a_part_that_is_changed_anywhere_is_refused_or_read(folder: Path, name: str) -> None:
    whole = (folder / name).read_bytes()
    refusals = 0
    for seed in range(60):
        (folder / name).write_bytes(mutated(whole, random.Random(seed)))
        try:
            read_bundle(folder, tail_seconds=3)
        except BundleError:
            refusals += 1
    assert refusals > 5, "the changes change nothing"
