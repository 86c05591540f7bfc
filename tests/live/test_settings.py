"""Command line and settings file: what they give, and what they refuse."""

from dataclasses import MISSING, fields
from ipaddress import IPv4Network
from pathlib import Path

import pytest

from live.audio.options import AudioOptions
from live.camera.options import CameraOptions
from live.controls.options import ParameterOptions, RemoteOptions
from live.controls.table import PARAMETERS
from live.display.options import WindowOptions
from live.effects.options import EffectOptions
from live.errors import SettingsError
from live.inference.options import InferenceOptions
from live.outputs.options import RecordingOptions, SharingOptions, VirtualCameraOptions
from live.playback.options import TimelineOptions
from live.settings import DEFAULT_MODEL, Settings, parse_settings


def parsed(*arguments: str) -> Settings:
    """Parse arguments that do not ask for help."""
    settings = parse_settings(arguments)
    assert settings is not None
    return settings


def test_without_arguments_the_shipped_model_plays() -> None:
    settings = parsed()
    assert settings == Settings()
    assert settings.model == (DEFAULT_MODEL,)
    assert DEFAULT_MODEL.parts[-2:] == ("models", "hats")
    assert (DEFAULT_MODEL.parent.parent / "run_live.py").is_file()


def test_every_setting_can_be_given_on_the_command_line(tmp_path: Path) -> None:
    arguments = (
        "--model m --model n --tail 5 --seconds 7.5 --episode 60 --hours 20:00-02:00 --no-guard --seed 9 "
        "--provider cpu --precision fp32 --temperature 0.5 --stats s.json --doctor --json --debug --wait "
        f"--fullscreen --display 1 --list-displays --fit fill --hud --snapshots {tmp_path} "
        "--kiosk --turn 90 --flip vertical --corners 0.1,0 1,0 1,1 0,1 "
        "--record a.mkv --record-codec ffv1 --record-size 1080x1350 --record-fit fill --record-rate 60 --overwrite "
        "--mode camera --camera clip.mkv --camera-mix 0.5 --no-mirror --lock-exposure --list-devices "
        f"--audio clip.wav --record-sound {tmp_path / 'sound.wav'} "
        "--camera-blend 0.2 --speed 2 --zoom -0.5 --rotation 10 --shift-x 0.1 --shift-y -0.1 --hue-drift 30 "
        "--contrast-drift -1 --feedback both --trail 0.3 --feedback-blend lighten --lut look.cube "
        "--gain 2 --gamma 0.5 --saturation 0 --hue -90 --tint 0.5 --tint-hue 200 --lut-mix 0.5 "
        "--picture-mirror left --kaleidoscope 6 "
        "--list-controls --preset p.toml --presets ps --osc 0.0.0.0:9000 --osc-allow 192.168.1.20 10.0.0.0/8 --osc-all "
        "--osc-feedback 192.168.1.20:9001 --link --quantize bar "
        "--midi nano --midi-feedback out --midi-map m.toml"
    )
    (tmp_path / "sound.wav").touch()
    assert parsed(*arguments.split()) == Settings(
        model=(Path("m"), Path("n")),
        timeline=TimelineOptions(tail=5.0, seconds=7.5, episode=60.0, hours="20:00-02:00", guard=False),
        seed=9,
        inference=InferenceOptions(provider="cpu", precision="fp32"),
        stats=Path("s.json"),
        doctor=True,
        json=True,
        wait=True,
        debug=True,
        parameters=ParameterOptions(
            temperature=0.5,
            speed=2.0,
            camera_mix=0.5,
            zoom=-0.5,
            rotation=10.0,
            shift_x=0.1,
            shift_y=-0.1,
            hue_drift=30.0,
            contrast_drift=-1.0,
            camera_blend=0.2,
            feedback="both",
            trail=0.3,
            feedback_blend="lighten",
            gain=2.0,
            gamma=0.5,
            saturation=0.0,
            hue=-90.0,
            tint=0.5,
            tint_hue=200.0,
            lut_mix=0.5,
            picture_mirror="left",
            kaleidoscope=6.0,
        ),
        effects=EffectOptions(lut=Path("look.cube")),
        window=WindowOptions(
            fullscreen=True,
            kiosk=True,
            display="1",
            list_displays=True,
            fit="fill",
            turn=90,
            flip="vertical",
            corners=("0.1,0", "1,0", "1,1", "0,1"),
            hud=True,
            snapshots=tmp_path,
        ),
        recording=RecordingOptions(
            record=Path("a.mkv"),
            record_codec="ffv1",
            record_size=(1080, 1350),
            record_fit="fill",
            record_rate=60,
            record_sound=tmp_path / "sound.wav",
            overwrite=True,
        ),
        camera=CameraOptions(mode="camera", camera="clip.mkv", mirror=False, lock_exposure=True, list_devices=True),
        audio=AudioOptions(audio="clip.wav"),
        remote=RemoteOptions(
            list_controls=True,
            preset=Path("p.toml"),
            presets=Path("ps"),
            osc="0.0.0.0:9000",
            osc_allow=("192.168.1.20", "10.0.0.0/8"),
            osc_all=True,
            osc_feedback="192.168.1.20:9001",
            link=True,
            quantize="bar",
            midi="nano",
            midi_feedback="out",
            midi_map=Path("m.toml"),
        ),
    )


def test_a_show_can_do_without_a_window() -> None:
    assert parsed("--headless") == Settings(headless=True)


def test_a_file_gives_what_the_command_line_leaves_open(tmp_path: Path) -> None:
    file = tmp_path / "show.toml"
    file.write_text(
        'tail = 4\nseconds = 20.5\nhud = true\nfit = "fill"\nrecord-codec = "ffv1"\nseed = 5\n'
        'mode = "camera"\ncamera = 2\nmirror = true\n'
        'display = 1\nturn = 180\nflip = "horizontal"\ncorners = ["0.1,0", "1,0", "1,1", "0,0.9"]\n'
    )
    settings = parsed("--settings", str(file), "--tail", "1", "--no-hud")
    assert settings == Settings(
        timeline=TimelineOptions(tail=1.0, seconds=20.5),
        seed=5,
        settings=file,
        window=WindowOptions(
            display="1", fit="fill", turn=180, flip="horizontal", corners=("0.1,0", "1,0", "1,1", "0,0.9"), hud=False
        ),
        recording=RecordingOptions(record_codec="ffv1"),
        camera=CameraOptions(mode="camera", camera="2", mirror=True),
    )


@pytest.mark.parametrize(
    ("line", "models"), [('model = "m"', (Path("m"),)), ('model = ["m", "n"]', (Path("m"), Path("n")))]
)
def test_a_file_names_one_model_or_several(tmp_path: Path, line: str, models: tuple[Path, ...]) -> None:
    file = tmp_path / "show.toml"
    file.write_text(line)
    assert parsed("--settings", str(file)).model == models
    assert parsed("--settings", str(file), "--model", "other").model == (Path("other"),)


@pytest.mark.parametrize(
    ("arguments", "line", "expected"),
    [
        ("", "", VirtualCameraOptions()),
        ("--virtual-camera", "", VirtualCameraOptions(virtual_camera=True)),
        ("--virtual-camera --hud", "", VirtualCameraOptions(virtual_camera=True)),
        ("--virtual-camera /dev/video9", "", VirtualCameraOptions(virtual_camera="/dev/video9")),
        ("--no-virtual-camera", "virtual-camera = true", VirtualCameraOptions()),
        ("", "virtual-camera = true", VirtualCameraOptions(virtual_camera=True)),
        ("", "virtual-camera = false", VirtualCameraOptions()),
        ("", 'virtual-camera = "OBS Virtual Camera"', VirtualCameraOptions(virtual_camera="OBS Virtual Camera")),
        ("--virtual-camera-fit fill", "", VirtualCameraOptions(virtual_camera_fit="fill")),
        ("", 'virtual-camera-size = "640x360"', VirtualCameraOptions(virtual_camera_size=(640, 360))),
    ],
)
def test_the_virtual_camera_can_be_asked_for_with_and_without_a_name(
    tmp_path: Path, arguments: str, line: str, expected: VirtualCameraOptions
) -> None:
    file = tmp_path / "show.toml"
    file.write_text(line)
    assert parsed("--settings", str(file), *arguments.split()).virtual_camera == expected


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("tial = 4", "tial"),
        ('tail = "long"', "tail"),
        ("tail = true", "tail"),
        ("tail = [1, 2]", "tail"),
        ("tail = -1", "--tail"),
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
def test_a_bad_file_is_one_line_that_names_the_key(tmp_path: Path, line: str, named: str) -> None:
    file = tmp_path / "show.toml"
    file.write_text(line)
    with pytest.raises(SettingsError, match=named) as caught:
        parsed("--settings", str(file))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("--bogus 3", "--bogus"),
        ("stray", "stray"),
        ("--tail -1", "--tail is -1"),
        ("--tail nan", "--tail is nan"),
        ("--tail soon", "--tail"),
        ("--headless --osc 9000", "--osc and --midi play a show as it happens; leave out --headless"),
        ("--headless --quantize bar", "--quantize is for what is asked for during a show; leave out --headless"),
        ("--quantize often", "--quantize"),
        ("--headless --ndi", "--ndi, --spout and --syphon send a show as it happens; leave out --headless"),
        ("--spout=", "--spout is empty; give a name, or nothing for the show's own"),
        ("--midi-feedback", "--midi-feedback moves what --midi has learned; add --midi"),
        ("--headless --link", "--link keeps the time of others, and --headless has none; leave one of them out"),
        ("--headless --osc-feedback 9001", "--osc-feedback follows a show as it happens; leave out --headless"),
        ("--headless --midi", "--osc and --midi play a show as it happens; leave out --headless"),
        ("--seconds 0", "--seconds is 0"),
        ("--episode 0", "--episode is 0"),
        ("--seconds inf", "--seconds is inf"),
        ("--temperature 2.01", "--temperature is 2.01; give a number from 0 to 2"),
        ("--temperature -0.1", "--temperature is -0.1"),
        ("--zoom 4.1", "--zoom is 4.1; give a number from -4 to 4"),
        ("--shift-x nan", "--shift-x is nan; give a number from -1 to 1"),
        ("--osc here", "--osc is here; give a port from 1 to 65535, or HOST:PORT"),
        ("--osc 127.0.0.1:", "--osc is 127.0.0.1:"),
        ("--osc 0", "--osc is 0"),
        ("--osc 65536", "--osc is 65536"),
        ("--osc 000018000000", "--osc is 000018000000"),
        ("--osc-feedback pad:", "--osc-feedback is pad:; give a port from 1 to 65535, or HOST:PORT"),
        ("--osc 9000 --osc-feedback localhost:9000", "--osc-feedback localhost:9000 is where --osc listens; give"),
        ("--osc 9000 --osc-feedback 9000", "--osc-feedback 9000 is where --osc listens"),
        ("--osc 0.0.0.0:9000", "--osc 0.0.0.0:9000 hears other machines; name them with --osc-allow"),
        ("--osc-query 9001", "--osc-query tells what --osc can move; add --osc 9000"),
        ("--osc 9000 --osc-query 0.0.0.0:9001", "--osc-query 0.0.0.0:9001 hears other machines; name them with"),
        ("--osc 9000 --osc-query pad:", "--osc-query is pad:; give a port from 1 to 65535, or HOST:PORT"),
        ("--osc stage.local:9000", "--osc stage.local:9000 hears other machines"),
        ("--osc 9000 --osc-allow everybody", "--osc-allow: "),
        ("--osc 9000 --osc-allow 192.168.1.5/24", "192.168.1.5/24 has host bits set; give IPv4 addresses such as"),
        ("--osc 9000 --osc-allow fd00::/8", "--osc-allow: "),
        ("--seed -1", "--seed is -1"),
        ("--seed 1.5", "1.5 is not a whole number"),
        ("--display -1", "--display is -1"),
        ("--turn 45", "--turn"),
        ("--flip both", "--flip"),
        ("--corners 0,0 1,0 1,1", "--corners: give four corners"),
        ("--corners 0,0 1,0 1,1 0,2", "--corners: 0,2 is not on the screen"),
        ("--provider tpu", "--provider"),
        ("--mode both", "--mode"),
        ("--camera-mix 1.5", "--camera-mix is 1.5; give a number from 0 to 1"),
        ("--camera-mix nan", "--camera-mix is nan"),
        ("--record film.avi", "must end in .mkv, .mp4, .mov, .webm, .webp or .gif"),
        ("--record film", "must end in .mkv, .mp4"),
        ("--record a.mp4 --record-codec ffv1", "--record-codec ffv1 is for .mkv files; a .mp4 has its own"),
        ("--record-size 1081x1350", "--record-size is 1081x1350; give even numbers from 16 to 8192"),
        ("--record-rate 61", "--record-rate is 61; give a whole number from 1 to 60"),
        ("--record-rate 29.97", "29.97 is not a whole number"),
        ("--virtual-camera-rate 0", "--virtual-camera-rate is 0; give a whole number from 1 to 60"),
        ("--headless --smooth", "--smooth is of a window; --record-rate 60 cross-fades a recording"),
        ("--headless --speed 2", "--speed is of a show as it happens"),
        ("--operator -1", "--operator"),
        ("--record a.gif --record-codec ffv1", "--record-codec ffv1"),
        ("--snapshots /nowhere/at/all", "there is no folder /nowhere/at/all"),
        ("--stats /nowhere/s.json", "--stats /nowhere/s.json"),
        ("--hours 10-18", "--hours: 10-18 is not a time such as 10:00-18:00"),
        ("--hours 10:00-18:00 --headless", "--hours are those of a show in a window; leave out --headless"),
        ("--kiosk --headless", "--kiosk covers a screen; leave out --headless"),
        ("--virtual-camera --headless", "leave out --headless"),
        ("--virtual-camera-size big", "big is not a size such as 1280x720"),
        ("--virtual-camera-size 641x360", "--virtual-camera-size is 641x360; give even numbers"),
        ("--virtual-camera-size 8x8", "give even numbers from 16"),
        ("--settings /nowhere.toml", "/nowhere.toml cannot be read"),
        ("--seed", "--seed"),
        ("--json", "--json is for the findings of --doctor"),
    ],
)
def test_a_bad_argument_is_one_line_that_names_it(arguments: str, said: str) -> None:
    with pytest.raises(SettingsError) as caught:
        parse_settings(arguments.split())
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ("", SharingOptions()),
        ("--ndi --hud", SharingOptions(ndi=True)),
        ("--ndi wall --spout --syphon show", SharingOptions(ndi="wall", spout=True, syphon="show")),
    ],
)
def test_other_programs_have_a_name_or_the_usual_one(arguments: str, expected: SharingOptions) -> None:
    assert parsed(*arguments.split()).sharing == expected


def test_the_help_describes_every_setting(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    assert parse_settings(["--help"]) is None
    printed = capsys.readouterr().out
    groups: tuple[type, ...] = (
        TimelineOptions,
        InferenceOptions,
        CameraOptions,
        AudioOptions,
        ParameterOptions,
        WindowOptions,
        RecordingOptions,
        VirtualCameraOptions,
        SharingOptions,
        RemoteOptions,
    )
    for kind in (Settings, *groups):
        for field in fields(kind):
            if field.default_factory is MISSING:
                assert f"--{field.name.replace('_', '-')}" in printed


@pytest.mark.parametrize("columns", ["80", "120"])
def test_the_help_ends_with_commands_that_are_understood(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, columns: str
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    assert parse_settings(["--help"]) is None
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= int(columns)
    examples = [line.split() for line in lines[lines.index("Examples:") :] if line.startswith("  python run_live.py")]
    assert len(examples) >= 4
    for _, _, *arguments in examples:
        parsed(*arguments)


def test_every_parameter_of_the_table_is_an_option() -> None:
    assert [field.name for field in fields(ParameterOptions)] == [parameter.name for parameter in PARAMETERS]


def test_only_what_was_given_overrules_a_preset(tmp_path: Path) -> None:
    file = tmp_path / "show.toml"
    file.write_text("zoom = 0\nshift-x = 0.5")
    assert parsed("--settings", str(file)).parameters.given() == {"zoom": 0.0, "shift_x": 0.5}


@pytest.mark.parametrize(
    ("given", "address"),
    [("9000", ("127.0.0.1", 9000)), (":9000", ("127.0.0.1", 9000)), ("127.0.0.2:7000", ("127.0.0.2", 7000))],
)
def test_osc_listens_to_this_machine_alone_by_default(given: str, address: tuple[str, int]) -> None:
    assert parsed("--osc", given).remote.osc_address == address
    assert parsed("--osc", given).remote.osc_networks is None
    assert Settings().remote.osc_address is None


def test_osc_of_other_machines_moves_what_is_safe_unless_all_is_asked_for(tmp_path: Path) -> None:
    file = tmp_path / "show.toml"
    file.write_text('osc = "0.0.0.0:7000"\nosc-allow = ["192.168.1.0/24", "10.0.0.7"]')
    remote = parsed("--settings", str(file)).remote
    assert remote.osc_networks == [IPv4Network("192.168.1.0/24"), IPv4Network("10.0.0.7/32")]
    assert not remote.osc_all
    assert parsed("--settings", str(file), "--osc-all").remote.osc_all
    assert parsed("--osc", "localhost:7000").remote.osc_networks is None


def test_an_operator_window_with_and_without_a_display() -> None:
    assert parsed("--operator", "--tail", "1").window.operator is True
    assert parsed("--operator", "HDMI-1").window.operator == "HDMI-1"
    assert parsed("--operator", "1").window.operator == "1"
    assert Settings().window.operator is False


def test_midi_with_and_without_a_name() -> None:
    assert parsed("--midi", "--tail", "1").remote.midi is True
    assert parsed("--midi", "2").remote.midi == "2"
    assert Settings().remote.midi is False
    assert parsed("--presets", "a").remote.midi_map_path == Path("a/midi.toml")
