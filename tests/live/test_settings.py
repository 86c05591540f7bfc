from dataclasses import MISSING, fields
from pathlib import Path

import pytest

from live.errors import SettingsError
from live.settings import (
    DEFAULT_MODEL,
    CameraSettings,
    RecordingSettings,
    Settings,
    VirtualCameraSettings,
    WindowSettings,
    parse_settings,
)


def test_without_arguments_the_shipped_model_plays():
    settings = parse_settings([])
    assert settings == Settings()
    assert settings.model == DEFAULT_MODEL
    assert DEFAULT_MODEL.parts[-2:] == ("models", "hats")
    assert (DEFAULT_MODEL.parent.parent / "run_live.py").is_file()


def test_every_setting_can_be_given_on_the_command_line(tmp_path):
    arguments = (
        "--model m --tail 5 --seconds 7.5 --temperature 0.5 --seed 9 --provider cpu --headless --stats s.json --debug "
        f"--fullscreen --display 1 --fit fill --hud --snapshots {tmp_path} "
        "--record a.mkv --record-codec ffv1 --overwrite "
        "--mode camera --camera clip.mkv --camera-mix 0.5 --no-mirror --lock-exposure --list-devices"
    )
    assert parse_settings(arguments.split()) == Settings(
        model=Path("m"),
        tail=5.0,
        seconds=7.5,
        temperature=0.5,
        seed=9,
        provider="cpu",
        headless=True,
        stats=Path("s.json"),
        debug=True,
        window=WindowSettings(fullscreen=True, display=1, fit="fill", hud=True, snapshots=tmp_path),
        recording=RecordingSettings(record=Path("a.mkv"), record_codec="ffv1", overwrite=True),
        camera=CameraSettings(
            mode="camera", camera="clip.mkv", camera_mix=0.5, mirror=False, lock_exposure=True, list_devices=True
        ),
    )


def test_a_file_gives_what_the_command_line_leaves_open(tmp_path):
    file = tmp_path / "show.toml"
    file.write_text(
        'tail = 4\nseconds = 20.5\nhud = true\nfit = "fill"\nrecord-codec = "ffv1"\nseed = 5\n'
        'mode = "camera"\ncamera = 2\nmirror = true\n'
    )
    settings = parse_settings(["--settings", str(file), "--tail", "1", "--no-hud"])
    assert settings == Settings(
        tail=1.0,
        seconds=20.5,
        seed=5,
        settings=file,
        window=WindowSettings(fit="fill", hud=False),
        recording=RecordingSettings(record_codec="ffv1"),
        camera=CameraSettings(mode="camera", camera="2", mirror=True),
    )


@pytest.mark.parametrize(
    ("arguments", "line", "expected"),
    [
        ("", "", VirtualCameraSettings()),
        ("--virtual-camera", "", VirtualCameraSettings(virtual_camera=True)),
        ("--virtual-camera --hud", "", VirtualCameraSettings(virtual_camera=True)),
        ("--virtual-camera /dev/video9", "", VirtualCameraSettings(virtual_camera="/dev/video9")),
        ("--no-virtual-camera", "virtual-camera = true", VirtualCameraSettings()),
        ("", "virtual-camera = true", VirtualCameraSettings(virtual_camera=True)),
        ("", "virtual-camera = false", VirtualCameraSettings()),
        ("", 'virtual-camera = "OBS Virtual Camera"', VirtualCameraSettings(virtual_camera="OBS Virtual Camera")),
        ("--virtual-camera-fit fill", "", VirtualCameraSettings(virtual_camera_fit="fill")),
        ("", 'virtual-camera-size = "640x360"', VirtualCameraSettings(virtual_camera_size=(640, 360))),
    ],
)
def test_the_virtual_camera_can_be_asked_for_with_and_without_a_name(tmp_path, arguments, line, expected):
    file = tmp_path / "show.toml"
    file.write_text(line)
    assert parse_settings(["--settings", str(file), *arguments.split()]).virtual_camera == expected


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("tial = 4", "tial"),
        ('tail = "long"', "tail"),
        ("tail = true", "tail"),
        ("tail = [1, 2]", "tail"),
        ("tail = -1", "--tail"),
        ("display = 1.5", "display"),
        ('hud = "perhaps"', "hud"),
        ('fit = "stretch"', "fit"),
        ("[window]\nfit = 'fill'", "window"),
        ("tail = = 4", "show.toml is not TOML"),
        ("no-hud = true", "no-hud"),
        ("virtual-camera-size = [640, 360]", "640 is not a size"),
        ("virtual-camera = [1]", "virtual-camera"),
        ('virtual-camera = ""', "--virtual-camera is empty"),
        ('settings = "other.toml"', "there is no setting settings"),
        ("a = 1\ntail = 2\nb = 1", "there is no setting a, b"),
    ],
)
def test_a_bad_file_is_one_line_that_names_the_key(tmp_path, line, named):
    file = tmp_path / "show.toml"
    file.write_text(line)
    with pytest.raises(SettingsError, match=named) as caught:
        parse_settings(["--settings", str(file)])
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("--bogus 3", "--bogus"),
        ("stray", "stray"),
        ("--tail -1", "--tail is -1"),
        ("--tail nan", "--tail is nan"),
        ("--tail soon", "--tail"),
        ("--seconds 0", "--seconds is 0"),
        ("--seconds inf", "--seconds is inf"),
        ("--temperature 2.01", "--temperature is 2.01; give a number from 0 to 2"),
        ("--temperature -0.1", "--temperature is -0.1"),
        ("--seed -1", "--seed is -1"),
        ("--seed 1.5", "1.5 is not a whole number"),
        ("--display -1", "--display is -1"),
        ("--provider tpu", "--provider"),
        ("--mode both", "--mode"),
        ("--camera-mix 1.5", "--camera-mix is 1.5; give a number from 0 to 1"),
        ("--camera-mix nan", "--camera-mix is nan"),
        ("--record film.mp4", "must end in .mkv or .gif"),
        ("--record film", "must end in .mkv or .gif"),
        ("--record a.gif --record-codec ffv1", "--record-codec ffv1"),
        ("--snapshots /nowhere/at/all", "there is no folder /nowhere/at/all"),
        ("--stats /nowhere/s.json", "--stats /nowhere/s.json"),
        ("--virtual-camera --headless", "leave out --headless"),
        ("--virtual-camera-size big", "big is not a size such as 1280x720"),
        ("--virtual-camera-size 641x360", "--virtual-camera-size is 641x360; give even numbers"),
        ("--virtual-camera-size 8x8", "give even numbers from 16"),
        ("--settings /nowhere.toml", "/nowhere.toml cannot be read"),
        ("--seed", "--seed"),
    ],
)
def test_a_bad_argument_is_one_line_that_names_it(arguments, said):
    with pytest.raises(SettingsError) as caught:
        parse_settings(arguments.split())
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_help_describes_every_setting(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    assert parse_settings(["--help"]) is None
    printed = capsys.readouterr().out
    for kind in (Settings, CameraSettings, WindowSettings, RecordingSettings, VirtualCameraSettings):
        for field in fields(kind):
            if field.default_factory is MISSING:
                assert f"--{field.name.replace('_', '-')}" in printed
