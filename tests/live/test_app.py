"""The command itself, as a process: without a window, and with everything that can be wrong."""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from socket import AF_INET, SOCK_DGRAM, socket

import numpy as np
import pytest

from live.app import main
from live.controls.table import list_controls
from tests.live.bundles import (
    RATE,
    make_film,
    next_state,
    read_film,
    same_picture,
    to_context,
    write_film,
)

RUN_LIVE = Path(__file__).parents[2] / "run_live.py"


def run(*arguments: object, **options) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-W", "error", RUN_LIVE, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, **options)


def test_offline_the_tail_and_the_continuation_are_recorded_exactly(bundle_folder, tmp_path: Path) -> None:
    path = tmp_path / "a.mkv"
    arguments = ["--model", bundle_folder, "--headless", "--tail", 2, "--seconds", 3, "--seed", 8]
    done = run(*arguments, "--temperature", 0.6, "--record", path, "--record-codec", "ffv1")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"A Test · 64×48 · {RATE} frames/s · ")
    assert done.stdout.endswith("seed 8\n")
    frames = read_film(path)
    assert len(frames) == 5 * RATE
    np.testing.assert_array_equal(frames[: 2 * RATE], make_film()[-2 * RATE :])
    random = np.random.default_rng(np.random.SeedSequence(8).spawn(2)[0])
    context = to_context(make_film()[-2:])
    for frame in frames[2 * RATE :]:
        expected, context = next_state(context, random.standard_normal((1, 1, 48, 64), np.float32), 0.6)
        assert same_picture(frame, expected)


def test_the_same_command_twice_gives_identical_frames(bundle_folder, tmp_path: Path) -> None:
    shows = []
    for name, seed in (("a", 4), ("b", 4), ("c", 5)):
        path = tmp_path / f"{name}.mkv"
        common = ["--model", str(bundle_folder), "--headless", "--tail", "0", "--seconds", "2"]
        assert main([*common, "--seed", str(seed), "--record", str(path), "--record-codec", "ffv1"]) == 0
        shows.append(read_film(path))
    np.testing.assert_array_equal(shows[0], shows[1])
    assert not np.array_equal(shows[0], shows[2])


def test_the_same_feedback_gives_identical_frames_and_another_does_not(bundle_folder, tmp_path: Path) -> None:
    preset = tmp_path / "p.toml"
    preset.write_text("rotation = 20\nzoom = 1.5\nglide = 9")
    common = ["--model", str(bundle_folder), "--headless", "--tail", "0", "--seconds", "2", "--seed", "4"]
    shows = {}
    for name, options in {
        "given": ("--rotation", "20", "--zoom", "0.5"),
        "preset": ("--preset", str(preset), "--zoom", "0.5"),
        "plain": (),
        "at rest": ("--rotation", "0", "--zoom", "0", "--contrast-drift", "0"),
    }.items():
        path = tmp_path / f"{name}.mkv"
        assert main([*common, *options, "--record", str(path), "--record-codec", "ffv1"]) == 0
        shows[name] = read_film(path)
    np.testing.assert_array_equal(shows["given"], shows["preset"])
    np.testing.assert_array_equal(shows["plain"], shows["at rest"])
    assert not np.array_equal(shows["given"][0], shows["plain"][0])


def test_the_table_of_controls_is_printed(tmp_path: Path) -> None:
    done = run("--list-controls")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == list_controls() + "\n"


def test_offline_lasts_ninety_seconds_unless_told(bundle_folder, tmp_path: Path) -> None:
    stats = tmp_path / "s.json"
    assert main(["--model", str(bundle_folder), "--headless", "--stats", str(stats)]) == 0
    written = json.loads(stats.read_text())
    assert written["frames"] == {"tail": 3 * RATE, "after_end": 90 * RATE}
    assert written["sections_ms"]["session"]["count"] == 90 * RATE
    assert 0 < written["loop_over_session"] <= 1
    assert written["fps"] > RATE, "it does not wait for the clock"


def test_offline_needs_neither_display_nor_pygame_nor_torch(bundle_folder) -> None:
    script = (
        "import sys\n"
        "from live.app import main\n"
        "assert main(sys.argv[1:]) == 0\n"
        "print({'pygame', 'torch', 'cv2', 'rich'} & sys.modules.keys())\n"
    )
    environment = {name: value for name, value in os.environ.items() if "DISPLAY" not in name}
    command = [sys.executable, "-c", script, "--model", bundle_folder, "--headless", "--seconds", "0.5"]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=60)
    assert done.stdout.endswith("set()\n"), done.stdout + done.stderr


def test_a_seed_is_drawn_and_said_where_none_is_given(
    bundle_folder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    seeds = set()
    for _ in range(2):
        assert main(["--model", str(bundle_folder), "--headless", "--seconds", "0.1"]) == 0
        seeds.add(capsys.readouterr().out.split("seed ")[1])
    assert len(seeds) == 2


def test_a_tail_longer_than_the_film_is_said(bundle_folder, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--model", str(bundle_folder), "--headless", "--seconds", "0.1", "--tail", "60"]) == 0
    assert "the model holds the film's last 5.0 s" in capsys.readouterr().out
    assert main(["--model", str(bundle_folder), "--headless", "--seconds", "0.1", "--tail", "5"]) == 0
    assert "the model holds" not in capsys.readouterr().out


def test_the_help_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    assert "--headless" in capsys.readouterr().out


def test_what_a_user_can_do_wrong_is_one_line_and_code_2(bundle_folder, tmp_path: Path) -> None:
    precious = tmp_path / "precious.mkv"
    precious.write_text("precious")
    (tmp_path / "s.toml").write_text("tial = 3")
    (tmp_path / "p.toml").write_text("zoom = 5")
    show = ["--model", bundle_folder, "--headless"]
    cases = {
        ("--model", tmp_path / "nowhere"): "there is no model folder",
        ("--settings", tmp_path / "s.toml"): "tial",
        ("--tail", "-1"): "--tail is -1",
        (*show, "--preset", tmp_path / "p.toml"): "zoom: 5 is not between -4 and 4",
        (*show, "--preset", tmp_path / "none.toml"): "there is no preset",
        (*show, "--record", precious): "--overwrite",
        (*show, "--record", tmp_path / "nowhere" / "a.mkv"): "make it first",
        (*show, "--record", tmp_path / "a.avi"): ".mkv or .gif",
    }
    for arguments, said in cases.items():
        done = run(*arguments)
        assert done.returncode == 2, arguments
        assert done.stderr.startswith("ninety-seconds-after: error: ")
        assert said in done.stderr
        assert done.stderr.count("\n") == 1
        assert done.stdout == ""
    assert precious.read_text() == "precious"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["p.toml", "precious.mkv", "s.toml"]


def test_a_missing_preset_is_said_in_its_own_words_before_a_window_opens(
    bundle_folder, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # Whoever opened a window would be told that there is none.
    monkeypatch.setenv("SDL_VIDEODRIVER", "no such driver")
    missing = str(tmp_path / "none.toml")
    assert main(["--model", str(bundle_folder), "--preset", missing]) == 2
    error = capsys.readouterr().err
    assert error.endswith(f"there is no preset {missing}; give --preset a file that exists, or leave it out\n")
    assert error.count("\n") == 1


def test_a_taken_osc_port_or_a_bad_midi_map_ends_the_show_before_it_begins(bundle_folder, tmp_path: Path) -> None:
    with closing(socket(AF_INET, SOCK_DGRAM)) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        (tmp_path / "m.toml").write_text('"cc 1 7" = "nothing"')
        for options, said in {
            ("--osc", port): f"cannot listen to OSC at 127.0.0.1:{port}",
            ("--midi", "--midi-map", tmp_path / "m.toml"): 'is not like "cc 1 7" = "temperature"',
        }.items():
            environment = os.environ | {"SDL_VIDEODRIVER": "dummy"}
            done = run("--model", bundle_folder, "--record", tmp_path / "a.mkv", *options, env=environment)
            assert done.returncode == 2
            assert said in done.stderr
            assert done.stderr.count("\n") == 1
            assert not (tmp_path / "a.mkv").exists()


def test_debug_shows_the_traceback(tmp_path: Path) -> None:
    done = run("--model", tmp_path / "nowhere", "--debug")
    assert done.returncode == 2
    assert "Traceback" in done.stderr
    assert done.stderr.splitlines()[-1].startswith("ninety-seconds-after: error: there is no model folder")


def test_without_a_display_the_way_out_is_named(bundle_folder, tmp_path: Path) -> None:
    hidden = ("DISPLAY", "WAYLAND_DISPLAY", "SDL_VIDEODRIVER", "XDG_RUNTIME_DIR")
    environment = {name: value for name, value in os.environ.items() if name not in hidden}
    done = run("--model", bundle_folder, "--record", tmp_path / "a.mkv", env=environment)
    assert done.returncode == 2
    assert done.stderr.startswith("ninety-seconds-after: error: there is no display")
    assert "--headless" in done.stderr
    assert done.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == [], "no empty recording stays behind"


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory):
    """A video for the camera: thirty frames of the film, backwards, at 8 a second."""
    path = tmp_path_factory.mktemp("clips") / "clip.mkv"
    write_film(path, make_film()[29::-1], rate=8)
    return path


def seen(index: int) -> np.ndarray:
    """What that camera shows at frame `index` of the show."""
    return make_film()[29::-1][index * 8 // RATE % 30]


def test_offline_a_clip_is_followed_exactly_and_the_same_every_time(camera_bundle, clip, tmp_path: Path) -> None:
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
    random = np.random.default_rng(np.random.SeedSequence(8).spawn(2)[0])
    context = to_context(make_film()[-2:])
    for index, frame in enumerate(frames[RATE:], start=RATE):
        noise = random.standard_normal((1, 1, 48, 64), np.float32)
        expected, context = next_state(context, noise, 1.0, seen(index), 0.6)
        assert same_picture(frame, expected), index


def test_at_mix_0_a_camera_leaves_no_trace(camera_bundle, clip, tmp_path: Path) -> None:
    shows = []
    for number, camera in enumerate(
        [[], ["--mode", "camera", "--camera", clip, "--camera-mix", "0"], ["--camera", clip]]
    ):
        path = tmp_path / f"{number}.mkv"
        arguments = ["--model", camera_bundle, "--headless", "--seconds", "1", "--seed", "2", *camera, "--record", path]
        assert main([*map(str, arguments), "--record-codec", "ffv1"]) == 0
        shows.append(read_film(path))
    np.testing.assert_array_equal(shows[0], shows[1])
    np.testing.assert_array_equal(shows[0], shows[2])


def test_a_model_without_memory_plays_what_a_camera_sees(pairs_bundle, clip, tmp_path: Path) -> None:
    path, stats = tmp_path / "a.mkv", tmp_path / "s.json"
    arguments = ["--model", pairs_bundle, "--headless", "--seconds", "2", "--mode", "camera", "--camera", clip]
    done = run(*arguments, "--mirror", "--record", path, "--record-codec", "ffv1", "--stats", stats)
    assert (done.returncode, done.stderr) == (0, "")
    _, useless = done.stdout.splitlines()
    assert useless == (
        "the model has no use for temperature, camera mix, zoom, rotation, shift x, shift y, hue drift, "
        "contrast drift, camera blend"
    )
    frames = read_film(path)
    assert len(frames) == 2 * RATE
    for index, frame in enumerate(frames):
        np.testing.assert_array_equal(frame, 255 - seen(index)[:, ::-1])
    assert json.loads(stats.read_text())["frames"] == {"tail": 0, "after_end": 2 * RATE}


@pytest.mark.parametrize("follows", [False, True])
def test_in_film_mode_a_camera_is_blended_in_whether_the_model_can_follow_it_or_not(
    bundle_folder, camera_bundle, clip, tmp_path: Path, capsys: pytest.CaptureFixture[str], follows
) -> None:
    folder, shows = camera_bundle if follows else bundle_folder, []
    for blend in ("0", "1"):
        path = tmp_path / f"{blend}.mkv"
        arguments = ["--model", folder, "--headless", "--seconds", "1", "--seed", "2", "--tail", "0", "--record", path]
        arguments += ["--camera", clip, "--camera-blend", blend, "--temperature", "0", "--record-codec", "ffv1"]
        assert main([*map(str, arguments)]) == 0
        assert ("the model has no use for camera mix\n" in capsys.readouterr().out) != follows
        shows.append(read_film(path))
    expected, _ = next_state(to_context(np.stack([seen(11)] * 2)), np.float32(0), 0.0)
    assert same_picture(shows[1][11], expected)
    assert not same_picture(shows[0][11], expected)


def test_what_model_and_camera_cannot_do_together_is_one_line(
    bundle_folder, camera_bundle, pairs_bundle, clip, capsys: pytest.CaptureFixture[str]
) -> None:
    cases = [
        (pairs_bundle, ["--headless"], "has no memory (no input `context`), so it cannot continue a film; play it"),
        (bundle_folder, ["--headless", "--mode", "camera", "--camera", clip], "cannot follow a camera"),
        (camera_bundle, ["--headless", "--mode", "camera"], "faster than the first webcam could"),
        (camera_bundle, ["--headless", "--mode", "camera", "--camera", "0"], "faster than --camera 0 (a webcam) could"),
        (camera_bundle, ["--camera", "x" * 300], "cannot be looked up (File name too long); give another name"),
        (camera_bundle, ["--camera", ""], "--camera is empty; give a webcam"),
        (camera_bundle, ["--headless", "--camera", "clap.mkv"], "--camera clap.mkv (there is no such file)"),
        (camera_bundle, ["--camera", "clap.mkv"], "--camera clap.mkv: "),
        (camera_bundle, ["--headless", "--camera", __file__], "holds no picture that can be read"),
    ]
    for folder, arguments, said in cases:
        assert main(["--model", str(folder), *map(str, arguments)]) == 2, arguments
        errors = capsys.readouterr().err
        assert said in errors
        assert errors.count("\n") == 1


def test_the_webcams_are_listed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    import live.camera.devices

    devices = [
        live.camera.devices.Device(0, "/dev/video0", "/dev/v4l/by-id/usb-a", "Lid"),
        live.camera.devices.Device(2, "/dev/video2", "/dev/video2", "C920"),
    ]
    monkeypatch.setattr(live.camera.devices, "list_devices", lambda: devices)
    assert main(["--list-devices"]) == 0
    assert capsys.readouterr().out == "0  /dev/v4l/by-id/usb-a  Lid\n2  /dev/video2  C920\n"
    monkeypatch.setattr(live.camera.devices, "list_devices", list)
    assert main(["--list-devices"]) == 0
    assert capsys.readouterr().out == "no webcams\n"


def test_a_full_disk_while_rendering_keeps_what_was_recorded(bundle_folder, tmp_path: Path) -> None:
    def small_disk() -> None:
        import resource

        resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))

    path = tmp_path / "a.mkv"
    # It would take hours, but it ends when the disk is full.
    arguments = ["--model", bundle_folder, "--headless", "--seconds", 1e6, "--record", path]
    done = run(*arguments, "--record-codec", "ffv1", preexec_fn=small_disk)
    assert done.returncode == 2
    assert done.stderr == (
        f"ninety-seconds-after: error: the recording {path} ended (File too large); "
        "what was written until then is playable\n"
    )
    frames = read_film(path)
    assert len(frames) > 5
    np.testing.assert_array_equal(frames[:5], make_film()[-3 * RATE :][:5])


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize("mode", ["offline", "window"])
def test_a_signal_ends_the_show_with_recording_and_statistics_whole(
    bundle_folder, tmp_path: Path, number, code, mode
) -> None:
    path, stats = tmp_path / "a.mkv", tmp_path / "s.json"
    command = [sys.executable, RUN_LIVE, "--model", bundle_folder, "--seconds", "100000", "--stats", stats]
    command += ["--record", path, "--record-codec", "ffv1", "--tail", "0.25"]
    if mode == "offline":
        command.append("--headless")
    environment = os.environ | {"SDL_VIDEODRIVER": "dummy"}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)
    end = time.monotonic() + 60
    while not (path.exists() and path.stat().st_size > 20_000):
        assert time.monotonic() < end
        assert process.poll() is None, process.communicate()
        time.sleep(0.02)
    process.send_signal(number)
    _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (code, "")
    counted = json.loads(stats.read_text())["frames"]
    assert len(read_film(path)) == counted["tail"] + counted["after_end"] > 5


def test_a_killed_show_leaves_a_playable_recording(bundle_folder, tmp_path: Path) -> None:
    path = tmp_path / "a.mkv"
    command = [
        sys.executable,
        RUN_LIVE,
        "--model",
        bundle_folder,
        "--headless",
        "--seconds",
        "100000",
        "--record",
        path,
    ]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    end = time.monotonic() + 60
    while not (path.exists() and path.stat().st_size > 200_000):
        assert time.monotonic() < end
        time.sleep(0.02)
    process.kill()
    process.wait()
    frames = read_film(path)
    assert len(frames) > RATE
    assert np.abs(frames[0].astype(int) - make_film()[-3 * RATE]).mean() < 12


def test_progress_is_shown_where_somebody_sees_it(bundle_folder) -> None:
    import pty

    ours, theirs = pty.openpty()
    command = [sys.executable, RUN_LIVE, "--model", bundle_folder, "--headless", "--seconds", "1"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=theirs, env=os.environ | {"TERM": "xterm"})
    process.communicate(timeout=60)
    os.close(theirs)
    seen = os.read(ours, 100_000).decode()
    os.close(ours)
    assert process.returncode == 0
    assert "rendering" in seen
    assert f"{4 * RATE}/{4 * RATE}" in seen
