"""Networks whose first step takes all time or memory: refused in a process of their own, before a show opens them."""

import os
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from live.benchmark.__main__ import main as benchmark
from live.bundle.bundle import read_bundle
from live.errors import BundleError
from live.inference.options import InferenceOptions, PrecisionChoice
from live.inference.trial.trial import Trial
from live.web.__main__ import main as write_page
from tests.live.bundle.hostile import with_bomb
from tests.live.bundles import make_half_model, make_model, write_bundle
from tests.live.command import run
from tests.live.waiting import wait_until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the other systems limit less")


def constant(name: str, value: object) -> TensorProto:
    return numpy_helper.from_array(np.array(value, np.int64), name)


def slow() -> onnx.ModelProto:
    """Return a network within all bounds of its shapes that multiplies 2^12 × 2^12 numbers hundreds of times."""
    node, side = helper.make_node, 2**12
    nodes = [node("Expand", ["temperature", "size"], ["m0"])]
    nodes += [node("MatMul", [f"m{turn}", "m0"], [f"m{turn + 1}"]) for turn in range(300)]
    return with_bomb([*nodes, node("Identity", ["m300"], ["big"])], [constant("size", [side, side])])


def large() -> onnx.ModelProto:
    """Return a network each of whose results is within the bound, and all of which are needed at once.

    An addition takes little time, so that the memory is used up before the time, on a slow machine too.
    """
    node, names = helper.make_node, [f"m{number}" for number in range(40)]
    nodes = [node("Expand", ["temperature", "size"], ["all"])]
    nodes += [node("Add", ["all", f"by {name}"], [name]) for name in names]
    constants = [
        numpy_helper.from_array(np.array(number, np.float32), f"by {name}") for number, name in enumerate(names)
    ]
    return with_bomb([*nodes, node("Sum", names, ["big"])], [*constants, constant("size", [2**12, 2**12])])


def wide() -> onnx.ModelProto:
    """Return a network whose shapes alone take all memory: ONNX follows the elements of lists."""
    node = helper.make_node
    nodes = [node("ConstantOfShape", ["size"], ["m0"])]
    nodes += [node("Mul", [f"m{turn}", "temperature"], [f"m{turn + 1}"]) for turn in range(40)]
    return with_bomb([*nodes, node("Identity", ["m40"], ["big"])], [constant("size", [2**24])])


def too_large() -> onnx.ModelProto:
    """Return a network with a result of more elements than any may have."""
    return with_bomb([helper.make_node("ConstantOfShape", ["size"], ["big"])], [constant("size", [10**9])])


TOO_MUCH = {
    "slow": (slow, "the network's first step takes more than about 3 s on one core"),
    "large": (large, "the network's first step takes more than 512 MiB of memory"),
    "wide": (wide, "the network's first step takes more than 512 MiB of memory"),
}


@pytest.mark.parametrize("kind", TOO_MUCH)
def test_a_first_step_that_takes_too_much_is_refused_in_one_line(tmp_path: Path, kind: str) -> None:
    make, said = TOO_MUCH[kind]
    bundle = write_bundle(tmp_path / "b", make())
    done = run("--model", bundle, "--headless", "--seconds", "1")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert done.stderr.startswith(f"ninety-seconds-after: error: {bundle / 'generator.onnx'}: {said}")


def tried(folder: Path, precision: PrecisionChoice = "auto") -> None:
    """Try the networks of a bundle."""
    with closing(Trial(read_bundle(folder, 0), InferenceOptions(precision=precision))) as trial:
        trial.wait()


def test_each_network_that_may_be_opened_is_tried(tmp_path: Path) -> None:
    folder = write_bundle(tmp_path / "b", fp16=make_half_model(), int8=too_large())
    with pytest.raises(BundleError, match=r"generator\.int8\.onnx computes big, .* which is too large"):
        tried(folder)
    tried(folder, "fp32")
    tried(folder, "fp16")


def test_benchmark_and_page_try_the_networks_first(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = write_bundle(tmp_path / "b", too_large())
    for command, arguments in ((benchmark, ["--model", folder]), (write_page, [folder, tmp_path / "page"])):
        assert command(list(map(str, arguments))) == 2
        said = capsys.readouterr()
        assert (said.out, said.err.count("\n")) == ("", 1)
        assert "generator.onnx computes big" in said.err


def test_a_larger_picture_may_take_more(tmp_path: Path) -> None:
    model = make_model(height=1024, width=2048)
    bundle = read_bundle(write_bundle(tmp_path / "b", make_model()), 0)
    graph = replace(bundle.graph, height=1024, width=2048)
    with closing(
        Trial(replace(bundle, model_bytes=model.SerializeToString(), graph=graph), InferenceOptions())
    ) as trial:
        trial.wait()
    assert (trial.seconds, trial.mib) == (6.0, 1024)


@pytest.mark.parametrize(("background", "lower"), [(False, 0), (True, 10)])
def test_beside_a_show_the_process_has_a_low_priority(tmp_path: Path, background: bool, lower: int) -> None:
    priority = min(os.getpriority(os.PRIO_PROCESS, 0) + lower, 19)
    with closing(Trial(read_bundle(write_bundle(tmp_path / "b"), 0), background=background)) as trial:
        wait_until(lambda: os.getpriority(os.PRIO_PROCESS, trial._process.pid) == priority)
        trial.wait()


def test_a_process_that_ends_or_hangs_is_refused(tmp_path: Path) -> None:
    bundle = read_bundle(write_bundle(tmp_path / "b"), 0)
    trial = Trial(bundle, InferenceOptions(), hanging_seconds=0.0)
    with closing(trial), pytest.raises(BundleError, match="ends or hangs its process"):
        trial.wait()
