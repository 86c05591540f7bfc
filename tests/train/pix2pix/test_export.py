"""The bundle of a run on pictures: it keeps the contract, and differs from the checkpoint in nothing."""

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch

from tests.train.commands import run_train
from tests.train.pictures import discs
from train.errors import BundleError, ExportError
from train.evaluation.bundle_runner import CameraGraph, open_bundle
from train.pix2pix.export import check_parity, write_camera_graph
from train.pix2pix.translator import Translator, TranslatorConfig
from train.runtime.run_folder import PictureFacts

ROOT = Path(__file__).parents[3]
KINDS = pytest.mark.parametrize("kind", ["pairs", "pictures"])


@KINDS
def test_the_graph_has_one_input_one_output_and_complete_metadata(work: Path, kind: str) -> None:
    bundle = work / "models" / kind
    assert sorted(path.name for path in bundle.iterdir()) == [
        *("README.md", "SHA256SUMS", "contact-sheet.jpg", "generator.onnx")
    ]
    model = onnx.load(str(bundle / "generator.onnx"), load_external_data=False)
    assert [value.name for value in model.graph.input] == ["camera"]
    assert [value.name for value in model.graph.output] == ["frame"]
    metadata = {entry.key: entry.value for entry in model.metadata_props}
    assert len(metadata.pop("pictures_sha256")) == 64
    assert metadata == {
        "format_version": "1",
        "title": {"pairs": "discs", "pictures": "reds"}[kind],
        "rights": "not stated",
        "frame_rate": "30",
        "stride": "1",
        "context_frames": "0",
        "camera_use": kind,
        "seed_shot_starts": "[]",
        "fit": "crop",
        "direction": "AtoB",
    }


@KINDS
def test_the_stage_accepts_the_bundle(work: Path, kind: str) -> None:
    program = (
        "import sys; from pathlib import Path; from live.bundle.graph_contract import check_graph, check_results\n"
        "network = Path(sys.argv[1]).read_bytes(); facts = check_graph(network, 'g'); check_results(network, 'g')\n"
        "assert (facts.inputs, facts.height, facts.width, facts.context_frames) == ({'camera'}, 48, 48, 0)"
    )  # in a process of its own, as the stage is one
    command = [sys.executable, "-c", program, str(work / "models" / kind / "generator.onnx")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


@KINDS
def test_the_frame_depends_on_the_camera_picture_alone(work: Path, kind: str) -> None:
    graph = CameraGraph(work / "models" / kind / "generator.onnx")
    (a, _), (other, _) = discs(2)
    first = graph.picture(a)
    assert first.shape == (48, 48, 3)
    assert not np.array_equal(first, graph.picture(other))
    assert np.array_equal(first, graph.picture(a))


@KINDS
def test_the_model_card_names_the_pictures_and_the_parity(work: Path, kind: str) -> None:
    card = (work / "models" / kind / "README.md").read_text(encoding="utf-8")
    assert {"pairs": "# discs", "pictures": "# reds"}[kind] in card
    assert "over 1 held-out pictures and 8 of noise: at most" in card


def test_a_bundle_without_memory_cannot_be_rolled_out(work: Path) -> None:
    with pytest.raises(BundleError, match="no memory"):
        open_bundle(work / "models/pairs")


def test_a_graph_that_differs_from_the_checkpoint_is_refused(tmp_path: Path) -> None:
    torch.manual_seed(0)
    translator = Translator(TranslatorConfig(channels=(16, 32), blocks=(0, 1))).eval()
    facts = PictureFacts("discs", "", "0" * 64, (48, 48), "crop", "pairs", "AtoB", 2, 1)
    write_camera_graph(tmp_path / "g.onnx", translator, facts)
    cameras = np.stack([a for a, _ in discs(2)])
    outputs, parity = check_parity(CameraGraph(tmp_path / "g.onnx"), translator, cameras)
    assert len(outputs) == 2
    assert "2 held-out pictures and 8 of noise: at most" in parity
    with torch.no_grad():
        for weight in translator.parameters():
            weight.mul_(1.1)
    with pytest.raises(ExportError, match="differs from the checkpoint by"):
        check_parity(CameraGraph(tmp_path / "g.onnx"), translator, cameras)


@pytest.mark.parametrize("name", ["examples.npz", "run.json", "best.pt"])
def test_a_damaged_run_is_a_one_line_error_and_leaves_nothing(work: Path, tmp_path: Path, name: str) -> None:
    shutil.copytree(work / "runs/pairs", tmp_path / "run")
    damaged = tmp_path / "run" / name
    content = damaged.read_bytes()
    for damage in (b"", b"{}", content[: len(content) // 2]):
        damaged.write_bytes(damage)
        refused = run_train(tmp_path, "export", "run", "--out", "bundle")
        assert refused.code == 2
        assert refused.err.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["run"]
