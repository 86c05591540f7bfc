"""The command when something is wrong: one line that says what to do, and exit code 2."""

import os
from contextlib import closing
from pathlib import Path
from socket import AF_INET, SOCK_DGRAM, socket

import pytest

from live.app import main
from tests.live.command import run


def test_a_users_mistake_is_one_line_and_code_2(bundle_folder: Path, tmp_path: Path) -> None:
    precious = tmp_path / "precious.mkv"
    precious.write_text("precious")
    (tmp_path / "s.toml").write_text("tial = 3")
    (tmp_path / "p.toml").write_text("zoom = 5")
    (tmp_path / "m.toml").write_text('[modulation]\nzoom = { source = "lfo", depth = 1 }')
    show = ("--model", bundle_folder, "--headless")
    cases: dict[tuple[object, ...], str] = {
        ("--model", tmp_path / "nowhere"): "there is no model folder",
        ("--settings", tmp_path / "s.toml"): "tial",
        ("--tail", "-1"): "--tail is -1",
        (*show, "--preset", tmp_path / "p.toml"): "zoom: 5 is not between -4 and 4",
        (*show, "--preset", tmp_path / "m.toml"): "modulation of zoom: source is 'lfo'; give one of sine",
        (*show, "--preset", tmp_path / "none.toml"): "there is no preset",
        (*show, "--record", precious): "--overwrite",
        (*show, "--record", tmp_path / "nowhere" / "a.mkv"): "make it first",
        (*show, "--record", tmp_path / "a.avi"): ".webp or .gif",
    }
    for arguments, said in cases.items():
        done = run(*arguments)
        assert done.returncode == 2, arguments
        assert done.stderr.startswith("ninety-seconds-after: error: ")
        assert said in done.stderr
        assert done.stderr.count("\n") == 1
        assert done.stdout == ""
    assert precious.read_text() == "precious"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["m.toml", "p.toml", "precious.mkv", "s.toml"]


def test_a_missing_preset_is_named_before_a_window_opens(
    bundle_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # A window that opened first would fail with another message.
    monkeypatch.setenv("SDL_VIDEODRIVER", "no such driver")
    missing = str(tmp_path / "none.toml")
    assert main(["--model", str(bundle_folder), "--preset", missing]) == 2
    error = capsys.readouterr().err
    assert error.endswith(f"there is no preset {missing}; give --preset a file that exists, or leave it out\n")
    assert error.count("\n") == 1


def test_a_taken_osc_port_or_a_bad_midi_map_ends_the_show_before_it_begins(bundle_folder: Path, tmp_path: Path) -> None:
    with closing(socket(AF_INET, SOCK_DGRAM)) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        (tmp_path / "m.toml").write_text('"cc 1 7" = "nothing"')
        cases: dict[tuple[object, ...], str] = {
            ("--osc", port): f"cannot listen to OSC at 127.0.0.1:{port}",
            ("--midi", "--midi-map", tmp_path / "m.toml"): 'is not like "cc 1 7" = "temperature"',
        }
        for options, said in cases.items():
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


def test_without_a_display_headless_is_named(bundle_folder: Path, tmp_path: Path) -> None:
    hidden = ("DISPLAY", "WAYLAND_DISPLAY", "SDL_VIDEODRIVER", "XDG_RUNTIME_DIR")
    environment = {name: value for name, value in os.environ.items() if name not in hidden}
    done = run("--model", bundle_folder, "--record", tmp_path / "a.mkv", env=environment)
    assert done.returncode == 2
    assert done.stderr.startswith("ninety-seconds-after: error: there is no display")
    assert "--headless" in done.stderr
    assert done.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == [], "no empty recording is left"
