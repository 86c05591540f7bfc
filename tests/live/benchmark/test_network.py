"""The network by itself, in every precision."""

from live.benchmark.network import every_provider
from live.bundle.bundle import read_bundle
from live.settings import DEFAULT_MODEL


def test_every_precision_is_compared_with_the_plain_one() -> None:
    part = every_provider(read_bundle(DEFAULT_MODEL, 0), 0.1)
    assert {"CPU", "CPU int8", "CPU fp16"} <= part.times.keys()
    assert "CPU int8, times faster than CPU" in [each.what for each in part.figures]
