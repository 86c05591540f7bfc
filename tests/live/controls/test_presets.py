"""Presets: what is stored and recalled, and files that are not presets."""

from pathlib import Path

import pytest

from live.controls.presets import Preset, Presets, read_preset
from live.controls.table import PARAMETERS
from live.errors import OutputError, PresetError
from live.modulation.binding import Binding
from live.modulation.camera_movement import CameraMovement
from live.modulation.oscillator import Oscillator


def test_stored_and_recalled(tmp_path: Path) -> None:
    presets = Presets(tmp_path / "new" / "folder")
    values = {parameter.name: parameter.at(1 / 3) for parameter in PARAMETERS} | {"temperature": 0.1 + 0.2}
    path = presets.store(4, values)
    assert path == tmp_path / "new" / "folder" / "4.toml"
    assert presets.recall(4).values == pytest.approx(values, rel=1e-6)
    assert [each.name for each in path.parent.iterdir()] == ["4.toml"], "no temporary file stays"


def test_a_file_has_the_shortest_numbers_and_the_names_of_choices(tmp_path: Path) -> None:
    over_osc = 1.7000000476837158
    values = {"zoom": over_osc, "rotation": 360.0, "shift_x": -0.05, "gain": 0.1 + 0.2, "feedback": 1.0}
    path = Presets(tmp_path).store(1, values)
    assert path.read_text() == 'zoom = 1.7\nrotation = 360\nshift_x = -0.05\ngain = 0.3\nfeedback = "memory"\n'


def test_the_ends_of_every_range_can_be_stored_and_recalled(tmp_path: Path) -> None:
    presets = Presets(tmp_path)
    for number, end in ((1, "low"), (2, "high")):
        values = {parameter.name: getattr(parameter, end) for parameter in PARAMETERS}
        presets.store(number, values)
        assert presets.recall(number).values == values


def test_a_modulation_is_stored_and_recalled(tmp_path: Path) -> None:
    (tmp_path / "1.toml").write_text("glide = 2")
    modulation = {"zoom": Binding(Oscillator("saw", 8.0, 0.5), 0.1 + 0.2), "hue": Binding(CameraMovement(), -60.0)}
    path = Presets(tmp_path).store(1, {"zoom": 0.5, "feedback": 1.0}, modulation)
    assert path.read_text() == (
        'glide = 2.0\nzoom = 0.5\nfeedback = "memory"\n\n[modulation]\n'
        'zoom = { source = "saw", depth = 0.3, period = 8, phase = 0.5 }\n'
        'hue = { source = "camera", depth = -60 }\n'
    )
    modulation["zoom"] = Binding(Oscillator("saw", 8.0, 0.5), 0.3)
    assert Presets(tmp_path).recall(1) == Preset({"zoom": 0.5, "feedback": 1.0}, 2.0, modulation)


def test_which_presets_are_stored(tmp_path: Path) -> None:
    presets = Presets(tmp_path / "new")
    assert presets.stored() == frozenset()
    presets.store(1, {})
    presets.store(9, {})
    assert presets.stored() == {1, 9}


def test_a_preset_of_an_earlier_version_is_read(tmp_path: Path) -> None:
    (tmp_path / "1.toml").write_text("temperature = 0.4\nzoom = 1.7000000476837158\nhue_drift = 30.0\nglide = 4.0\n")
    assert Presets(tmp_path).recall(1) == Preset({"temperature": 0.4, "zoom": 1.7000000476837158, "hue_drift": 30.0}, 4)


def test_a_subset_with_a_glide(tmp_path: Path) -> None:
    (tmp_path / "1.toml").write_text("zoom = 1\nglide = 2.5\n")
    presets = Presets(tmp_path)
    assert presets.recall(1) == Preset({"zoom": 1.0}, 2.5)
    presets.store(1, {"rotation": 5.0})
    assert presets.recall(1) == Preset({"rotation": 5.0}, 2.5), "its glide stays"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("zoom = = 1", "is not TOML"),
        ("zooom = 1", "there is no parameter zooom"),
        ("zoom = 4.5", "zoom: 4.5 is not between -4 and 4"),
        ("zoom = nan", "zoom: .* is not one number"),
        ("zoom = true", "zoom: .* is not one number"),
        ('zoom = "1"', "zoom: .* is not one number"),
        ("zoom = 1" + "0" * 400, "an integer has more than 64 bits"),
        ("[zoom]\nx = 1", "zoom: .* is not one number"),
        ("model = 0", "model is 0; give a number from 1 to 9"),
        ("model = 2.0", "model is 2.0"),
        ("glide = -1", "glide is -1; give seconds from 0 to 3600"),
        ("glide = nan", "glide is nan"),
        ("glide = true", "glide is True"),
        ("quit = 1", "there is no parameter quit"),
        ('feedback = "memori"', "feedback: 'memori' is not one of picture, memory, both"),
        ("feedback = 0.5", "feedback: 0.5 is not one of 0 picture, 1 memory, 2 both"),
        ("modulation = 3", r"modulation is no table; write \[modulation\] above"),
        ("[modulation]\nzooom = 3", "modulation: there is no parameter zooom; see docs/performing.md"),
        ("[modulation]\nzoom = 3", "modulation of zoom: it is no table like"),
        ('[modulation]\nfeedback = { source = "camera", depth = 1 }', "modulation: feedback is a choice"),
        ('[modulation]\nzoom = { source = "cam", depth = 1 }', "modulation of zoom: source is 'cam'; give one of sine"),
        ('[modulation]\nzoom = { source = "camera", depth = 9 }', "of zoom: depth is 9; give a number from -8 to 8"),
        ("feedback = 3", "feedback: 3 is not between 0 and 2"),
    ],
)
def test_a_bad_preset_is_one_line_and_is_neither_remembered_nor_overwritten(
    tmp_path: Path, text: str, said: str
) -> None:
    presets = Presets(tmp_path)
    for number in (1, 2):
        presets.store(number, {"zoom": float(number)})
        presets.recall(number)
    bad = tmp_path / "3.toml"
    bad.write_text(text)
    with pytest.raises(PresetError, match=said) as caught:
        presets.recall(3)
    assert "\n" not in str(caught.value)
    with pytest.raises(PresetError, match=said):
        presets.store(3, {"zoom": 0.0})
    assert bad.read_text() == text
    assert presets.recall_other().values == {"zoom": 1.0}


def test_a_preset_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(PresetError, match=r"there is no preset .*7\.toml; Shift and its number"):
        Presets(tmp_path).recall(7)
    with pytest.raises(PresetError, match=r"there is no preset .*7\.toml; give --preset"):
        read_preset(tmp_path / "7.toml")
    (tmp_path / "folder.toml").mkdir()
    with pytest.raises(PresetError, match="cannot be read"):
        read_preset(tmp_path / "folder.toml")


def test_back_and_forth_between_the_two_recalled_last(tmp_path: Path) -> None:
    presets = Presets(tmp_path)
    for number in (1, 2, 3):
        (tmp_path / f"{number}.toml").write_text(f"shift_x = 0.{number}")
    with pytest.raises(PresetError, match="recall two"):
        presets.recall_other()
    presets.recall(1)
    presets.recall(1)
    with pytest.raises(PresetError, match="recall two"):
        presets.recall_other()
    presets.recall(2)
    presets.recall(3)
    went = [presets.recall_other().values["shift_x"] for _ in range(4)]
    assert went == [0.2, 0.3, 0.2, 0.3]


def test_a_disk_that_is_full_keeps_the_old_preset_whole(tmp_path: Path) -> None:
    import resource

    presets = Presets(tmp_path)
    path = presets.store(1, {"zoom": 1.0})
    old = path.read_text()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (5, hard))
    try:
        with pytest.raises(OutputError, match="File too large") as caught:
            presets.store(1, {"zoom": 0.5, "rotation": 3.0})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert "\n" not in str(caught.value)
    assert path.read_text() == old
    assert [each.name for each in tmp_path.iterdir()] == ["1.toml"]


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="cannot write"):
        Presets(tmp_path / "file").store(1, {"zoom": 0.0})


def test_a_folder_that_cannot_be_read_is_one_line(tmp_path: Path) -> None:
    presets = Presets(tmp_path / ("x" * 300))
    with pytest.raises(PresetError, match="cannot be read"):
        presets.store(1, {"zoom": 0.0})
    with pytest.raises(PresetError, match="cannot be read"):
        presets.recall(1)
