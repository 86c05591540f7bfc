"""Sessions to measure: their state, and their layout."""

import platform
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort
import pytest
from numpy.typing import NDArray

from live.benchmark.graphs import multiply_accumulates
from live.benchmark.sessions import EVERY, bound, open_session, optimised, through_numpy
from live.settings import DEFAULT_MODEL

HATS = (DEFAULT_MODEL / "generator.onnx").read_bytes()


def test_the_work_of_opening_a_session_is_not_counted() -> None:
    macs = multiply_accumulates(optimised(HATS))
    # The convolutions' share, by the model's own shapes, and a memory's look-up of at most four parts.
    assert 6.5e9 < macs < 6.9e9


@pytest.mark.parametrize("bundle", ["bundle_folder", "visits_bundle"])
def test_the_state_goes_round_bound_as_through_numpy(bundle: str, request: pytest.FixtureRequest) -> None:
    folder: Path = request.getfixturevalue(bundle)
    network = (folder / "generator.onnx").read_bytes()
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
    assert kinds["", "Conv"] == 1  # the smooth enlargement, each colour by itself
    assert kinds[blocked, "Conv"] == 34
    # The stem that reads packed pixels enters it. Both heads leave it, and so do a camera's displacements.
    # The other stem reads a picture as three planes.
    assert kinds[blocked, "ReorderInput"] <= 1
    assert kinds[blocked, "ReorderOutput"] <= 3
