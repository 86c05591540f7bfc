import json
from pathlib import Path

import pytest

from live.bundle.bundle import read_bundle
from live.errors import OutputError
from live.frame import Frame
from live.inference.options import InferenceOptions
from live.inference.selection import open_model
from live.stats import ShowStats, write_stats
from tests.live.bundles import make_film


def test_counts_and_times(bundle_folder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seconds = iter([12.0, 25.0])
    monkeypatch.setattr("live.stats.time.perf_counter", lambda: next(seconds))
    tally = ShowStats(command_began=10.0)
    tally.picture()
    tally.picture()
    pixels = make_film(1)[0]
    for index, after in enumerate([-0.1, 0.0, 0.1, 0.2, 0.3]):
        tally.count(Frame(pixels, index, after, 0.0))
    tally.first_step, tally.ended = 14.0, 22.0
    for _ in range(3):
        tally.timings["session"].add(2.0)
        tally.timings["step"].add(2.5)
    summary = tally.summary()
    assert summary["frames"] == {"tail": 2, "after_end": 3}
    assert summary["first_picture_seconds"] == 2.0
    assert summary["fps"] == 5 / 10
    assert summary["session_fps"] == 0.5
    assert summary["generator_fps"] == 0.4
    assert summary["loop_over_session"] == 6 / 8
    assert summary["late_live_frames"] == 0
    assert 20 < summary["peak_memory_mib"] < 20_000


def test_frames_that_come_long_after_their_camera_picture_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("live.stats.time.perf_counter", lambda: 20.0)
    tally = ShowStats(command_began=10.0)
    for captured_at in (19.99, 19.95, 19.89, 19.0):
        tally.show_live(captured_at)
    assert tally.late_live_frames == 2
    assert tally.timings["latency"].percentile(0) == pytest.approx(0.01)
    for captured_at in (19.84, 19.7):
        tally.show_live(captured_at, fade=1 / 12)
    assert tally.late_live_frames == 3


def test_the_file_says_what_was_played_and_how(bundle_folder, tmp_path: Path) -> None:
    bundle = read_bundle(bundle_folder, 0)
    tally = ShowStats(command_began=0.0)
    model = open_model(bundle, InferenceOptions(provider="cpu"), tally.timings)
    write_stats(tmp_path / "s.json", bundle=bundle, model=model, seed=11, tally=tally)
    written = json.loads((tmp_path / "s.json").read_text())
    assert written["title"] == "A Test"
    assert written["model"] == "small"
    assert written["size"] == {"width": 64, "height": 48}
    assert written["frame_rate_wanted"] == 12
    assert written["provider"] == "CPU"
    assert written["seed"] == 11
    assert written["loop_over_session"] is None
    assert written["first_picture_seconds"] is None
    with pytest.raises(OutputError, match="cannot write the statistics"):
        write_stats(tmp_path / "gone" / "s.json", bundle=bundle, model=model, seed=11, tally=tally)
