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
from live.controls import list_controls

from .bundles import (
    METADATA,
    RATE,
    make_film,
    make_model,
    next_state,
    read_film,
    same_picture,
    to_context,
    write_bundle,
)

RUN_LIVE = Path(__file__).parents[2] / "run_live.py"


def run(*arguments: object, **options) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-W", "error", RUN_LIVE, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, **options)


def test_offline_the_tail_and_the_continuation_are_recorded_exactly(bundle_folder, tmp_path):
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


def test_the_same_command_twice_gives_identical_frames(bundle_folder, tmp_path):
    shows = []
    for name, seed in (("a", 4), ("b", 4), ("c", 5)):
        path = tmp_path / f"{name}.mkv"
        common = ["--model", str(bundle_folder), "--headless", "--tail", "0", "--seconds", "2"]
        assert main([*common, "--seed", str(seed), "--record", str(path), "--record-codec", "ffv1"]) == 0
        shows.append(read_film(path))
    np.testing.assert_array_equal(shows[0], shows[1])
    assert not np.array_equal(shows[0], shows[2])


def test_the_same_feedback_gives_identical_frames_and_another_does_not(bundle_folder, tmp_path):
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


def test_the_table_of_controls_is_printed(tmp_path):
    done = run("--list-controls")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == list_controls() + "\n"


def test_offline_lasts_ninety_seconds_unless_told(bundle_folder, tmp_path):
    stats = tmp_path / "s.json"
    assert main(["--model", str(bundle_folder), "--headless", "--stats", str(stats)]) == 0
    written = json.loads(stats.read_text())
    assert written["frames"] == {"tail": 3 * RATE, "after_end": 90 * RATE}
    assert written["sections_ms"]["session"]["count"] == 90 * RATE
    assert 0 < written["loop_over_session"] <= 1
    assert written["fps"] > RATE, "it does not wait for the clock"


def test_offline_needs_neither_display_nor_pygame_nor_torch(bundle_folder):
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


def test_a_seed_is_drawn_and_said_where_none_is_given(bundle_folder, tmp_path, capsys):
    seeds = set()
    for _ in range(2):
        assert main(["--model", str(bundle_folder), "--headless", "--seconds", "0.1"]) == 0
        seeds.add(capsys.readouterr().out.split("seed ")[1])
    assert len(seeds) == 2


def test_a_tail_longer_than_the_film_is_said(bundle_folder, capsys):
    assert main(["--model", str(bundle_folder), "--headless", "--seconds", "0.1", "--tail", "60"]) == 0
    assert "the model holds the film's last 5.0 s" in capsys.readouterr().out
    assert main(["--model", str(bundle_folder), "--headless", "--seconds", "0.1", "--tail", "5"]) == 0
    assert "the model holds" not in capsys.readouterr().out


def test_the_help_is_printed(capsys):
    assert main(["--help"]) == 0
    assert "--headless" in capsys.readouterr().out


def test_what_a_user_can_do_wrong_is_one_line_and_code_2(bundle_folder, tmp_path):
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


def test_a_taken_osc_port_or_a_bad_midi_map_ends_the_show_before_it_begins(bundle_folder, tmp_path):
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


def test_debug_shows_the_traceback(tmp_path):
    done = run("--model", tmp_path / "nowhere", "--debug")
    assert done.returncode == 2
    assert "Traceback" in done.stderr
    assert done.stderr.splitlines()[-1].startswith("ninety-seconds-after: error: there is no model folder")


def test_without_a_display_the_way_out_is_named(bundle_folder, tmp_path):
    hidden = ("DISPLAY", "WAYLAND_DISPLAY", "SDL_VIDEODRIVER", "XDG_RUNTIME_DIR")
    environment = {name: value for name, value in os.environ.items() if name not in hidden}
    done = run("--model", bundle_folder, "--record", tmp_path / "a.mkv", env=environment)
    assert done.returncode == 2
    assert done.stderr.startswith("ninety-seconds-after: error: there is no display")
    assert "--headless" in done.stderr
    assert done.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == [], "no empty recording stays behind"


def test_a_model_without_memory_cannot_continue_a_film(tmp_path, capsys):
    model = make_model(metadata=METADATA | {"context_frames": "0"})
    del model.graph.input[0], model.graph.output[1]
    folder = write_bundle(tmp_path / "b", model)
    assert main(["--model", str(folder), "--headless"]) == 2
    assert "has no memory (no input `context`)" in capsys.readouterr().err


def test_a_full_disk_while_rendering_keeps_what_was_recorded(bundle_folder, tmp_path):
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
def test_a_signal_ends_the_show_with_recording_and_statistics_whole(bundle_folder, tmp_path, number, code, mode):
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


def test_a_killed_show_leaves_a_playable_recording(bundle_folder, tmp_path):
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


def test_progress_is_shown_where_somebody_sees_it(bundle_folder):
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
