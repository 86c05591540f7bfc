"""`evaluate`, end to end: real bundles of an untrained network, rolled out, measured, compared and reported."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Literal

import av
import cv2
import numpy as np
import onnx
import pytest
import torch
from rich.console import Console

from train.data.film import Film, content_hash
from train.data.film_windows import FilmWindows
from train.data.shots import find_story
from train.errors import BundleError, OutputError
from train.evaluation.bundle_runner import Graph, open_bundle
from train.evaluation.evaluate import evaluate, split_paths
from train.evaluation.options import EvaluateConfig
from train.evaluation.reference_film import ReferenceFilm
from train.evaluation.rollout import roll_out
from train.export.export import write_graph
from train.models.generator import Generator, GeneratorConfig
from train.runtime.run_folder import FilmFacts

CONSOLE = Console(quiet=True)


@pytest.fixture(scope="module")
def generator() -> Generator:
    torch.manual_seed(0)
    return Generator(GeneratorConfig(guided=False)).eval()


@pytest.fixture(scope="module")
def bundle(generator: Generator, hats_cut: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle as far as an evaluation needs it: its graph."""
    folder = tmp_path_factory.mktemp("models") / "hats"
    folder.mkdir()
    facts = FilmFacts("Hats", "ours", content_hash(hats_cut), (64, 48), "12", 2, 5.0, "letterbox", 4.958, {})
    write_graph(folder / "generator.onnx", generator, facts, [0])
    return folder


@pytest.fixture
def config(tmp_path: Path) -> EvaluateConfig:
    return EvaluateConfig(seconds=4, starts=2, seeds=2, cache=tmp_path / "cache")


@pytest.fixture
def without_features(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out the perceptual network, which takes most of the time."""
    monkeypatch.setattr("train.evaluation.evaluate.open_features", lambda: None)


def without(bundle: Path, folder: Path, *keys: str) -> Path:
    """A copy of a bundle that lacks some metadata."""
    folder.mkdir(parents=True)
    model = onnx.load(str(bundle / "generator.onnx"))
    kept = {entry.key: entry.value for entry in model.metadata_props if entry.key not in keys}
    del model.metadata_props[:]
    onnx.helper.set_model_props(model, kept)
    onnx.save_model(model, str(folder / "generator.onnx"))
    return folder


# ----------------------------------------------------------------------------
# The report.


def test_two_bundles_are_compared_on_one_page(
    bundle: Path, hats_cut: Path, tmp_path: Path, config: EvaluateConfig, capsys: pytest.CaptureFixture[str]
) -> None:
    older = without(bundle, tmp_path / "older" / "hats", "fit", "end", "film_sha256")
    out = tmp_path / "report"
    evaluate([bundle, older], hats_cut, out, config, Console(), overwrite=False)
    printed = capsys.readouterr().out
    assert "hats-2" in printed
    assert "NOT MET" in printed
    assert "another file" not in printed

    names = {"figures.json", "curves.png", "contact-sheet.png", "hats.mkv", "hats-2.mkv"}
    assert {path.name for path in out.iterdir()} == names
    facts = json.loads((out / "figures.json").read_text(encoding="utf-8"))
    assert set(facts["files"]) == names
    # The older bundle does not hold how its film was fitted, reads it differently, and so has null models of its own.
    assert [model["name"] for model in facts["models"]] == ["hats", "hats-2"]
    assert len(facts["nulls"]) == 4
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
    assert all(null["parting"] is None for null in facts["nulls"])
    for null, missed in (("hold", ("motion", "freeze", "variety")), ("replay", ("nearest",))):
        report = next(report for report in facts["nulls"] if report["name"].startswith(null))
        assert not any(row["met"] for row in report["bars"] if row["figure"] in missed), null

    with av.open(str(out / "hats.mkv")) as video:
        assert sum(1 for _ in video.decode(video=0)) == 48
        assert video.streams.video[0].average_rate == 12
    page = cv2.imread(str(out / "curves.png"))
    assert page is not None
    assert page.shape[0] > 1000
    assert page.std() > 10


@pytest.mark.usefixtures("without_features")
def test_the_same_bundle_is_measured_the_same_again(
    bundle: Path, hats_cut: Path, tmp_path: Path, config: EvaluateConfig
) -> None:
    out = tmp_path / "report"
    evaluate([bundle], hats_cut, out, config, CONSOLE, overwrite=False)
    first = (out / "figures.json").read_text(encoding="utf-8")
    evaluate([bundle], hats_cut, out, config, CONSOLE, overwrite=True)
    assert (out / "figures.json").read_text(encoding="utf-8") == first


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
    evaluate([bundle], other, tmp_path / "report", config, Console(), overwrite=False)
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
            evaluate([bundle], hats_cut, out, config, CONSOLE, overwrite=overwrite)
    with pytest.raises(OutputError, match="will not be replaced"):
        evaluate([bundle], hats_cut, bundle, config, CONSOLE, overwrite=True)
    (out / "figures.json").write_text(json.dumps({"files": ["figures.json"]}))
    with pytest.raises(OutputError, match="will not be replaced"):
        evaluate([bundle], hats_cut, out, config, CONSOLE, overwrite=True)
    (out / "thesis.txt").unlink()
    with pytest.raises(OutputError, match="--overwrite"):
        evaluate([bundle], hats_cut, out, config, CONSOLE, overwrite=False)
    evaluate([bundle], hats_cut, out, config, CONSOLE, overwrite=True)
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


def test_the_film_comes_last() -> None:
    assert split_paths([Path("a"), Path("b"), Path("film")]) == ([Path("a"), Path("b")], Path("film"))


# ----------------------------------------------------------------------------
# The reference film.


def test_rollouts_begin_at_the_end_and_all_over_the_story(hats_film: Film) -> None:
    story = find_story(hats_film)
    film = ReferenceFilm.of(hats_film, story, 2, 2, None)
    starts = film.starts(9)
    assert starts[0] == story.last
    assert starts[1:] == sorted(set(starts[1:]))
    shots = {story.shot_of(start) for start in starts}
    assert len(shots) == 3
    assert film.starts(1) == [story.last]
    # A context holds frames of the film, none of them from before a cut.
    for start in starts:
        levels = ((film.context(start)[0] + 1) * 127.5).round().astype(np.uint8)
        expected = hats_film.frames[[start - 2, start]].transpose(0, 3, 1, 2).reshape(6, 48, 64)
        assert np.array_equal(levels, expected)
        assert story.shot_of(start - 2) == story.shot_of(start)


def test_a_replay_continues_at_the_beginning(hats_film: Film) -> None:
    story = find_story(hats_film)
    frames = ReferenceFilm.of(hats_film, story, 2, 2, None).replay(100)
    indices = [index for shot in story.shots for index in range(shot.start, shot.stop, 2)]
    begin = indices.index(100)
    for index in [*indices[begin:], *indices, indices[0]]:
        assert np.array_equal(next(frames), hats_film.frames[index])


# ----------------------------------------------------------------------------
# The bundle.


def test_a_bundle_rolls_out_as_the_checkpoint_does(bundle: Path, generator: Generator, hats_film: Film) -> None:
    opened = open_bundle(bundle)
    assert (opened.size, opened.stride, opened.context_frames) == ((64, 48), 2, 2)
    assert (opened.fit, opened.end) == ("letterbox", 4.958)
    context = ReferenceFilm.of(hats_film, find_story(hats_film), 2, 2, None).context(119)
    ours = list(opened.graph.roll_out(context, 3, temperature=1.0, seed=5))
    theirs = list(roll_out(generator, torch.from_numpy(context), 3, temperature=1.0, seed=5))
    assert np.abs(ours[0].astype(int) - theirs[0]).max() <= 1
    assert np.abs(ours[-1].astype(int) - theirs[-1]).mean() < 1
    other = list(opened.graph.roll_out(context, 3, temperature=1.0, seed=6))
    assert not np.array_equal(ours[-1], other[-1])


def test_an_older_bundle_does_not_hold_how_its_film_was_read(bundle: Path, tmp_path: Path) -> None:
    opened = open_bundle(without(bundle, tmp_path / "old", "fit", "end", "film_sha256"))
    assert (opened.fit, opened.end, opened.film_sha256) == (None, None, None)
    with pytest.raises(BundleError, match="stride"):
        open_bundle(without(bundle, tmp_path / "bare", "stride"))


@pytest.mark.parametrize("provider", ["cuda", "tensorrt"])
def test_a_provider_that_does_not_work_is_an_error(bundle: Path, provider: Literal["cuda", "tensorrt"]) -> None:
    if Path("/dev/nvidiactl").exists():
        pytest.skip("this machine has an NVIDIA GPU")
    with pytest.raises(BundleError, match=f"{provider}.*leave out --provider"):
        open_bundle(bundle, provider)


def test_a_model_without_memory_cannot_be_rolled_out(tmp_path: Path) -> None:
    picture = onnx.helper.make_tensor_value_info("frame", onnx.TensorProto.UINT8, [48, 64, 3])
    camera = onnx.helper.make_tensor_value_info("camera", onnx.TensorProto.UINT8, [48, 64, 3])
    graph = onnx.helper.make_graph([onnx.helper.make_node("Identity", ["camera"], ["frame"])], "g", [camera], [picture])
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 17)], ir_version=9)
    onnx.save_model(model, str(tmp_path / "generator.onnx"))
    with pytest.raises(BundleError, match="no memory"):
        Graph(tmp_path / "generator.onnx")


# ----------------------------------------------------------------------------
# With a camera.


@pytest.mark.usefixtures("without_features")
def test_a_bundle_is_played_by_a_clip(hats_cut: Path, hats_film: Film, tmp_path: Path, config: EvaluateConfig) -> None:
    windows = FilmWindows(hats_film, find_story(hats_film), context_frames=2, stride=2, scale=4)
    torch.manual_seed(0)
    generator = Generator(GeneratorConfig(camera=True), windows.memory).eval()
    torch.nn.init.normal_(generator.recurrence.paint.head.weight, std=0.3)
    facts = FilmFacts("Hats", "ours", content_hash(hats_cut), (64, 48), "12", 2, 5.0, "crop", 4.958, {})
    (tmp_path / "played").mkdir()
    write_graph(tmp_path / "played/generator.onnx", generator, facts, [0])
    with_clip = replace(config, camera=(hats_cut,), camera_mix=(0.0, 1.0), starts=1, seeds=1)
    evaluate([tmp_path / "played"], hats_cut, tmp_path / "report", with_clip, CONSOLE, overwrite=False)
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
    with pytest.raises(BundleError, match="without a camera"):
        evaluate([bundle], hats_cut, tmp_path / "r", replace(config, camera=(hats_cut,)), CONSOLE, overwrite=False)
    assert not (tmp_path / "r").exists()
