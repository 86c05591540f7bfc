"""The bundle: it keeps the contract and computes what the checkpoint computes."""

import json
import platform
import shutil
import time
from collections import Counter
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import onnx
import onnxruntime as ort
import pytest

from tests.train.export.runs import LIFE_SIGNS, SHORT, SMALL, export_run, train_a_little
from train.data.film import Film, load_film
from train.data.film_course import FilmCourse
from train.data.film_windows import FilmWindows
from train.data.shots import find_story
from train.errors import ExportError, OutputError, RunError
from train.export.export import RolloutLengths
from train.export.onnx_file import write_graph
from train.models.generator import Enlarger, Generator, GeneratorConfig, Recurrence, parameter_count
from train.models.presets import PRESETS
from train.runtime.checkpoint import load_checkpoint, save_checkpoint
from train.runtime.run_folder import FilmFacts, Run

# Long enough to measure networks in fewer bits. tests/train/training/test_fit.py exports as long as the command does.
LENGTHS = RolloutLengths(parity=60, calibration=16, comparison=60, card_seconds=8.0)


@pytest.fixture(scope="module")
def run_folder(hats_film: Film, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of a few training steps, without a best.pt."""
    return train_a_little(hats_film, tmp_path_factory.mktemp("run"), SMALL)


@pytest.fixture(scope="module")
def bundle(run_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("models") / "hats"
    export_run(run_folder, out, lengths=LENGTHS)
    return out


def test_the_graph_keeps_the_contract(bundle: Path) -> None:
    model = onnx.load(str(bundle / "generator.onnx"), load_external_data=False)
    assert {(o.domain, o.version) for o in model.opset_import} == {("", 17)}
    session = ort.InferenceSession(str(bundle / "generator.onnx"), providers=["CPUExecutionProvider"])
    assert [(i.name, i.type, i.shape) for i in session.get_inputs()] == [
        ("context", "tensor(float)", [1, 6, 48, 64]),
        ("visits", "tensor(float)", [1, 5]),
        ("movement", "tensor(float)", [1, 6, 24, 32]),
        ("noise", "tensor(float)", [1, 6, 24, 32]),
        ("temperature", "tensor(float)", [1]),
        ("camera", "tensor(uint8)", [48, 64, 3]),
        ("camera_mix", "tensor(float)", [1]),
    ]
    assert [(o.name, o.type, o.shape) for o in session.get_outputs()] == [
        ("frame", "tensor(uint8)", [48, 64, 3]),
        ("next_context", "tensor(float)", [1, 6, 48, 64]),
        ("next_visits", "tensor(float)", [1, 5]),
        ("next_movement", "tensor(float)", [1, 6, 24, 32]),
    ]
    for initializer in model.graph.initializer:
        assert initializer.data_location != onnx.TensorProto.EXTERNAL


@pytest.mark.skipif(platform.machine() not in ("x86_64", "AMD64"), reason="the blocked layout is that of x86")
@pytest.mark.parametrize("preset", ["small", "medium"])
def test_the_presets_keep_the_blocked_layout_from_stem_to_head(hats_film: Film, tmp_path: Path, preset: str) -> None:
    shape = PRESETS[preset].shape
    width, height = size = (6 * shape.multiple, 3 * shape.multiple)
    frames = np.stack([cv2.resize(frame, size) for frame in hats_film.frames[::4]])
    film = replace(hats_film, frames=frames, times=hats_film.times[::4])
    windows = FilmWindows(film, find_story(film), context_frames=2, stride=1, scale=shape.scale)
    facts = FilmFacts("Hats", "ours", "0" * 64, (width, height), "12", 1, 5.0, "crop", 4.96, LIFE_SIGNS)
    course = FilmCourse(windows, cell=shape.cell)
    write_graph(tmp_path / "generator.onnx", Generator(shape, course.memory, course.dramaturgy), facts, [0])
    options = ort.SessionOptions()
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_ALL
    options.optimized_model_filepath = str(tmp_path / "optimised.onnx")
    options.log_severity_level = 4
    ort.InferenceSession(str(tmp_path / "generator.onnx"), options, providers=["CPUExecutionProvider"])
    optimised = onnx.load(str(tmp_path / "optimised.onnx"))
    kinds = Counter((node.domain, node.op_type) for node in optimised.graph.node)
    plain = [node.name for node in optimised.graph.node if (node.domain, node.op_type) == ("", "Conv")]
    assert plain == ["/enlarger/smooth/Conv"]  # each colour by itself, and no rearranging of what it gives
    assert kinds["com.microsoft.nchwc", "ReorderInput"] <= 1
    reordered = [node.output[0] for node in optimised.graph.node if node.op_type == "ReorderOutput"]
    assert len(reordered) <= 3
    assert sum(not name.startswith("/motion/") for name in reordered) <= 2


def test_the_metadata_is_complete(bundle: Path) -> None:
    model = onnx.load(str(bundle / "generator.onnx"))
    properties = {entry.key: entry.value for entry in model.metadata_props}
    starts = json.loads(properties.pop("seed_shot_starts"))
    assert starts[0] == 0
    assert len(starts) == 3  # all shots of the film are shorter than its tail
    assert properties == {
        "format_version": "1",
        "title": "Hats",
        "rights": "ours",
        "frame_rate": "12",
        "stride": "2",
        "context_frames": "2",
        "camera_use": "movement",
        "life_signs": json.dumps(LIFE_SIGNS),
        "film_sha256": "0" * 64,
        "fit": "crop",
        "end": "4.96",
    }


@pytest.mark.parametrize(
    "shape",
    [
        replace(SMALL, context_frames=4),
        GeneratorConfig(channels=(16, 16, 32), blocks=(0, 0, 1), scale=2),  # three levels, like `medium`
    ],
    ids=["K=4", "deep"],
)
def test_other_shapes_are_exported_too(hats_film: Film, tmp_path: Path, shape: GeneratorConfig) -> None:
    export_run(train_a_little(hats_film, tmp_path / "run", shape), tmp_path / "out")
    model = onnx.load(str(tmp_path / "out/generator.onnx"))
    inputs = {value.name: value for value in model.graph.input}
    assert inputs["context"].type.tensor_type.shape.dim[1].dim_value == 3 * shape.context_frames
    assert json.loads(next(each.value for each in model.metadata_props if each.key == "life_signs")) == LIFE_SIGNS


def test_the_memory_is_carried_as_bytes(bundle: Path, hats_film: Film) -> None:
    """The keys that are computed from them would make the file larger."""
    model = onnx.load(str(bundle / "generator.onnx"))
    floats = sum(
        onnx.numpy_helper.to_array(tensor).size
        for tensor in model.graph.initializer
        if tensor.data_type == onnx.TensorProto.FLOAT
    )
    networks = parameter_count(Recurrence(SMALL)) + parameter_count(Enlarger(SMALL))
    assert floats < 1.05 * networks
    assert any(tensor.data_type == onnx.TensorProto.UINT8 for tensor in model.graph.initializer)


def test_the_tail_is_the_end_of_the_film_and_a_context_of_it_to_the_bit(bundle: Path, run_folder: Path) -> None:
    tail, _ = Run(run_folder).load_tail()
    with av.open(str(bundle / "seed.mkv")) as container:
        whole, exact = container.streams.video
        assert whole.average_rate == exact.average_rate == Fraction(12)
        frames: dict[int, list[av.VideoFrame]] = {whole.index: [], exact.index: []}
        for packet in container.demux((whole, exact)):
            frames[packet.stream.index] += packet.decode()
    pictures, last = ([frame.to_ndarray(format="rgb24") for frame in track] for track in frames.values())
    assert np.array_equal(last, tail[-2:])
    assert [frame.time for frame in frames[1]] == [frame.time for frame in frames[0][-2:]]
    assert len(pictures) == len(tail)
    differences = [np.abs(picture - frame.astype(float)).mean() for picture, frame in zip(pictures, tail, strict=True)]
    assert max(differences) < 4, "levels of 255: small pictures full of detail are the hardest"


def test_the_card_holds_what_was_measured(bundle: Path) -> None:
    text = (bundle / "README.md").read_text(encoding="utf-8")
    assert "# Hats" in text
    assert "over 60 steps: from the same context at most" in text
    assert "(contact-sheet.jpg)" in text
    assert "| camera | can play it" in text
    sheet = cv2.imread(str(bundle / "contact-sheet.jpg"))
    assert sheet is not None
    assert sheet.shape[1] > 5 * 64
    networks = ["generator.fp16.onnx", "generator.int8.onnx", "generator.onnx"]
    assert sorted(p.name for p in bundle.iterdir()) == [
        *("README.md", "SHA256SUMS", "contact-sheet.jpg"),
        *networks,
        "seed.mkv",
    ]
    assert "generator.int8.onnx: over 60 steps, sharpness is" in text


def test_the_card_holds_the_rollout_that_the_checkpoint_was_chosen_by(run_folder: Path, tmp_path: Path) -> None:
    best = tmp_path / "best"
    shutil.copytree(run_folder, best)
    report = [{"figure": "motion", "label": "motion over the film's", "bar": "0.5–2", "value": 0.714, "met": True}]
    save_checkpoint(best / "best.pt", {**load_checkpoint(best / "checkpoint.pt"), "score": 0.5, "report": report})
    export_run(best, tmp_path / "out")
    text = (tmp_path / "out/README.md").read_text(encoding="utf-8")
    assert "| motion over the film's | 0.5–2 | 0.71 | yes |" in text


def test_a_graph_that_differs_from_the_checkpoint_is_not_exported(
    run_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def damaged(path: Path, generator: Generator, facts: FilmFacts, shot_starts: list[int]) -> None:
        write_graph(path, generator, facts, shot_starts)
        model = onnx.load(str(path))
        head = next(i for i in model.graph.initializer if i.name.endswith("head.bias"))
        head.CopyFrom(onnx.numpy_helper.from_array(onnx.numpy_helper.to_array(head) + 0.5, head.name))
        onnx.save_model(model, str(path))

    monkeypatch.setattr("train.export.export.write_graph", damaged)
    with pytest.raises(ExportError, match="differs from the checkpoint"):
        export_run(run_folder, tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_a_bundle_is_only_overwritten_on_request(run_folder: Path, bundle: Path, tmp_path: Path) -> None:
    older = shutil.copytree(bundle, tmp_path / "older")
    before = (older / "generator.onnx").read_bytes()
    with pytest.raises(OutputError, match="--overwrite"):
        export_run(run_folder, older)
    assert (older / "generator.onnx").read_bytes() == before
    (older / "contact-sheet.png").touch()  # as in a bundle of version 0.1.0
    export_run(run_folder, older, overwrite=True)
    assert (older / "generator.onnx").is_file()
    assert not (older / "contact-sheet.png").exists()


def test_a_folder_without_a_run_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="no run folder"):
        export_run(tmp_path, tmp_path / "out")


@pytest.mark.parametrize("out", ["run", "parent", "other"])
def test_only_a_bundle_is_ever_replaced(run_folder: Path, tmp_path: Path, out: str) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "thesis.txt").write_text("years of work")
    folder = {"run": run_folder, "parent": run_folder.parent, "other": other}[out]
    with pytest.raises(OutputError, match="will not be replaced"):
        export_run(run_folder, folder, overwrite=True)
    assert (other / "thesis.txt").is_file()
    assert (run_folder / "run.json").is_file()


def test_a_slow_continuation_is_checked_over_as_many_steps(run_folder: Path, tmp_path: Path) -> None:
    slow = tmp_path / "slow"
    shutil.copytree(run_folder, slow)
    run = json.loads((slow / "run.json").read_text())
    run["film"]["frame_rate"] = "6/25"  # 24 frames a second at stride 100
    (slow / "run.json").write_text(json.dumps(run))
    export_run(slow, tmp_path / "bundle")
    assert f"over {SHORT.parity} steps" in (tmp_path / "bundle/README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("damage", ["seed.npz", "run.json", "checkpoint.pt"])
def test_a_damaged_run_is_one_line(run_folder: Path, tmp_path: Path, damage: str) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(run_folder, broken)
    content = (broken / damage).read_bytes()
    for damaged in (b"", b"{}", content[: len(content) // 2]):
        (broken / damage).write_bytes(damaged)
        with pytest.raises(RunError) as caught:
            export_run(broken, tmp_path / "bundle")
        assert "\n" not in str(caught.value)
    assert not (tmp_path / "bundle").exists()


def test_a_run_whose_memory_is_of_an_older_version_is_one_line(run_folder: Path, tmp_path: Path) -> None:
    older = tmp_path / "older"
    shutil.copytree(run_folder, older)
    state = load_checkpoint(older / "checkpoint.pt")
    state["ema"]["memory.pictures"] = state["ema"].pop("memory.luma")
    save_checkpoint(older / "checkpoint.pt", state)
    with pytest.raises(RunError, match="do not belong together; train again"):
        export_run(older, tmp_path / "bundle")


def test_a_size_that_is_padded_is_exported_with_all_its_shapes(hats_cut: Path, tmp_path: Path) -> None:
    film = load_film(hats_cut, (70, 50), "crop", tmp_path / "cache")
    export_run(train_a_little(film, tmp_path / "run", SMALL), tmp_path / "bundle")
    for name in ("generator.onnx", "generator.int8.onnx", "generator.fp16.onnx"):
        session = ort.InferenceSession(str(tmp_path / "bundle" / name), providers=["CPUExecutionProvider"])
        shapes = {value.name: value.shape for value in (*session.get_inputs(), *session.get_outputs())}
        assert shapes["frame"] == shapes["camera"] == [50, 70, 3]
        assert shapes["next_context"] == shapes["context"] == [1, 6, 50, 70]


@pytest.mark.parametrize("shape", [{"channels": [16, 10**6]}, {"blocks": [0, 10**9]}, {"channels": [16] * 10**5}])
def test_a_run_json_that_names_a_huge_network_is_one_line(
    run_folder: Path, tmp_path: Path, shape: dict[str, Any]
) -> None:
    damaged = shutil.copytree(run_folder, tmp_path / "run")
    stored = json.loads((damaged / "run.json").read_text())
    stored["settings"]["generator"] |= shape
    (damaged / "run.json").write_text(json.dumps(stored))
    began = time.process_time()
    with pytest.raises(RunError, match="do not belong together; train again"):
        export_run(damaged, tmp_path / "bundle")
    assert time.process_time() - began < 3
