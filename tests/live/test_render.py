"""Rendering without a window: exact frames, repeatable, at its own pace."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np

from live.app import main
from live.effects.picture_feedback import PictureFeedback
from live.effects.transform import Transform
from live.images.scaling import filled
from tests.live.bundles import RATE, make_film, next_state, read_film, same_picture, to_context, write_film
from tests.live.command import RUN_LIVE, run


def test_the_tail_and_the_continuation_are_recorded_exactly(bundle_folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.mkv"
    arguments = ["--model", bundle_folder, "--headless", "--tail", 2, "--seconds", 3, "--seed", 8]
    done = run(*arguments, "--temperature", 0.6, "--record", path, "--record-codec", "ffv1")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"A Test · 64×48 · {RATE} frames/s · ")
    first, last = done.stdout.splitlines()
    assert first.endswith("seed 8")
    assert re.fullmatch(rf"recorded {path}: 5\.0 s, 0\.\d MB, in \d+\.\d s", last)
    frames = read_film(path)
    assert len(frames) == 5 * RATE
    np.testing.assert_array_equal(frames[: 2 * RATE], make_film()[-2 * RATE :])
    random = np.random.default_rng(8)
    context = to_context(make_film()[-2:])
    for frame in frames[2 * RATE :]:
        expected, context = next_state(context, random.standard_normal((1, 1, 48, 64), np.float32), 0.6)
        assert same_picture(frame, expected)


def test_size_and_rate_of_a_recording_may_differ(bundle_folder: Path, tmp_path: Path) -> None:
    common = ["--model", str(bundle_folder), "--headless", "--tail", "1", "--seconds", "1", "--seed", "8"]
    common += ["--record-codec", "ffv1"]
    assert main([*common, "--record", str(tmp_path / "a.mkv")]) == 0
    other = ["--record-size", "108x136", "--record-fit", "fill", "--record-rate", str(2 * RATE)]
    assert main([*common, "--record", str(tmp_path / "b.mkv"), *other]) == 0
    plain, larger = np.array(read_film(tmp_path / "a.mkv")), np.array(read_film(tmp_path / "b.mkv"))
    assert larger.shape == (2 * len(plain), 136, 108, 3)
    np.testing.assert_array_equal(larger[::2], [filled(frame, (136, 108)) for frame in plain])
    between = np.abs(larger[1].astype(int) - (larger[0].astype(int) + larger[2]) / 2)
    assert between.mean() < 1


def test_a_modulation_follows_the_time_of_the_frames(bundle_folder: Path, tmp_path: Path) -> None:
    plain = ["--model", str(bundle_folder), "--headless", "--tail", "0", "--seconds", "2", "--seed", "4"]
    plain += ["--record-codec", "ffv1"]
    (tmp_path / "p.toml").write_text('[modulation]\ngain = { source = "square", depth = 1, period = 1, phase = 0.5 }')
    assert main([*plain, "--record", str(tmp_path / "plain.mkv")]) == 0
    modulated = [*plain, "--preset", str(tmp_path / "p.toml")]
    assert main([*modulated, "--record", str(tmp_path / "a.mkv")]) == 0
    assert main([*modulated, "--record", str(tmp_path / "b.mkv")]) == 0
    frames, expected = read_film(tmp_path / "a.mkv"), read_film(tmp_path / "plain.mkv")
    np.testing.assert_array_equal(frames, read_film(tmp_path / "b.mkv"))
    for number, frame in enumerate(frames):
        gain = 0 if number % RATE < RATE / 2 else 2
        np.testing.assert_array_equal(frame, (expected[number].astype(int) * gain).clip(0, 255), str(number))


def test_a_modulation_follows_what_moves_before_the_camera(camera_bundle: Path, tmp_path: Path) -> None:
    clip = np.full((3 * RATE, 48, 64, 3), 40, np.uint8)
    for number in range(RATE, 2 * RATE):
        clip[number, :, number % 2 * 32 :][:, :32] = 220
    clip[2 * RATE :] = clip[2 * RATE - 1]
    write_film(tmp_path / "clip.mkv", clip)
    (tmp_path / "p.toml").write_text('gain = 0\n[modulation]\ngain = { source = "camera", depth = 1 }')
    show = ["--model", str(camera_bundle), "--headless", "--tail", "0", "--seconds", "3", "--record-codec", "ffv1"]
    show += ["--camera", str(tmp_path / "clip.mkv"), "--preset", str(tmp_path / "p.toml")]
    assert main([*show, "--record", str(tmp_path / "a.mkv")]) == 0
    light = np.array([frame.mean() for frame in read_film(tmp_path / "a.mkv")])
    assert not light[:RATE].any(), "nothing moves, and the gain is that of the hand: 0"
    assert light[RATE + 2 : 2 * RATE].min() > 20
    assert light[-1] < light[2 * RATE] / 3


def test_the_same_command_twice_gives_identical_frames(bundle_folder: Path, tmp_path: Path) -> None:
    shows = []
    for name, seed in (("a", 4), ("b", 4), ("c", 5)):
        path = tmp_path / f"{name}.mkv"
        common = ["--model", str(bundle_folder), "--headless", "--tail", "0", "--seconds", "2"]
        assert main([*common, "--seed", str(seed), "--record", str(path), "--record-codec", "ffv1"]) == 0
        shows.append(read_film(path))
    np.testing.assert_array_equal(shows[0], shows[1])
    assert not np.array_equal(shows[0], shows[2])


def test_the_same_feedback_gives_identical_frames_and_another_does_not(bundle_folder: Path, tmp_path: Path) -> None:
    preset = tmp_path / "p.toml"
    preset.write_text("rotation = 20\nzoom = 1.5\nglide = 9")
    common = ["--model", str(bundle_folder), "--headless", "--tail", "0", "--seconds", "2", "--seed", "4"]
    cases: dict[str, tuple[str, ...]] = {
        "given": ("--rotation", "20", "--zoom", "0.5"),
        "preset": ("--preset", str(preset), "--zoom", "0.5"),
        "plain": (),
        "at rest": ("--rotation", "0", "--zoom", "0", "--contrast-drift", "0"),
        "memory": ("--rotation", "20", "--zoom", "0.5", "--feedback", "memory"),
        "both": ("--rotation", "20", "--zoom", "0.5", "--feedback", "both"),
    }
    shows = {}
    for name, options in cases.items():
        path = tmp_path / f"{name}.mkv"
        assert main([*common, *options, "--record", str(path), "--record-codec", "ffv1"]) == 0
        shows[name] = read_film(path)
    np.testing.assert_array_equal(shows["given"], shows["preset"])
    np.testing.assert_array_equal(shows["plain"], shows["at rest"])
    # The feedback of the picture leaves the network alone: the same show through the buffer.
    transform = Transform(rotation=20, zoom=0.5)
    through = PictureFeedback(RATE, transform)
    np.testing.assert_array_equal(shows["given"], [through.apply(frame) for frame in shows["plain"]])
    assert not np.array_equal(shows["given"][1], shows["plain"][1])
    through = PictureFeedback(RATE, transform)
    np.testing.assert_array_equal(shows["both"], [through.apply(frame) for frame in shows["memory"]])
    assert not np.array_equal(shows["memory"][0], shows["plain"][0])


def test_it_lasts_ninety_seconds_by_default_and_waits_for_no_clock(bundle_folder: Path, tmp_path: Path) -> None:
    stats = tmp_path / "s.json"
    assert main(["--model", str(bundle_folder), "--headless", "--stats", str(stats)]) == 0
    written = json.loads(stats.read_text())
    assert written["frames"] == {"tail": 3 * RATE, "after_end": 90 * RATE}
    assert written["sections_ms"]["session"]["count"] == 90 * RATE
    assert 0 < written["loop_over_session"] <= 1
    assert written["fps"] > RATE


def test_it_needs_neither_display_nor_pygame_nor_torch(bundle_folder: Path) -> None:
    script = (
        "import sys\n"
        "from live.app import main\n"
        "assert main(sys.argv[1:]) == 0\n"
        "print({'pygame', 'torch', 'cv2', 'rich'} & sys.modules.keys())\n"
    )
    environment = {name: value for name, value in os.environ.items() if "DISPLAY" not in name}
    command = [sys.executable, "-c", script, "--model", str(bundle_folder), "--headless", "--seconds", "0.5"]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=60, check=False)
    assert done.stdout.endswith("set()\n"), done.stdout + done.stderr


def test_progress_is_shown_on_a_terminal(bundle_folder: Path) -> None:
    import pty

    ours, theirs = pty.openpty()
    command = [sys.executable, str(RUN_LIVE), "--model", str(bundle_folder), "--headless", "--seconds", "1"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=theirs, env=os.environ | {"TERM": "xterm"})
    process.communicate(timeout=60)
    os.close(theirs)
    printed = os.read(ours, 100_000).decode()
    os.close(ours)
    assert process.returncode == 0
    assert "rendering" in printed
    assert f"{4 * RATE}/{4 * RATE}" in printed
