"""The benchmark: its figures measure what they say. No test looks at how large they are."""

import json
import platform
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort
import pytest
from numpy.typing import NDArray
from rich.console import Console

from live.benchmark.__main__ import main
from live.benchmark.graphs import multiply_accumulates, peak_convolutions, unet256
from live.benchmark.interleave import TURN, Times, interleaved
from live.benchmark.network import every_provider
from live.benchmark.report import Figure, Part, print_report, write_report
from live.benchmark.sessions import EVERY, any_inputs, bound, open_session, optimised, through_numpy
from live.benchmark.stage import whole_show
from live.bundle.bundle import read_bundle
from live.errors import OutputError
from live.settings import DEFAULT_MODEL
from tests.live.loopback import Loopback

HATS = (DEFAULT_MODEL / "generator.onnx").read_bytes()


def test_cases_take_turns_and_the_first_call_of_a_turn_is_not_counted() -> None:
    called: list[str] = []

    def case(name: str) -> Callable[[], None]:
        return lambda: called.append(name)

    clock = iter(range(10_000))
    taken = interleaved({name: case(name) for name in "ab"}, seconds=1.0, now=lambda: float(next(clock)))
    assert "".join(called) == "aabb" + ("a" * TURN + "b" * TURN) * 2
    assert {name: len(each) for name, each in taken.items()} == {"a": 2 * (TURN - 1), "b": 2 * (TURN - 1)}
    assert set(taken["a"]) == {1.0}


def test_percentiles_and_missed_frames() -> None:
    times = Times.of(np.array([0.01] * 97 + [0.05, 0.05, 0.2]), own_rate=12)
    assert (times.count, times.p50_ms, times.missed_at_own_rate, times.missed_at_30) == (100, 10.0, 1, 3)
    assert 10 <= times.p95_ms < times.p99_ms < 200


def test_the_unet_is_pix2pixs() -> None:
    unet = unet256(256, 256)
    weights = sum(np.prod(each.dims) for each in unet.graph.initializer)
    assert round(weights / 1e6, 1) == 54.4
    assert Counter(node.op_type for node in unet.graph.node) == {
        "Conv": 8,
        "ConvTranspose": 8,
        "LeakyRelu": 7,
        "Relu": 8,
        "Concat": 7,
        "Tanh": 1,
        "Identity": 1,
    }
    session = open_session(unet)
    (frame,) = session.run(None, any_inputs(session))
    assert frame.shape == (1, 3, 256, 256)
    assert 0.01 < frame.std() < 1
    assert multiply_accumulates(unet) == multiply_accumulates(optimised(unet))


def test_multiply_accumulates_are_counted_by_hand() -> None:
    assert multiply_accumulates(peak_convolutions(16, 8)) == 8 * 9 * 16 * 16 * 8 * 8
    # 4×4 weights at every second pixel, down and up; sixteen layers of a U on 256 pixels.
    down, channels = 0, (3, 64, 128, 256, 512, 512, 512, 512, 512)
    for depth in range(8):
        down += 16 * channels[depth] * channels[depth + 1] * (128 >> depth) ** 2
    up = sum(
        16 * (channels[d + 1] * (1 if d == 7 else 2)) * (channels[d] if d else 3) * (128 >> d) ** 2 for d in range(8)
    )
    assert multiply_accumulates(unet256(256, 256)) == down + up


def test_the_work_of_opening_a_session_is_not_counted() -> None:
    macs = multiply_accumulates(optimised(HATS))
    # The convolutions' share, by the model's own shapes, and a memory's look-up of at most four parts.
    assert 0.6e9 < macs < 0.8e9


def test_the_state_goes_round_bound_as_through_numpy(bundle_folder: Path) -> None:
    network = (bundle_folder / "generator.onnx").read_bytes()
    session = Recorded(open_session(network))
    for steps in (bound(session), through_numpy(session)):
        for _ in range(5):
            steps()
    bound_frames, numpy_frames = session.frames[:5], session.frames[5:]
    assert all(np.array_equal(*each) for each in zip(bound_frames, numpy_frames, strict=True))
    assert not np.array_equal(bound_frames[0], bound_frames[4])


class Recorded:
    """Session that keeps its frames."""

    def __init__(self, session: ort.InferenceSession) -> None:
        self._session = session
        self.frames: list[NDArray[np.uint8]] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._session, name)

    def run_with_iobinding(self, binding: ort.IOBinding) -> None:
        self._session.run_with_iobinding(binding)
        self.frames.append(binding.copy_outputs_to_cpu()[0].copy())

    def run(self, names: list[str], inputs: dict[str, NDArray[Any]]) -> list[NDArray[Any]]:
        results: list[NDArray[Any]] = self._session.run(names, inputs)
        self.frames.append(results[0].copy())
        return results


@pytest.mark.skipif(platform.machine() not in ("x86_64", "AMD64"), reason="the blocked layout is that of x86")
def test_the_shipped_network_keeps_the_blocked_layout_from_stem_to_head() -> None:
    kinds = Counter((node.domain, node.op_type) for node in optimised(HATS, EVERY).graph.node)
    blocked = "com.microsoft.nchwc"
    assert kinds["", "Conv"] == 0
    assert kinds[blocked, "Conv"] == 27
    # The stem that reads packed pixels enters it, and both heads leave. The other stem reads a picture as three planes.
    assert kinds[blocked, "ReorderInput"] <= 1
    assert kinds[blocked, "ReorderOutput"] <= 2


PARTS = [
    Part(
        "speed", {"step": Times(9, 1.0, 2.0, 3.0, 0, 4)}, [Figure("a", 6.0, bar=5.0), Figure("b", 6.0, "s", 5.0, "≤")]
    ),
    Part("more", figures=[Figure("c", 1.5)], left_out={"cuda": "no driver"}),
]


def test_the_table_says_which_bars_are_met(capsys: pytest.CaptureFixture[str]) -> None:
    print_report(PARTS, {"cpu": "a [fast] one"}, 12.0, Console(width=120))
    printed = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert printed[0] == "cpu a [fast] one"
    assert "step 1.00 2.00 3.00 9 0 4" in printed
    assert "a 6 ≥ 5 yes" in printed
    assert "b 6s ≤ 5s no" in printed
    assert "not measured: cuda (no driver)" in printed


def test_the_file_holds_everything(tmp_path: Path) -> None:
    write_report(tmp_path / "f.json", PARTS, {"model": "hats"})
    written = json.loads((tmp_path / "f.json").read_text())
    assert written["model"] == "hats"
    assert written["parts"][0]["times"]["step"]["p99_ms"] == 3.0
    assert [each["met"] for part in written["parts"] for each in part["figures"]] == [True, False, None]
    assert written["parts"][1]["left_out"] == {"cuda": "no driver"}
    with pytest.raises(OutputError, match="cannot write the figures"):
        write_report(tmp_path / "gone" / "f.json", PARTS, {})


def measured(tmp_path: Path, *arguments: str) -> dict[str, dict[str, Any]]:
    """Return every part of a run of the benchmark by its title's first words, as the JSON has it."""
    out = tmp_path / "figures.json"
    assert main([*arguments, "--out", str(out)]) == 0
    written = json.loads(out.read_text())
    assert set(written["machine"]) >= {
        "cpu",
        "cores",
        "flags",
        "threads",
        "providers",
        "onnxruntime",
        "numpy",
        "pygame",
    }
    return {part["title"].partition(":")[0]: part for part in written["parts"]}


@pytest.mark.slow
def test_everything_is_measured(
    tmp_path: Path,
    bundle_folder: Path,
    x_screen: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name, value in x_screen.items():
        monkeypatch.setenv(name, value)
    parts = measured(tmp_path, "--model", str(bundle_folder), "--seconds", "0.5", "--memory-frames", "500")
    assert [*parts] == [
        "session beside the U-Net",
        "arithmetic",
        "state bound or through numpy",
        "providers and precisions",
        "whole show",
        "start-up",
        "memory over 500 frames",
    ]
    bars = [each["what"] for part in parts.values() for each in part["figures"] if each["bar"] is not None]
    assert len(bars) >= 8
    assert parts["providers and precisions"]["times"].keys() == {"CPU"}
    assert parts["whole show"]["left_out"] == {"virtual camera": "none is named; give --virtual-camera DEVICE"}
    figures = {each["what"]: each["value"] for each in parts["whole show"]["figures"]}
    assert figures["frames a second, as fast as it can"] > 0
    assert figures["frame interval at 30 frames a second, p50"] > 25
    assert "whole show: window, HUD, recording" in capsys.readouterr().out


def test_without_a_display_the_rest_is_measured(bundle_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "SDL_VIDEODRIVER"):
        monkeypatch.delenv(name, raising=False)
    part = whole_show(bundle_folder, read_bundle(bundle_folder, 0), 0.1, None)
    assert "display" in part.left_out["whole show"]
    assert part.figures == []


@pytest.mark.usefixtures("dummy_display")
def test_the_show_is_measured_with_a_virtual_camera(bundle_folder: Path, loopback: Loopback) -> None:
    part = whole_show(bundle_folder, read_bundle(bundle_folder, 0), 1.0, str(loopback.device), rounds=1)
    assert (part.title, part.left_out) == ("whole show: window, HUD, recording, virtual camera", {})
    assert loopback.frames


@pytest.mark.usefixtures("dummy_display")
def test_a_virtual_camera_that_fails_is_not_reported_as_measured(bundle_folder: Path, tmp_path: Path) -> None:
    part = whole_show(bundle_folder, read_bundle(bundle_folder, 0), 1.0, str(tmp_path / "nothing"), rounds=1)
    assert part.title == "whole show: window, HUD, recording"
    assert "virtual camera" in part.left_out["virtual camera"]
    assert part.figures


def test_every_precision_is_compared_with_the_plain_one() -> None:
    part = every_provider(read_bundle(DEFAULT_MODEL, 0), 0.1)
    assert {"CPU", "CPU int8", "CPU fp16"} <= part.times.keys()
    assert "CPU int8, times faster than CPU" in [each.what for each in part.figures]


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--sceonds", "3"], "sceonds"),
        (["--seconds", "0"], "--seconds is 0"),
        (["--out", "gone/figures.json"], "--out gone/figures.json"),
        (["--model", "gone"], "there is no model folder gone"),
        (["--memory-frames", "5"], "memory-frames"),
    ],
)
def test_a_wrong_option_is_one_line(arguments: list[str], reason: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert reason in line


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a process's peak is its own anyway")
def test_a_shows_peak_of_memory_is_not_that_of_its_parent_process() -> None:
    held = np.ones(2**27)  # 1 GiB
    program = "from live.stats import ShowStats; print(ShowStats(0.0).summary()['peak_memory_mib'])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert 5 < float(done.stdout) < held.nbytes / 2**21
