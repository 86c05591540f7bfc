"""Networks that the studio exports play in browsers: on a page, without DOUBLE and without arithmetic of INT64."""

import json
import shutil
from pathlib import Path

import onnx
import pytest
from onnx import TensorProto

from live.bundle.bundle import read_bundle
from live.bundle.seed_film import to_context
from live.settings import DEFAULT_MODEL
from live.web.graph import folded
from tests.live.web.browser import Browser
from tests.live.web.pages import rolled_out, runtime_folder, served_page, worst_difference
from tests.train.export.runs import SMALL, export_run, pan, train_a_little
from train.__main__ import main as train
from train.errors import OutputError
from train.evaluation.bundle_runner import Graph
from train.export.page import write_page

ARITHMETIC = {"Abs", "Add", "Clip", "Div", "Max", "Min", "Mod", "Mul", "Neg", "Pow", "ReduceMax", "ReduceSum", "Sub"}


def result_types(model: onnx.ModelProto) -> list[tuple[str, int]]:
    """Return the operator and the element type of every result."""
    inferred = onnx.shape_inference.infer_shapes(model, data_prop=True).graph
    infos = (*inferred.value_info, *inferred.input, *inferred.output)
    types = {info.name: info.type.tensor_type.elem_type for info in infos}
    found = [(node.op_type, types.get(name, 0)) for node in inferred.node for name in node.output]
    assert all(element_type for _, element_type in found)
    return found


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("web")
    return train_a_little(pan(folder), folder / "run", SMALL)


@pytest.fixture(scope="module")
def exported(run: Path) -> Path:
    export_run(run, run.parent / "exported")
    return run.parent / "exported"


@pytest.mark.parametrize("precision", ["fp32", "int8"])
def test_an_exported_network_computes_neither_double_nor_int64(exported: Path, precision: str) -> None:
    name = "generator.onnx" if precision == "fp32" else f"generator.{precision}.onnx"
    if not (exported / name).is_file():
        pytest.skip("this network of a few steps does not hold in 8 bits")
    types = result_types(onnx.load_model_from_string(folded((exported / name).read_bytes(), name)))
    assert not [operator for operator, element_type in types if element_type == TensorProto.DOUBLE]
    int64 = {operator for operator, element_type in types if element_type == TensorProto.INT64}
    assert int64
    assert not int64 & ARITHMETIC


def test_the_shipped_network_computes_no_double() -> None:
    data = folded((DEFAULT_MODEL / "generator.onnx").read_bytes(), "generator.onnx")
    assert not [
        name
        for name, element_type in result_types(onnx.load_model_from_string(data))
        if element_type == TensorProto.DOUBLE
    ]


def test_a_folded_network_makes_the_same_frames(exported: Path, tmp_path: Path) -> None:
    (tmp_path / "folded.onnx").write_bytes(folded((exported / "generator.onnx").read_bytes(), "generator.onnx"))
    bundle = read_bundle(exported, 0)
    context = to_context(bundle.film.frames[-bundle.graph.context_frames :])
    plain, without = (
        list(Graph(path).roll_out(context, 20, temperature=1.0, seed=3))
        for path in (exported / "generator.onnx", tmp_path / "folded.onnx")
    )
    assert worst_difference(plain, without) <= 1


@pytest.mark.needs("chromium")
def test_an_exported_network_makes_the_studios_frames_in_a_browser(exported: Path, tmp_path: Path) -> None:
    # A page in 8 bits shows other frames.
    shutil.copytree(exported, tmp_path / "plain", ignore=shutil.ignore_patterns("generator.int8.onnx", "SHA256SUMS"))
    write_page(tmp_path / "plain", tmp_path / "page", runtime_folder(), overwrite=False)
    bundle = read_bundle(exported, 0)
    context = to_context(bundle.film.frames[-bundle.graph.context_frames :])
    expected = list(Graph(exported / "generator.onnx").roll_out(context, 50, temperature=1.0, seed=3))
    with Browser(tmp_path / "profile") as browser, served_page(tmp_path / "page") as address:
        frames, _ = rolled_out(browser, address, 50, seed=3)
    assert worst_difference(frames, expected) <= 2


def test_the_studio_writes_a_page(exported: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    write_page(exported, tmp_path / "page", None, overwrite=False)
    facts = json.loads((tmp_path / "page" / "film.json").read_text(encoding="utf-8"))
    assert (facts["title"], facts["size"], facts["rate"]) == ("Hats", [48, 64], 12)
    assert "put ort.wasm.min.mjs" in capfd.readouterr().out


def test_what_the_stage_says_is_said_by_the_studio(exported: Path, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"^the page was not written: --runtime .* does not hold ort\.wasm\.min\.mjs"):
        write_page(exported, tmp_path / "page", tmp_path, overwrite=False)


def test_export_says_beforehand_that_a_page_exists(
    run: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert train(["export", str(run), "--out", str(tmp_path / "bundle"), "--web", str(tmp_path)]) == 2
    assert capfd.readouterr().err == (
        f"train: error: {tmp_path} exists already; give another --web, or --overwrite to replace it\n"
    )
    assert not (tmp_path / "bundle").exists()
