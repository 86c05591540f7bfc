"""The command without a window, before a clip as camera."""

import json
from pathlib import Path

import numpy as np
import pytest

from live.app import main
from live.frame import Pixels
from tests.live.bundles import RATE, make_film, next_state, read_film, same_picture, to_context, write_film
from tests.live.command import run


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A video for the camera: thirty frames of the film, backwards, at 8 frames a second."""
    path = tmp_path_factory.mktemp("clips") / "clip.mkv"
    write_film(path, make_film()[29::-1], rate=8)
    return path


def seen(index: int) -> Pixels:
    """Return the picture of that camera at frame `index` of the show."""
    picture: Pixels = make_film()[29::-1][index * 8 // RATE % 30]
    return picture


def test_a_clip_is_followed_exactly_and_the_same_every_time(camera_bundle: Path, clip: Path, tmp_path: Path) -> None:
    shows = []
    for name in ("a", "b"):
        arguments = ["--model", camera_bundle, "--headless", "--tail", 1, "--seconds", 6, "--seed", 8]
        arguments += ["--mode", "camera", "--camera", clip, "--camera-mix", 0.6]
        done = run(*arguments, "--record", tmp_path / f"{name}.mkv", "--record-codec", "ffv1")
        assert (done.returncode, done.stderr) == (0, "")
        shows.append(read_film(tmp_path / f"{name}.mkv"))
    np.testing.assert_array_equal(shows[0], shows[1])
    frames = shows[0]
    assert len(frames) == 7 * RATE
    np.testing.assert_array_equal(frames[:RATE], make_film()[-RATE:])
    random = np.random.default_rng(8)
    context = to_context(make_film()[-2:])
    for index, frame in enumerate(frames[RATE:], start=RATE):
        noise = random.standard_normal((1, 1, 48, 64), np.float32)
        expected, context = next_state(context, noise, 1.0, seen(index), 0.6)
        assert same_picture(frame, expected), index


def test_at_mix_0_a_camera_leaves_no_trace(camera_bundle: Path, clip: Path, tmp_path: Path) -> None:
    cameras = [[], ["--mode", "camera", "--camera", str(clip), "--camera-mix", "0"], ["--camera", str(clip)]]
    shows = []
    for number, camera in enumerate(cameras):
        path = tmp_path / f"{number}.mkv"
        arguments = ["--model", str(camera_bundle), "--headless", "--seconds", "1", "--seed", "2", *camera]
        assert main([*arguments, "--record", str(path), "--record-codec", "ffv1"]) == 0
        shows.append(read_film(path))
    np.testing.assert_array_equal(shows[0], shows[1])
    np.testing.assert_array_equal(shows[0], shows[2])


def test_a_model_without_memory_plays_what_a_camera_sees(pairs_bundle: Path, clip: Path, tmp_path: Path) -> None:
    path, stats = tmp_path / "a.mkv", tmp_path / "s.json"
    arguments = ["--model", pairs_bundle, "--headless", "--seconds", "2", "--mode", "camera", "--camera", clip]
    done = run(*arguments, "--mirror", "--record", path, "--record-codec", "ffv1", "--stats", stats)
    assert (done.returncode, done.stderr) == (0, "")
    _, unused, recorded = done.stdout.splitlines()
    assert unused == "this model ignores temperature, camera mix, feedback, camera blend"
    assert recorded.startswith(f"recorded {path}")
    frames = read_film(path)
    assert len(frames) == 2 * RATE
    for index, frame in enumerate(frames):
        np.testing.assert_array_equal(frame, 255 - seen(index)[:, ::-1])
    assert json.loads(stats.read_text())["frames"] == {"tail": 0, "after_end": 2 * RATE}


@pytest.mark.parametrize("follows", [False, True])
def test_in_film_mode_a_camera_is_blended_in_whether_the_model_can_follow_it_or_not(
    bundle_folder: Path,
    camera_bundle: Path,
    clip: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    follows: bool,
) -> None:
    folder, shows = camera_bundle if follows else bundle_folder, []
    for blend in ("0", "1"):
        path = tmp_path / f"{blend}.mkv"
        arguments = ["--model", folder, "--headless", "--seconds", "1", "--seed", "2", "--tail", "0", "--record", path]
        arguments += ["--camera", clip, "--camera-blend", blend, "--temperature", "0", "--record-codec", "ffv1"]
        assert main([*map(str, arguments)]) == 0
        assert ("this model ignores camera mix\n" in capsys.readouterr().out) != follows
        shows.append(read_film(path))
    expected, _ = next_state(to_context(np.stack([seen(11)] * 2)), np.zeros(1, np.float32), 0.0)
    assert same_picture(shows[1][11], expected)
    assert not same_picture(shows[0][11], expected)


def test_what_model_and_camera_cannot_do_together_is_one_line(
    bundle_folder: Path, camera_bundle: Path, pairs_bundle: Path, clip: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cases: list[tuple[Path, list[str], str]] = [
        (pairs_bundle, ["--headless"], "has no memory (no input `context`), so it cannot continue a film; play it"),
        (bundle_folder, ["--headless", "--mode", "camera", "--camera", str(clip)], "cannot follow a camera"),
        (camera_bundle, ["--headless", "--mode", "camera"], "faster than the first webcam could"),
        (camera_bundle, ["--headless", "--mode", "camera", "--camera", "0"], "faster than --camera 0 (a webcam) could"),
        (camera_bundle, ["--camera", "x" * 300], "cannot be looked up (File name too long); give another name"),
        (camera_bundle, ["--camera", ""], "--camera is empty; give a webcam"),
        (camera_bundle, ["--headless", "--camera", "clap.mkv"], "--camera clap.mkv (there is no such file)"),
        (camera_bundle, ["--camera", "clap.mkv"], "--camera clap.mkv: "),
        (camera_bundle, ["--headless", "--camera", __file__], "holds no picture that can be read"),
    ]
    for folder, arguments, said in cases:
        assert main(["--model", str(folder), *arguments]) == 2, arguments
        errors = capsys.readouterr().err
        assert said in errors
        assert errors.count("\n") == 1
