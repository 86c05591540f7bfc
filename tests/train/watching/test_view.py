"""Answers to the page: curves of this session and of earlier ones, videos, and exports."""

import io
import json
import math
import time
import urllib.request
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import av
import pytest
from rich.console import Console

from tests.train.watching.conftest import FRAMES, Watched
from train.runtime.curves import Curves
from train.runtime.interrupt import interruptible
from train.runtime.progress import Standing
from train.runtime.run_folder import Run
from train.watching.board import POINTS, Board
from train.watching.exporter import Exporter
from train.watching.options import Page
from train.watching.samples import as_mp4
from train.watching.view import View
from train.watching.watched import watched


def test_curves_begin_with_earlier_sessions(serve: Callable[[], Watched], run: Run) -> None:
    # The first session was killed after step 30: the second began at 20, and what it replaces is left out.
    for first, values in ((1, {10: 0.5, 30: 9.0}), (20, {25: 0.75})):
        curves = Curves(run.folder / "tensorboard", first_step=first)
        for step, value in values.items():
            curves.add({"sample/score": value}, step)
    watched = serve()
    view, board = watched.server._view, watched.board
    board.first_step = 26
    board.add({"sample/score": 1.0, "loss/l1": float("nan")}, 26)
    told = view.points(0)
    assert told == {
        "points": [(10, "sample/score", 0.5), (25, "sample/score", 0.75), (26, "sample/score", 1.0)],
        "next": 4,
    }
    assert view.points(told["next"]) == {"points": [], "next": 4}
    board.add({"sample/score": 0.5}, 30)
    assert view.points(told["next"]) == {"points": [(30, "sample/score", 0.5)], "next": 5}


def test_the_curves_of_weeks_are_thinned_out_and_a_page_goes_on(serve: Callable[[], Watched]) -> None:
    watched = serve()
    view, board = watched.server._view, watched.board
    board.first_step = 0
    seen, begin = [], 0
    for step in range(5 * POINTS):
        board.add({"loss/l1": 1.0} if step % 100 else {"loss/l1": 1.0, "sample/score": 0.5}, step)
        if step % 700 == 0:
            told = view.points(begin)
            seen += [point[0] for point in told["points"] if point[1] == "loss/l1"]
            begin = told["next"]
    assert seen == sorted(set(seen)), "no point comes twice"
    assert set(range(0, 5 * POINTS, 700)) <= set(seen), "the newest point always comes"
    points = view.points(0)["points"]
    steps = [point[0] for point in points if point[1] == "loss/l1"]
    assert POINTS // 2 <= len(steps) <= POINTS
    assert steps == sorted(steps)
    assert steps[-1] == step
    assert [point[0] for point in points if point[1] == "sample/score"] == list(range(0, 5 * POINTS, 100))


def test_before_a_training_there_is_nothing_to_show(serve: Callable[[], Watched]) -> None:
    watched = serve()
    watched.board.first_step = None
    assert watched.server._view.points(0) == {"points": [], "next": 0}
    state = watched.server._view.state()
    assert (state["phase"], state["standing"], state["samples"], state["exportable"]) == ("preparing", None, [], False)


def test_times_run_down_between_two_steps() -> None:
    board = Board()
    board.post(Standing(3, 0.1, 100.0, "", "rollout", 50.0))
    time.sleep(0.02)
    age, standing = board.standing or pytest.fail("it was posted")
    assert 0.02 <= age < 60
    assert standing.step == 3


def test_a_sample_as_mp4_has_all_its_frames(run: Run) -> None:
    with av.open(BytesIO(as_mp4(run.samples / "step-000012.mkv")), "r") as container:
        frames = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
        rate = container.streams.video[0].average_rate
        assert float(rate or 0) == pytest.approx(12, rel=1e-3)
    with av.open(str(run.samples / "step-000012.mkv")) as container:
        originals = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    assert len(frames) == FRAMES
    assert all((one == other).all() for one, other in zip(frames, originals, strict=True))


def test_a_failed_export_says_why(tmp_path: Path) -> None:
    exporter = Exporter(tmp_path / "nowhere", tmp_path / "models/nowhere")
    assert exporter.start(overwrite=False)
    assert not exporter.start(overwrite=False), "one at a time"
    exporter.wait()
    state = exporter.state()
    assert (state["running"], state["done"], state["failed"]) == (False, False, True)
    assert "is no run folder" in state["lines"][-1]


def test_an_export_can_be_ended(tmp_path: Path) -> None:
    exporter = Exporter(tmp_path / "nowhere", tmp_path / "models/nowhere")
    exporter.start(overwrite=False)
    exporter.end()
    assert not exporter.running
    assert exporter.state()["failed"]


def test_a_training_does_not_end_before_its_export(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    printed = io.StringIO()
    console = Console(file=printed, width=200)
    with interruptible() as interruption, watched(Run(Path("nowhere")), Page(page=0), console, interruption):
        address = printed.getvalue().split()[1]
        asked = urllib.request.Request(f"{address}export", method="POST", headers={"Origin": address.rstrip("/")})
        with urllib.request.urlopen(asked, timeout=10) as answer:
            export = json.load(answer)["export"]
        assert (export["running"], export["out"]) == (True, str(Path("models/nowhere")))
    assert "waiting for the export to models" in printed.getvalue()


def test_what_is_no_number_is_none(serve: Callable[[], Watched]) -> None:
    watched = serve()
    watched.board.checks = [{"label": "motion", "value": math.nan, "low": 0.5, "high": math.inf}]
    assert watched.server._view.state()["checks"] == [{"label": "motion", "value": None, "low": 0.5, "high": None}]


def test_the_player_gives_the_files_of_its_page_alone(run: Run, serve: Callable[[], Watched]) -> None:
    watched = serve()
    player = Exporter(run.folder, run.folder / "player/bundle")
    view = View(watched.board, run, watched.interruption, player, player)
    page = run.folder / "player/page"
    page.mkdir(parents=True)
    (page / "index.html").touch()
    (run.folder / "run.json").touch()
    assert view.file_of_player("index.html") == page / "index.html"
    assert view.file_of_player("../../run.json") is None
    assert view.file_of_player("nothing.js") is None
    assert watched.server._view.file_of_player("index.html") is None, "there is no player"
