"""Bindings: their tables, and what is none."""

import tomllib

import pytest

from live.audio.levels import AudioLevels
from live.modulation.audio_figure import AudioFigure
from live.modulation.binding import Binding, read_binding
from live.modulation.camera_movement import CameraMovement
from live.modulation.oscillator import Oscillator
from live.modulation.source import Moment

BINDINGS = [
    Binding(Oscillator("sine", 8.0), 0.4),
    Binding(Oscillator("random", 0.1, 0.25), -1e6),
    Binding(CameraMovement(), 90.0),
    Binding(Oscillator("saw", 4.0, 0.5, in_beats=True), 1.0),
    Binding(AudioFigure("low"), 0.5),
]


@pytest.mark.parametrize("binding", BINDINGS, ids=lambda binding: binding.source.name)
def test_what_is_written_is_read(binding: Binding) -> None:
    assert read_binding(binding.table()) == binding
    assert read_binding(tomllib.loads(f"zoom = {binding.toml()}")["zoom"]) == binding


def test_a_line_has_no_more_than_it_needs() -> None:
    assert BINDINGS[0].toml() == '{ source = "sine", depth = 0.4, period = 8 }'
    assert BINDINGS[3].toml() == '{ source = "saw", depth = 1, beats = 4, phase = 0.5 }'
    assert BINDINGS[4].toml() == '{ source = "audio.low", depth = 0.5 }'
    assert BINDINGS[2].toml() == '{ source = "camera", depth = 90 }'


def test_the_depth_is_the_distance_at_one() -> None:
    assert Binding(Oscillator("sine", 8), 0.4).at(Moment(2.0)) == pytest.approx(0.4)
    assert Binding(Oscillator("sine", 8), -0.4).at(Moment(2.0)) == pytest.approx(-0.4)
    assert Binding(CameraMovement(), 90).at(Moment(0.0, movement=0.5)) == 45
    heard = AudioLevels(level=0.1, onset=0.2, low=0.3, mid=0.4, high=0.5)
    values = [Binding(AudioFigure(name), 10).at(Moment(0.0, audio=heard)) for name in ("level", "onset", "low", "mid")]
    assert values == [1, 2, 3, 4]
    assert Binding(AudioFigure("high"), -10).at(Moment(0.0, audio=heard)) == -5
    assert Binding(AudioFigure("high"), 10).at(Moment(0.0)) == 0


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (0.5, 'it is no table like { source = "sine", depth = 0.5, period = 8 }'),
        ({}, "source is None; give one of sine, triangle, square, saw, random, camera, audio.level, audio.onset"),
        ({"source": "lfo"}, "source is 'lfo'; give one of sine"),
        ({"source": ["sine"]}, r"source is \['sine'\]; give one of"),
        ({"source": "sine", "period": 8}, "depth is missing"),
        ({"source": "sine", "depth": 1}, "sine needs either a period, in seconds, or beats"),
        ({"source": "sine", "depth": 1, "period": 8, "beats": 4}, "sine needs either a period, in seconds, or beats"),
        ({"source": "sine", "depth": 1, "beats": 0.1}, "beats is 0.1; give a number from 0.125 to 1024"),
        ({"source": "sine", "depth": "1", "period": 8}, "depth is '1'; give a number from -1e\\+06 to 1e\\+06"),
        ({"source": "sine", "depth": float("nan"), "period": 8}, "depth is nan"),
        ({"source": "sine", "depth": True, "period": 8}, "depth is True"),
        ({"source": "sine", "depth": 1, "period": 0}, "period is 0; give a number from 0.1 to 3600"),
        ({"source": "sine", "depth": 1, "period": 8, "phase": 2}, "phase is 2; give a number from 0 to 1"),
        ({"source": "sine", "depth": 1, "period": 8, "phsae": 0}, "sine has no 'phsae'"),
        ({"source": "camera", "depth": 1, "period": 8}, "camera has no 'period'"),
        ({"source": "audio.low", "depth": 1, "period": 8}, "audio.low has no 'period'"),
        ({"source": "audio.bass", "depth": 1}, "source is 'audio.bass'; give one of"),
    ],
)
def test_what_is_no_binding_is_named(given: object, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        read_binding(given)
