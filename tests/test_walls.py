"""The walls of the house: what each half may import, and what a stage without torch looks like."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def imports(path: Path) -> Iterator[str]:
    """Every module that a file imports, anywhere in it, by its full dotted name."""
    package = path.relative_to(ROOT).parent.parts
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            inside = package[: len(package) - node.level + 1] if node.level else ()
            yield ".".join([*inside, *([node.module] if node.module else [])])


def importers(of: str, folder: str) -> set[str]:
    """The files below a folder that import a module, or anything inside it."""
    return {
        str(path.relative_to(ROOT))
        for path in [*(ROOT / folder).rglob("*.py")]
        if any(name == of or name.startswith(of + ".") for name in imports(path))
    }


@pytest.mark.parametrize("module", ["torch", "train", "tensorboard"])
def test_the_stage_knows_nothing_of_the_studio(module: str) -> None:
    assert importers(module, "live") == set()


@pytest.mark.parametrize("module", ["pygame", "live", "pyvirtualcam"])
def test_the_studio_knows_nothing_of_the_stage(module: str) -> None:
    assert importers(module, "train") == set()


def test_onnxruntime_stays_in_its_rooms() -> None:
    running = {f"live/{room}.py" for room in ("model", "providers", "tensorrt")}
    measuring = {f"live/benchmark/{room}.py" for room in ("machine", "options", "sessions")}
    assert importers("onnxruntime", "live") == {*running, *measuring}
    assert importers("onnxruntime", "train") == {"train/evaluation/bundle_runner.py", "train/export/quantization.py"}


def test_pygame_stays_in_its_rooms() -> None:
    assert importers("pygame", "live") == {
        "live/display/window.py",
        "live/controls/midi.py",
        "live/display/sdl_present.py",
    }


def test_osc_stays_in_its_room() -> None:
    assert importers("pythonosc", "live") == {"live/controls/osc.py"}


def test_pyvirtualcam_stays_in_its_sink() -> None:
    assert importers("pyvirtualcam", "live") == {"live/outputs/virtual_camera.py"}


@pytest.mark.parametrize("sink", ["recorder", "takes", "snapshot", "video_file", "virtual_camera"])
def test_no_sink_knows_the_generator(sink: str) -> None:
    known = {module for module in imports(ROOT / f"live/{sink}.py") if module.startswith("live.")}
    assert known.isdisjoint(
        {"live.inference.generator", "live.inference.model", "live.playback.timeline", "live.playback.player"}
    )


@pytest.mark.parametrize("source", ["camera", "devices", "picture_files", "webcam", "webcam_process", "live_input"])
def test_no_live_source_knows_the_generator(source: str) -> None:
    known = {module for module in imports(ROOT / f"live/{source}.py") if module.startswith("live.")}
    assert known.isdisjoint(
        {
            "live.inference.generator",
            "live.inference.model",
            "live.playback.timeline",
            "live.playback.player",
            "live.display.window",
        }
    )


def test_the_process_of_a_webcam_loads_opencv_and_little_else() -> None:
    program = (
        "import runpy, sys\n"
        # What such a process does first: it loads the command's own file, but not as a command.
        "runpy.run_path('run_live.py', run_name='__mp_main__')\n"
        "import live.camera.webcam_process\n"
        "print({'av', 'cyclopts', 'onnx', 'onnxruntime', 'pygame', 'torch'} & sys.modules.keys())\n"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.stdout == "set()\n", done.stderr


def test_the_sample_film_is_drawn_without_the_network() -> None:
    assert importers("torch", "train/sample_film") == set()


def test_run_live_hands_over_to_the_stage_alone() -> None:
    assert all(name.split(".")[0] in {"live", "__future__", "sys"} for name in imports(ROOT / "run_live.py"))


def test_the_whole_stage_can_be_imported_where_torch_is_missing() -> None:
    modules = sorted(".".join(p.with_suffix("").relative_to(ROOT).parts) for p in (ROOT / "live").rglob("*.py"))
    program = (
        "import sys, importlib\n"
        "for name in ('torch', 'train', 'tensorboard'): sys.modules[name] = None\n"
        f"for name in {modules!r}: importlib.import_module(name)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
