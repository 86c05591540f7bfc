"""`evaluate`, end to end: real bundles of an untrained network, rolled out, measured, compared and reported."""

import io
import json
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import av
import cv2
import numpy as np
import pytest
import torch
from rich.console import Console

from tests.train.conftest import WriteFilm, numbered
from tests.train.evaluation.bundles import without, without_inputs
from train.data.film import Film
from train.data.film_course import FilmCourse
from train.data.film_windows import FilmWindows
from train.data.films import load_films
from train.data.probing.film_file import content_hash
from train.data.shots import find_story
from train.errors import BundleError, OutputError
from train.evaluation.bundle_runner import Bundle
from train.evaluation.evaluate import evaluate, split_paths
from train.evaluation.measurement import open_clips
from train.evaluation.options import EvaluateConfig
from train.export.onnx_file import write_graph
from train.models.generator import Generator, GeneratorConfig
from train.runtime.run_folder import FilmFacts

CONSOLE = Console(quiet=True)


@pytest.fixture
def config(tmp_path: Path) -> EvaluateConfig:
    """Options of the shortest evaluation: one rollout of each model."""
    return EvaluateConfig(seconds=4, starts=1, seeds=1, cache=tmp_path / "cache")


@pytest.fixture
def without_features(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out the perceptual network, which takes most of the time."""
    monkeypatch.setattr("train.evaluation.evaluate.open_features", lambda: None)


@pytest.fixture
def small_crop_features(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compare crops by 6×6 pixels: thousands of them take the network minutes."""

    def pixels(crops: Sequence[np.ndarray]) -> np.ndarray:
        small = [cv2.resize(each, (6, 6), interpolation=cv2.INTER_AREA) for each in crops]
        return np.stack(small).reshape(len(crops), -1).astype(np.float32)

    monkeypatch.setattr("train.evaluation.evaluate.open_crop_features", lambda: pixels)


# ----------------------------------------------------------------------------
# The report.


@pytest.mark.usefixtures("small_crop_features")
def test_two_bundles_are_compared_on_one_page(
    bundle: Path, hats_cut: Path, tmp_path: Path, config: EvaluateConfig, capsys: pytest.CaptureFixture[str]
) -> None:
    older = without(bundle, tmp_path / "older" / "hats", "fit", "end", "film_sha256")
    out = tmp_path / "report"
    evaluate([bundle, older], [hats_cut], out, replace(config, starts=2, seeds=2), Console(), overwrite=False)
    printed = capsys.readouterr().out
    assert "hats-2" in printed
    assert "NOT MET" in printed
    assert "another file" not in printed

    names = {"figures.json", "curves.png", "contact-sheet.png", "hats.mkv", "hats-2.mkv", "side-by-side.mkv"}
    assert {path.name for path in out.iterdir()} == names
    facts = json.loads((out / "figures.json").read_text(encoding="utf-8"))
    assert set(facts["files"]) == names
    # The older bundle does not hold how its film was fitted, reads it differently, and so has null models of its own.
    assert [model["name"] for model in facts["models"]] == ["hats", "hats-2"]
    assert [null["name"].split()[0] for null in facts["nulls"]] == ["hold", "replay", "h264"] * 2
    for model in facts["models"]:
        rollouts = model["rollouts"]
        assert [(rollout["seed"]) for rollout in rollouts] == [0, 1, 0, 1]
        assert model["parting"] == "never"  # an untrained network ignores the noise
        assert rollouts[0]["start"] == pytest.approx(119 / 24, abs=1e-3)
        assert rollouts[2]["start"] < rollouts[0]["start"]
        assert all(len(rollout["figures"]["motion_curve"]) == 4 for rollout in rollouts)
        assert rollouts[0]["figures"] != rollouts[1]["figures"]
        values = [rollout["figures"]["sharpness"] for rollout in rollouts]
        row = next(row for row in model["bars"] if row["figure"] == "sharpness")
        assert row["median"] == pytest.approx(np.median(values), rel=1e-3)
        assert row["met"] == all(0.8 <= value <= 1.25 for value in values)
        # An untrained network does no better than to copy.
        assert model["one_step"]["over_copying"] > 0.5
        assert 0 <= model["one_step"]["wholeness"] < 1.5
        assert all(0 <= model["coherence"][name] < 1.5 for name in ("after_2", "after_8", "after_32"))
        assert all(0 <= rollout["fidelity"]["wholeness"] < 1.5 for rollout in rollouts)
        assert [len(rollout["fidelity"]["shot_shares"]) for rollout in rollouts] == [3] * 4
        found = {row["label"]: row for row in model["bars"]}
        assert len(model["bars"]) == len(found) == 18
        assert {"one step: wholeness", "wholeness of what moves", "flicker, levels", "jumps a minute"} < found.keys()
        assert not found["one step: error over that of copying"]["met"]
        assert model["met"] == sum(row["met"] for row in model["bars"])
        further = {row["label"]: row for row in model["further_bars"]}
        assert further["largest share of a shot"]["bar"] == further["8 steps: wholeness"]["bar"] == ""
        assert all(label in printed for label in (*found, *further))
        assert f"{model['met']} of 18" in printed
    assert all(null["parting"] is None and null["one_step"] is null["coherence"] is None for null in facts["nulls"])
    assert [len(null["bars"]) for null in facts["nulls"]] == [16] * 6
    assert f"{facts['nulls'][0]['met']} of 16" in printed
    flicker = {
        null["name"]: [rollout["fidelity"]["flicker"] for rollout in null["rollouts"]] for null in facts["nulls"]
    }
    assert all(set(values) == {0.0} for name, values in flicker.items() if name.startswith("hold"))
    for null, missed in (("hold", ("motion", "freeze", "variety")), ("replay", ("nearest",))):
        report = next(report for report in facts["nulls"] if report["name"].startswith(null))
        assert not any(row["met"] for row in report["bars"] if row["figure"] in missed), null

    with av.open(str(out / "hats.mkv")) as video:
        assert sum(1 for _ in video.decode(video=0)) == 48
        assert video.streams.video[0].average_rate == 12
    with av.open(str(out / "side-by-side.mkv")) as video:
        assert sum(1 for _ in video.decode(video=0)) == 48
    page = cv2.imread(str(out / "curves.png"))
    assert page is not None
    assert page.shape[0] > 1000
    assert page.std() > 10


@pytest.mark.usefixtures("without_features")
def test_in_a_terminal_tables_stand_below_each_other(
    bundle: Path, hats_cut: Path, tmp_path: Path, config: EvaluateConfig
) -> None:
    printed = io.StringIO()
    console = Console(file=printed, width=80, force_terminal=True, color_system=None)
    evaluate([bundle, bundle], [hats_cut], tmp_path / "report", replace(config, starts=2), console, overwrite=False)
    lines = printed.getvalue()[printed.getvalue().index("median (worst) of 2 rollouts") :].splitlines()
    lines = [line for line in lines if not line.startswith("report: ")]
    assert max(len(line.rstrip()) for line in lines) <= 80
    assert not any("…" in line for line in lines)
    heads = [line.split()[3:] for line in lines if line.startswith("median (worst)  ")]
    assert heads == [["hats", "hats-2"], ["hold", "replay"], ["h264"]]
    assert sum("NOT MET" in line for line in lines) > 10
    assert "share of frames that loop" in printed.getvalue()


@pytest.mark.usefixtures("without_features")
def test_the_same_bundle_is_measured_the_same_again(
    bundle: Path, hats_cut: Path, tmp_path: Path, config: EvaluateConfig, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "report"
    config = replace(config, seeds=2)
    evaluate([bundle], [hats_cut], out, config, Console(), overwrite=False)
    assert "wholeness is left out" in capsys.readouterr().out
    first = (out / "figures.json").read_text(encoding="utf-8")
    facts = json.loads(first)["models"][0]
    assert facts["one_step"]["wholeness"] is facts["coherence"] is None
    assert len(facts["bars"]) == 16
    assert "wholeness" not in {row["figure"] for row in facts["bars"] + facts["further_bars"]}
    evaluate([bundle], [hats_cut], out, config, CONSOLE, overwrite=True)
    again = (out / "figures.json").read_text(encoding="utf-8")
    assert without_coded(again) == without_coded(first)


def without_coded(figures: str) -> Any:
    """Return the figures but those of the film through H.264: x264 may give other bytes for the same film."""
    facts = json.loads(figures)
    facts["nulls"] = [null for null in facts["nulls"] if null["name"] != "h264"]
    return facts


@pytest.mark.usefixtures("without_features")
def test_another_film_is_pointed_out(
    bundle: Path, tmp_path: Path, config: EvaluateConfig, capsys: pytest.CaptureFixture[str], hats_film: Film
) -> None:
    other = tmp_path / "other.mkv"
    with av.open(str(other), "w") as container:
        stream = container.add_stream("ffv1", rate=30)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "bgr0"
        for frame in hats_film.frames:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(np.asarray(frame), format="rgb24")))
        container.mux(stream.encode(None))
    evaluate([bundle], [other], tmp_path / "report", config, Console(), overwrite=False)
    printed = capsys.readouterr().out
    assert "hats was made from another file" in printed
    assert "12 frames a second" in printed


@pytest.mark.usefixtures("without_features")
def test_only_a_report_is_ever_replaced(bundle: Path, hats_cut: Path, tmp_path: Path, config: EvaluateConfig) -> None:
    out = tmp_path / "report"
    out.mkdir()
    (out / "thesis.txt").write_text("years of work")
    for overwrite in (False, True):
        with pytest.raises(OutputError, match="will not be replaced"):
            evaluate([bundle], [hats_cut], out, config, CONSOLE, overwrite=overwrite)
    with pytest.raises(OutputError, match="will not be replaced"):
        evaluate([bundle], [hats_cut], bundle, config, CONSOLE, overwrite=True)
    (out / "figures.json").write_text(json.dumps({"files": ["figures.json"]}))
    with pytest.raises(OutputError, match="will not be replaced"):
        evaluate([bundle], [hats_cut], out, config, CONSOLE, overwrite=True)
    (out / "thesis.txt").unlink()
    with pytest.raises(OutputError, match="--overwrite"):
        evaluate([bundle], [hats_cut], out, config, CONSOLE, overwrite=False)
    evaluate([bundle], [hats_cut], out, config, CONSOLE, overwrite=True)
    assert (out / "hats.mkv").is_file()


@pytest.mark.usefixtures("without_features")
@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["BUNDLE"], "BUNDLE... FILM"),
        (["nowhere", "FILM"], "there is no bundle nowhere"),
        (["FILM", "FILM"], "there is no bundle"),
        (["empty", "FILM"], "generator.onnx is missing"),
        (["broken", "FILM"], "no network"),
        (["BUNDLE", "[nothing].mkv"], "there is no film at [nothing].mkv"),
        (["BUNDLE", "FILM", "empty"], "empty holds no films"),
        (["BUNDLE", "nothing.mkv"], "there is no film at nothing.mkv"),
        (["BUNDLE", "FILM", "--seconds", "1"], "--seconds"),
        (["BUNDLE", "FILM", "--temperature", "-1"], "--temperature"),
        (["BUNDLE", "FILM", "--end", "0.001"], "give"),
    ],
)
def test_bad_input_is_one_line_and_leaves_nothing(
    bundle: Path, hats_cut: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch,
    words: list[str], says: str,
) -> None:  # fmt: skip
    from train.__main__ import main

    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken/generator.onnx").write_bytes(b"no network")
    paths = {"BUNDLE": str(bundle), "FILM": str(hats_cut)}
    assert main(["evaluate", *(paths.get(word, word) for word in words), "--out", "report"]) == 2
    errors = capsys.readouterr().err
    assert says in errors
    assert errors.count("\n") == 1
    assert not [path.name for path in tmp_path.iterdir() if path.name.startswith("report")]


def test_the_films_come_last(bundle: Path, tmp_path: Path) -> None:
    graph, films = bundle / "generator.onnx", [tmp_path / "a.mkv", tmp_path]
    assert split_paths([bundle, *films]) == ([bundle], films)
    assert split_paths([bundle, graph, *films]) == ([bundle, graph], films)
    assert split_paths([tmp_path / "nowhere", graph, films[0]]) == ([tmp_path / "nowhere", graph], films[:1])
    assert split_paths([tmp_path / "nowhere", *films]) == ([tmp_path / "nowhere"], films)
    for paths in ([], [bundle], [bundle, graph]):
        with pytest.raises(OutputError, match=r"BUNDLE\.\.\. FILM\.\.\."):
            split_paths(paths)


@pytest.mark.usefixtures("without_features")
def test_several_films_are_read_as_for_the_training(
    generator: Generator, hats_cut: Path, write_film: WriteFilm, tmp_path: Path, config: EvaluateConfig,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    files = [hats_cut, write_film(numbered(60), "last.mkv")]
    film = load_films(files, (64, 48), "crop", config.cache)
    facts = FilmFacts("A long title " * 20, "ours", film.source_hash, (64, 48), "12", 2, 7.0, "crop", 1.0, {})
    (tmp_path / "two").mkdir()
    write_graph(tmp_path / "two/generator.onnx", generator, facts, [0])
    evaluate([tmp_path / "two"], files, tmp_path / "report", config, Console(), overwrite=False)
    assert "another file" not in capsys.readouterr().out
    figures = json.loads((tmp_path / "report/figures.json").read_text())
    assert figures["film"]["file"] == f"{files[0]}, {files[1]}"
    assert figures["film"]["sha256"] == film.source_hash
    first = figures["models"][0]["rollouts"][0]
    assert first["start"] == 1.0  # of the last film
    assert len(first["fidelity"]["shot_shares"]) == 4

    evaluate([tmp_path / "two"], files[::-1], tmp_path / "report", config, Console(), overwrite=True)
    assert "two was made from another file" in capsys.readouterr().out


# ----------------------------------------------------------------------------
# With a camera.


@pytest.mark.usefixtures("without_features")
def test_a_bundle_is_played_by_a_clip(hats_cut: Path, hats_film: Film, tmp_path: Path, config: EvaluateConfig) -> None:
    windows = FilmWindows(hats_film, find_story(hats_film), context_frames=2, stride=2, scale=4)
    torch.manual_seed(0)
    course = FilmCourse(windows)
    generator = Generator(GeneratorConfig(), course.memory, course.dramaturgy).eval()
    torch.nn.init.normal_(generator.recurrence.paint.head.weight, std=0.3)
    facts = FilmFacts("Hats", "ours", content_hash(hats_cut), (64, 48), "12", 2, 5.0, "crop", 4.958, {})
    (tmp_path / "played").mkdir()
    write_graph(tmp_path / "played/generator.onnx", generator, facts, [0])
    with_clip = replace(config, camera=(hats_cut,), camera_mix=(0.0, 1.0))
    evaluate([tmp_path / "played"], [hats_cut], tmp_path / "report", with_clip, CONSOLE, overwrite=False)
    figures = json.loads((tmp_path / "report/figures.json").read_text())
    assert figures["camera"] == [str(hats_cut)]
    assert [model["name"] for model in figures["models"]] == ["played-0", "played-1"]
    assert {"played-0.mkv", "played-1.mkv"} < set(figures["files"])
    alone, followed = (model["followed"] for model in figures["models"])
    assert all(-1 <= value <= 1 for value in (*alone.values(), *followed.values()))
    assert alone != followed
    assert figures["nulls"][0]["followed"] is None


@pytest.mark.usefixtures("without_features")
def test_a_bundle_without_a_camera_says_so(
    bundle: Path, hats_cut: Path, tmp_path: Path, config: EvaluateConfig
) -> None:
    old = without_inputs(bundle, tmp_path / "old", "movement", "camera")
    with pytest.raises(BundleError, match="old takes no camera"):
        evaluate([old], [hats_cut], tmp_path / "r", replace(config, camera=(hats_cut,)), CONSOLE, overwrite=False)
    assert not (tmp_path / "r").exists()


def test_a_clip_before_the_camera_keeps_its_bars(write_film: WriteFilm, config: EvaluateConfig) -> None:
    boxed = [cv2.copyMakeBorder(picture, 12, 12, 0, 0, cv2.BORDER_CONSTANT) for picture in numbered(20)]
    graph = SimpleNamespace(takes_camera=True)
    bundle = cast(Bundle, SimpleNamespace(graph=graph, size=(64, 72), frame_rate=Fraction(24)))
    (clip,) = open_clips(bundle, replace(config, camera=(write_film(boxed),)))
    assert np.array_equal(clip.frames[3], boxed[3])
