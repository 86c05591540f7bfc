"""`fit` and the other commands in processes of their own: interrupted, resumed, and with wrong input."""

import io
import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from tests.train.commands import environment, run_train
from tests.train.conftest import WriteFilm, numbered
from train.data.film import load_film
from train.data.options import FilmConfig
from train.data.probing.film_file import content_hash
from train.data.shots import Shot
from train.metrics.film_statistics import FilmStatistics
from train.metrics.perceptual import Features
from train.runtime.checkpoint import load_checkpoint
from train.runtime.run_folder import FilmFacts, Run
from train.training.fit import fit
from train.training.options import Budget
from train.training.trainer import TrainingConfig

ROOT = Path(__file__).parents[3]


@pytest.fixture(autouse=True)
def without_features(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave wholeness out, in this process; `environment` does it in others."""
    monkeypatch.setattr("train.training.fit.open_crop_features", lambda: None)


def studio(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "train", *arguments]
    return subprocess.run(command, cwd=folder, env=environment(), capture_output=True, text=True, timeout=240)


SMALL = ("--preset", "small", "--size", "64x48", "--batch", "2")
# Three frames a second, so that the ninety seconds of a validation are a short rollout.
SHORT = (*SMALL, "--stride", "8")


def test_from_a_film_to_a_bundle_that_plays(hats_cut: Path, tmp_path: Path) -> None:
    done = studio(tmp_path, "fit", str(hats_cut), "--out", "runs/mine", "--steps", "4", *SHORT)
    assert done.returncode == 0, done.stderr
    assert "3 shots, 5.0 s of story; the last film frame is 119, at 4.96 s" in done.stdout
    assert "the continuation runs at 3.00 frames per second" in done.stdout
    run = tmp_path / "runs/mine"
    for made in ("story.png", "run.json", "checkpoint.pt", "samples/step-000004.png", "samples/step-000004.mkv"):
        assert (run / made).stat().st_size > 0, made
    assert list((run / "tensorboard").iterdir())
    assert 'wholeness is left out: install ".[perceptual]" for it' in done.stdout
    assert re.search(r"rollout of 90 s at step 4: \d+ of 16 bars", done.stdout)

    done = studio(tmp_path, "export", "runs/mine", "--out", "models/mine", "--web", "page")
    assert done.returncode == 0, done.stderr
    assert json.loads((tmp_path / "page/film.json").read_text(encoding="utf-8"))["rate"] == 3
    assert "parity over 250 steps" in done.stdout
    card = (tmp_path / "models/mine/README.md").read_text(encoding="utf-8")
    assert "| jumps a minute |" in card
    assert "| one step: error over that of copying | ≤ 0.5 |" in card

    show = [sys.executable, str(ROOT / "run_live.py"), "--model", "models/mine", "--headless", "--seconds", "2"]
    show += ["--record", "after.mkv", "--stats", "stats.json", "--seed", "1"]
    played = subprocess.run(show, cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert played.returncode == 0, played.stderr
    assert (tmp_path / "after.mkv").stat().st_size > 0
    assert json.loads((tmp_path / "stats.json").read_text())


def test_a_killed_training_can_be_resumed(hats_cut: Path, tmp_path: Path) -> None:
    """SIGTERM makes it save. The same command resumes it, and one with other settings is refused."""
    arguments = ["fit", str(hats_cut), "--out", "run", *SHORT]
    command = [sys.executable, "-m", "train", *arguments, "--minutes", "60"]
    process = subprocess.Popen(command, cwd=tmp_path, env=environment(), stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout
        for line in process.stdout:
            if line.startswith("training a generator"):
                break
        time.sleep(3)
        process.send_signal(signal.SIGTERM)
        rest, _ = process.communicate(timeout=240)
    finally:
        process.kill()
    assert process.returncode == 130
    assert "run the same command to continue" in rest
    assert (tmp_path / "run/checkpoint.pt").is_file()

    again = run_train(tmp_path, *arguments, "--steps", "1")
    assert again.code == 0, again.err
    assert "resumed at step" in again.out

    renamed = run_train(tmp_path, *arguments, "--steps", "1", "--title", "Hats", "--rights", "ours")
    assert renamed.code == 0, renamed.err

    other = run_train(tmp_path, *arguments, "--steps", "1", "--seed", "7")
    assert other.code == 2
    assert "training.seed 0 → 7" in other.err


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["fit", "nothing.mp4", "--out", "run"], "there is no film at nothing.mp4"),
        (["fit", "FILM", "nothing.mp4", "--out", "run"], "there is no film at nothing.mp4"),
        (["fit", "pictures", "--out", "run"], "pictures holds no films; for a folder of pictures give --pictures DIR"),
        (["fit", "FILM", "--out", "run", "--recipe", "paper", "--size", "256x144"], "give --size 256x256"),
        (["fit", "FILM", "--out", "run", "--size", "big"], "WIDTHxHEIGHT"),
        (["fit", "FILM", "--out", "run", "--stride", "1000"], "smaller --stride"),
        (["fit", "FILM", "--out", "run", "--stride", "0"], "--stride"),
        (["fit", "FILM", "--out", "run", "--batch", "-1"], "--batch"),
        (["fit", "FILM", "--out", "run", "--recipe", "soup"], "there is no recipe soup"),
        (["fit", "FILM", "--out", "run", "--preset", "huge"], "--preset"),
        (["fit", "FILM", "--out", "run", "--end", "-5"], "later end"),
        (["fit", "FILM", "--out", "run", "--device", "abacus"], "try auto or cpu"),
        (["fit", "FILM", "--out", "run", "--speed", "9"], "--speed"),
        (["fit", "FILM"], "--out"),
        (["export", "nowhere", "--out", "x"], "no run folder"),
        (["sample-film", "FILM"], "exists already"),
        (["sample-film", "new.mkv", "--size", "4"], "WIDTHxHEIGHT"),
        (["sing"], "sing"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(
    write_film: WriteFilm, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch,
    arguments: list[str], says: str,
) -> None:  # fmt: skip
    from train.__main__ import main

    film = write_film(numbered(30))
    before = film.read_bytes()
    (tmp_path / "pictures").mkdir()
    monkeypatch.chdir(tmp_path)
    assert main([str(film) if word == "FILM" else word for word in arguments]) == 2
    errors = capsys.readouterr().err
    assert says in errors
    assert errors.count("\n") == 1
    assert "Traceback" not in errors
    assert film.read_bytes() == before


def test_a_wrong_end_can_be_corrected_before_the_first_checkpoint(hats_cut: Path, tmp_path: Path) -> None:
    first = run_train(tmp_path, "fit", hats_cut, "--out", "run", "--steps", "1", *SHORT)
    assert first.code == 0, first.err
    (tmp_path / "run/checkpoint.pt").unlink()  # as if it had been stopped as soon as the story was found
    second = run_train(tmp_path, "fit", hats_cut, "--out", "run", "--steps", "1", "--end", "1.9", *SHORT)
    assert second.code == 0, second.err
    assert "the last film frame is 45" in second.out


def test_several_films_train_one_model(hats_cut: Path, write_film: WriteFilm, tmp_path: Path) -> None:
    """A folder is sorted by name; the show goes on from the last film. Only the same films in that order resume."""
    (tmp_path / "films").mkdir()
    (tmp_path / "films/10.mkv").write_bytes(hats_cut.read_bytes())
    write_film(numbered(60, (96, 48)), "films/2.mkv", rate=Fraction(30))
    (tmp_path / "films/poster.png").write_bytes(b"no film")
    arguments = ("fit", "films", "--out", "run", "--steps", "1", *SHORT)
    first = run_train(tmp_path, *arguments)
    assert first.code == 0, first.err
    assert "films: 180 frames, 24.00 a second, at 64x48" in first.out
    assert "film 1 is films/2.mkv: 48 frames" in first.out
    assert "film 2 is films/10.mkv: 132 frames" in first.out
    assert "the last film frame is 167, at 4.96 s of film 2" in first.out
    run = Run(tmp_path / "run")
    facts, _ = run.load_facts()
    assert isinstance(facts, FilmFacts)
    assert list(facts.sources) == [content_hash(tmp_path / "films" / name) for name in ("2.mkv", "10.mkv")]
    assert list(facts.sources.values()) == ["2", "10"]
    assert (facts.end, facts.story_seconds, facts.rights) == (4.958, 7.0, "not stated")
    tail, _ = run.load_tail()
    last = load_film(hats_cut, (64, 48), "crop", tmp_path / ".cache/films").frames[119]
    assert np.array_equal(tail[-1], last)

    again = run_train(tmp_path, "fit", "films/2.mkv", "films/10.mkv", *arguments[2:])
    assert again.code == 0, again.err
    assert "resumed at step 1" in again.out
    other_way = run_train(tmp_path, "fit", "films/10.mkv", "films/2.mkv", *arguments[2:])
    assert other_way.code == 2
    assert "source_hash" in other_way.err


def test_a_title_is_not_markup(hats_cut: Path, tmp_path: Path) -> None:
    named = tmp_path / "[bold] film.mkv"
    named.write_bytes(hats_cut.read_bytes())
    done = run_train(tmp_path, "fit", named.name, "--out", "run", "--steps", "1", "--title", "[/b] :smile:", *SHORT)
    assert done.code == 0, done.err
    assert "[/b] :smile:: 132 frames" in done.out


def test_a_stride_near_the_length_of_a_shot_works(hats_cut: Path, tmp_path: Path) -> None:
    """A stride near the length of a shot leaves a tail of a few frames, and less than one frame per second."""
    done = run_train(tmp_path, "fit", hats_cut, "--out", "run", "--steps", "1", "--stride", "30", *SMALL)
    assert done.code == 0, done.err
    done = run_train(tmp_path, "export", "run", "--out", "bundle")
    assert done.code == 0, done.err


def test_debug_shows_the_traceback(tmp_path: Path) -> None:
    done = studio(tmp_path, "fit", "nothing.mp4", "--out", "run", "--debug")
    assert done.returncode == 1
    assert "Traceback" in done.stderr


def test_the_checkpoint_is_chosen_by_eighteen_bars(
    hats_cut: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The film is measured once for all validations; with the network, wholeness counts too."""
    opened: list[int] = []

    def open_pixels() -> Features:
        """Compare crops by 6×6 pixels, which is quick."""
        opened.append(1)
        return lambda crops: np.stack([each[::8, ::8].ravel() for each in crops]).astype(np.float32)

    monkeypatch.setattr("train.training.fit.open_crop_features", open_pixels)
    film_config, printed = FilmConfig(size="64x48", stride=4, cache=tmp_path / "cache"), io.StringIO()
    budget = Budget(steps=2, sample_minutes=0.0001)
    console = Console(file=printed, width=300)
    fit(
        [hats_cut], tmp_path / "run", film_config, "small", "guided", TrainingConfig(batch=2), budget, console,
        rollout_seconds=2.0,
    )  # fmt: skip
    assert len(re.findall(r"at step [12]: \d+ of 18 bars", printed.getvalue())) == 2
    assert len(opened) == 1
    report = load_checkpoint(Run(tmp_path / "run").best)["report"]
    assert len({row["label"] for row in report}) == 18


def test_the_film_is_measured_once(hats_cut: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    measured: list[FilmStatistics] = []

    class Counted(FilmStatistics):
        def __init__(self, frames: np.ndarray, shots: Sequence[Shot], stride: int, rate: float) -> None:
            super().__init__(frames, shots, stride, rate)
            measured.append(self)

    monkeypatch.setattr("train.training.fit.FilmStatistics", Counted)
    film_config = FilmConfig(size="64x48", cache=tmp_path / "cache")
    config, budget = TrainingConfig(batch=2), Budget(steps=1)
    console = Console(quiet=True)
    fit([hats_cut], tmp_path / "run", film_config, "small", "guided", config, budget, console, rollout_seconds=2.0)
    assert len(measured) == 1
    facts, _ = Run(tmp_path / "run").load_facts()
    assert isinstance(facts, FilmFacts)
    assert facts.life_signs["stillness"] == round(measured[0].figures.freeze, 3)
    assert "odd" in facts.life_signs
