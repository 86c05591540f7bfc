"""Sessions of candidates: the network that each runs, and its name."""

from pathlib import Path

import pytest

from live.bundle.bundle import read_bundle
from live.errors import BundleError
from live.inference.sessions import PLAIN, Candidate, missing_reason, open_candidate, open_session
from tests.live.bundles import make_half_model, make_model, write_bundle


@pytest.mark.parametrize(
    ("candidate", "label"),
    [
        (PLAIN, "CPU"),
        (Candidate("cpu", "int8"), "CPU int8"),
        (Candidate("cuda", "fp16", captured=True), "CUDA fp16, graph"),
        (Candidate("tensorrt", "fp32"), "TensorRT"),
    ],
)
def test_a_candidate_has_a_label_for_people(candidate: Candidate, label: str) -> None:
    assert candidate.label == label


def test_a_session_runs_the_network_of_its_precision(tmp_path: Path) -> None:
    bundle = read_bundle(write_bundle(tmp_path / "b", fp16=make_half_model()), 0)
    half = Candidate("cpu", "fp16")
    for candidate, kind in ((PLAIN, "tensor(float)"), (half, "tensor(float16)")):
        types = {put.name: put.type for put in open_session(bundle, candidate).get_inputs()}
        assert types["context"] == kind
    model = open_candidate(bundle, half)
    assert (model.label, model.device) == ("CPU fp16", "cpu")


def test_another_network_in_a_precision_is_refused(tmp_path: Path) -> None:
    bundle = read_bundle(write_bundle(tmp_path / "b", int8=make_model(height=16, width=16)), 0)
    with pytest.raises(BundleError, match="is another model than"):
        open_session(bundle, Candidate("cpu", "int8"))


def test_the_cpu_is_never_missing() -> None:
    assert missing_reason("cpu") == ""
