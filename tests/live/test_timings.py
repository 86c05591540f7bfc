import pytest

from live.timings import KEPT_SAMPLES, Samples, Timings


class FakeTime:
    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def test_percentiles_are_of_the_durations_of_the_section() -> None:
    time = FakeTime()
    timings = Timings(time)
    for milliseconds in range(1, 101):
        with timings.section("step"):
            time.seconds += milliseconds / 1000
        time.seconds += 5
    assert timings.summary() == {"step": {"count": 100, "p50": 50.5, "p95": 95.05, "p99": 99.01}}
    assert timings["step"].total == pytest.approx(5.05)


def test_a_block_that_raises_is_no_sample_and_an_unused_section_is_not_reported() -> None:
    timings = Timings()
    with pytest.raises(ZeroDivisionError), timings.section("step"):
        1 / 0  # noqa: B018
    assert timings["step"].count == 0
    assert timings.summary() == {}


def test_a_long_show_keeps_the_newest_samples_and_counts_all() -> None:
    samples = Samples()
    for number in range(3 * KEPT_SAMPLES):
        samples.add(number)
    assert samples.count == 3 * KEPT_SAMPLES
    assert len(samples.newest()) == KEPT_SAMPLES
    assert samples.newest().min() == 2 * KEPT_SAMPLES
    assert sorted(samples.newest(3)) == [3 * KEPT_SAMPLES - 3, 3 * KEPT_SAMPLES - 2, 3 * KEPT_SAMPLES - 1]
