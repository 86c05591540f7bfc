"""The effects beside a step."""

from pathlib import Path

from live.benchmark.effects import beside_a_step
from live.bundle.bundle import read_bundle


def test_every_effect_is_compared_with_a_step(bundle_folder: Path) -> None:
    part = beside_a_step(read_bundle(bundle_folder, 0), 0.1)
    assert [*part.times] == ["step", *(figure.what.removesuffix(", over a step") for figure in part.figures)]
    assert part.times["no effects"].p50_ms < part.times["feedback, over"].p50_ms
    assert part.times["no effects"].p50_ms < part.times["look-up table"].p50_ms
