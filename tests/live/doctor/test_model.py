"""The bundle, and the timed proof of its network."""

import shutil
from pathlib import Path

import pytest

from live.bundle.bundle import read_bundle
from live.doctor.checks import Check, run_check
from live.doctor.model import STEPS, StepTimes, check_bundle, check_network, judge_steps, take_steps
from live.inference.options import InferenceOptions
from tests.live.doctor.machines import FakeMachine

BUNDLE = Check("model", check_bundle)


def test_a_whole_bundle_is_told_and_kept_for_the_proof(machine: FakeMachine, bundle_folder: Path) -> None:
    case = machine.case("--model", bundle_folder)
    assert check_bundle(case).fact == "small: 64×48, 12 frames/s, fp32"
    assert case.bundle is not None
    network = check_network(case)
    # A busy machine may be too slow.
    assert network.state in ("ok", "warning")
    assert "CPU: a step takes" in network.fact
    assert "12 frames/s leave 83.3 ms" in network.fact
    assert check_network(machine.case()).state == "not applicable", "no bundle was read"


def test_a_bundle_that_the_show_would_refuse_fails(
    machine: FakeMachine, bundle_folder: Path, pairs_bundle: Path, tmp_path: Path
) -> None:
    for arguments, said in (
        (("--model", tmp_path / "nowhere"), "there is no model folder"),
        (("--model", pairs_bundle), "has no memory"),
        (("--model", bundle_folder, "--mode", "camera"), "cannot follow a camera"),
    ):
        finding = run_check(BUNDLE, machine.case(*arguments))
        assert finding.state == "failed"
        assert said in finding.fact
        assert finding.remedy


def test_a_damaged_precision_fails_only_if_it_was_asked_for(
    machine: FakeMachine, bundle_folder: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "damaged"
    shutil.copytree(bundle_folder, folder)
    (folder / "generator.fp16.onnx").write_bytes(b"damaged")
    assert run_check(BUNDLE, machine.case("--model", folder)).state == "warning"
    assert run_check(BUNDLE, machine.case("--model", folder, "--precision", "fp16")).state == "failed"


def test_a_provider_that_is_missing_fails(machine: FakeMachine, bundle_folder: Path) -> None:
    for options in (("--provider", "tensorrt"), ("--precision", "int8")):
        case = machine.case("--model", bundle_folder, *options)
        check_bundle(case)
        finding = run_check(Check("network", check_network), case)
        # A machine with TensorRT has it.
        assert finding.state in ("failed", "ok" if "tensorrt" in options else "failed")
        assert finding.state == "ok" or finding.remedy


def test_the_steps_are_those_of_the_show(bundle_folder: Path, camera_bundle: Path, pairs_bundle: Path) -> None:
    for folder, following in ((bundle_folder, False), (camera_bundle, True), (pairs_bundle, False)):
        times = take_steps(read_bundle(folder, 0), InferenceOptions(provider="cpu"), following)
        assert len(times.seconds) == STEPS
        assert min(times.seconds) > 0
        assert (times.label, times.on_gpu) == ("CPU", False)


@pytest.mark.parametrize(
    ("step", "rate", "state", "said"),
    [
        (0.020, 24.0, "ok", "a step takes 20.0 ms, 95 of 100 at most 20.0 ms; 24 frames/s leave 41.7 ms"),
        (0.100, 24.0, "warning", "too slow"),
        (0.041, 24.0, "ok", ""),
        (0.042, 24.0, "warning", "too slow"),
    ],
)
def test_the_steps_are_compared_with_the_rate(step: float, rate: float, state: str, said: str) -> None:
    finding = judge_steps(StepTimes("CPU", False, "", [step] * 9), rate=rate, speed=1.0, gpu_is_idle=False)
    assert finding.state == state
    assert said in finding.fact


@pytest.mark.parametrize(("step", "speed", "slower"), [(0.100, 1.0, "0.4"), (0.100, 2.0, "0.4"), (2.0, 1.0, "")])
def test_a_slower_play_is_named_if_there_is_one(step: float, speed: float, slower: str) -> None:
    finding = judge_steps(StepTimes("CPU", False, "", [step]), rate=24 * speed, speed=speed, gpu_is_idle=False)
    assert finding.remedy.partition("--speed ")[2] == slower


def test_a_gpu_that_does_nothing_is_named(machine: FakeMachine) -> None:
    times = StepTimes("CPU", False, "CUDA: its libraries do not load (x)", [0.01])
    finding = judge_steps(times, rate=24.0, speed=1.0, gpu_is_idle=True)
    assert (finding.state, finding.remedy) == ("warning", 'pip install -e ".[gpu]"')
    assert "its libraries do not load" in finding.fact


def test_the_speed_of_the_show_counts(machine: FakeMachine, bundle_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "p.toml").write_text("speed = 2.0\n")
    for options in (("--speed", "2"), ("--preset", tmp_path / "p.toml")):
        case = machine.case("--model", bundle_folder, "--provider", "cpu", *options)
        check_bundle(case)
        assert "24 frames/s leave 41.7 ms" in check_network(case).fact
