"""A film bundle as `export` writes it passes the stage's checks and plays, in a process without torch."""

import json
import shutil
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from live.bundle.bundle import read_bundle
from live.errors import BundleError
from tests.train.export.runs import SMALL, export_run, pan, train_a_little
from train.data.shots import find_story
from train.evaluation.bundle_runner import open_bundle
from train.images.video import read_video
from train.metrics.film_statistics import FilmStatistics
from train.metrics.life_signs import measure_life_signs
from train.models.show_step import ShowStep, first_context
from train.runtime.run_folder import Run

ROOT = Path(__file__).parent.parent
RATE = 12

BLOCKED = """
import sys
for name in ("torch", "train", "tensorboard"):
    sys.modules[name] = None
"""
STEPS = """
import json
import numpy as np
from pathlib import Path
from live.bundle.bundle import read_bundle
from live.camera.camera_input import CameraInput
from live.inference.generator import Generator
from live.inference.model_slot import ModelSlot
from live.inference.sessions import Candidate, open_candidate
from live.timings import Timings

bundle = read_bundle(Path(sys.argv[1]), tail_seconds=2)
graph, timings = bundle.graph, Timings()
spread = {}
for precision in ("fp32", "fp16", "int8"):
    if not bundle.has(precision):
        continue
    model = ModelSlot(open_candidate(bundle, Candidate("cpu", precision)), timings)
    generator = Generator(model, np.random.SeedSequence(0), timings, float(bundle.frame_rate))
    generator.reset(bundle.film.frames[-graph.context_frames :])
    frames = [generator.step() for _ in range(4)]
    if "camera" in graph.inputs:
        camera = np.zeros((graph.height, graph.width, 3), np.uint8)
        frames.append(generator.step(CameraInput(camera, 1.0)))
    assert all((frame.shape, frame.dtype) == ((graph.height, graph.width, 3), np.uint8) for frame in frames)
    spread[precision] = float(np.ptp(frames[-1]))
assert bundle.life_signs is not None
print(json.dumps({"inputs": sorted(graph.inputs), "rate": str(bundle.frame_rate), "spread": spread}))
"""
SHOW = """
import runpy
sys.argv[0] = "run_live.py"
runpy.run_path("run_live.py", run_name="__main__")
"""


def run_without_torch(program: str, *arguments: str) -> str:
    """Run a program of the stage in a process of its own, where torch and the studio are missing."""
    done = subprocess.run(
        [sys.executable, "-c", BLOCKED + program, *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundle of a training of three steps, with the limits of its own film."""
    folder = tmp_path_factory.mktemp("guided")
    film = pan(folder)
    shots = find_story(film).shots
    figures = FilmStatistics(film.frames, shots, 2, RATE).figures
    life_signs = measure_life_signs(film.frames, shots, figures, stride=2, rate=RATE)
    export_run(train_a_little(film, folder / "run", SMALL, life_signs), folder / "bundle")
    return folder / "bundle"


def test_every_network_of_the_bundle_plays_on_the_stage(bundle: Path) -> None:
    played = json.loads(run_without_torch(STEPS, str(bundle)).splitlines()[-1])
    assert played["inputs"] == sorted(ShowStep.input_names)
    assert Fraction(played["rate"]) == RATE
    exported = {path.name for path in bundle.glob("generator*.onnx")}
    assert exported == {"generator.onnx", "generator.fp16.onnx", "generator.int8.onnx"}
    assert set(played["spread"]) == {"fp32", "fp16", "int8"}
    assert min(played["spread"].values()) > 0, "a network shows a plain picture"


def test_a_headless_show_continues_the_films_own_last_frames_byte_for_byte(bundle: Path, tmp_path: Path) -> None:
    tail, _ = Run(bundle.parent / "run").load_tail()
    film = tmp_path / "show.mkv"
    show = ["--model", str(bundle), "--headless", "--tail", "1", "--seconds", "2", "--seed", "3", "--no-guard"]
    show += ["--provider", "cpu", "--precision", "fp32", "--record", str(film), "--record-codec", "ffv1"]
    run_without_torch(SHOW, *show)
    frames = np.stack(list(read_video(film)))
    assert len(frames) == 3 * RATE
    np.testing.assert_array_equal(frames[RATE - 2 : RATE], tail[-2:])
    context = first_context(tail, 2).numpy()
    rollout = open_bundle(bundle).graph.roll_out(context, 2 * RATE, temperature=1.0, seed=3)
    np.testing.assert_array_equal(frames[RATE:], np.stack(list(rollout)))


def test_the_stage_reads_as_much_of_the_tail_as_it_shows(bundle: Path) -> None:
    tail, _ = Run(bundle.parent / "run").load_tail()
    for seconds, count in ((0, 2), (1, RATE + 2), (100, len(tail))):
        frames = read_bundle(bundle, seconds).film.frames
        assert len(frames) == count
        np.testing.assert_array_equal(frames[-2:], tail[-2:])
        assert np.abs(frames - tail[-count:].astype(float)).mean() < 4, "levels of 255"


def test_a_tail_that_was_cut_off_is_refused(bundle: Path, tmp_path: Path) -> None:
    damaged = shutil.copytree(bundle, tmp_path / "damaged")
    data = (bundle / "seed.mkv").read_bytes()
    for share in (0.3, 0.6, 0.9):
        (damaged / "seed.mkv").write_bytes(data[: int(share * len(data))])
        with pytest.raises(BundleError, match=r"seed\.mkv .* export the model again"):
            read_bundle(damaged, 3)
