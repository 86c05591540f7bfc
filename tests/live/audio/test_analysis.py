"""Loudness, bands and onsets of known sounds."""

import numpy as np
import pytest
from numpy.typing import NDArray

from live.audio.analysis import HOPS, Analyser
from live.audio.levels import SILENCE, AudioLevels
from live.audio.sound_file import SAMPLE_RATE
from tests.live.sounds import tone

RANDOM = np.random.default_rng(1)


def analysed(samples: NDArray[np.floating]) -> list[AudioLevels]:
    """Return the figures of a mono sound, float32 [n]: one for each 10 ms."""
    return list(Analyser().hear(samples.astype(np.float32)))


def onsets(found: list[AudioLevels]) -> list[float]:
    """Return the seconds of sound that had been heard when each onset was found, but for that of the very beginning."""
    return [(number + 1) / HOPS for number, levels in enumerate(found) if levels.onset == 1 and number > 5]


def noise(seconds: float, amplitude: float) -> NDArray[np.float32]:
    return RANDOM.normal(0, amplitude, round(seconds * SAMPLE_RATE)).astype(np.float32)


def test_silence_is_nothing() -> None:
    assert set(analysed(np.zeros(2 * SAMPLE_RATE, np.float32))) == {SILENCE}


@pytest.mark.parametrize("length", [48, 480, 2400])
def test_an_onset_is_found_within_ten_milliseconds_of_a_click(length: int) -> None:
    samples = noise(10, 0.0005)
    times = [1.0034 + 0.5137 * number for number in range(17)]
    for place in times:
        begin = round(place * SAMPLE_RATE)
        samples[begin : begin + length] += 0.5 * np.exp(-np.arange(length) / 600) * RANDOM.normal(0, 1, length)
    found = onsets(analysed(samples))
    assert len(found) == len(times)
    delays = np.array(found) - times
    # Of the block in which it begins, some must have been heard.
    assert 0 < delays.min() < delays.max() < 0.0125


def test_drums_are_heard_over_a_bass_and_a_hiss() -> None:
    samples = tone(10, 55, 0.2)[:, 0] + noise(10, 0.02)
    times = np.arange(1, 9.5, 0.5)
    count = np.arange(4800)
    for place in times:
        drum = 0.5 * np.exp(-count / 1500) * np.sin(2 * np.pi * (50 + 100 * np.exp(-count / 400)) * count / SAMPLE_RATE)
        samples[round(place * SAMPLE_RATE) :][:4800] += drum.astype(np.float32)
    found = onsets(analysed(samples))
    np.testing.assert_allclose(found, times + 0.01, atol=0.0101)


def test_what_only_goes_on_or_swells_has_no_onset() -> None:
    swell = tone(10, 300)[:, 0] * np.clip(np.sin(2 * np.pi * 0.1 * np.arange(10 * SAMPLE_RATE) / SAMPLE_RATE), 0, 1)
    assert onsets(analysed(swell)) == []
    for steady in (tone(10, 440)[:, 0], noise(10, 0.1)):
        assert onsets(analysed(steady)) == []


def test_an_onset_falls_to_a_third_in_fifteen_hundredths_of_a_second() -> None:
    samples = np.zeros(SAMPLE_RATE, np.float32)
    samples[24_000:24_048] = 0.5
    values = [levels.onset for levels in analysed(samples)]
    peak = values.index(1.0)
    assert values[peak + 15] == pytest.approx(np.exp(-1), abs=0.01)


def test_a_sweep_lands_in_the_band_of_its_pitch() -> None:
    # 40 Hz to 15 kHz in 20 s.
    times = np.arange(20 * SAMPLE_RATE) / SAMPLE_RATE
    pitch = 40 * (15_000 / 40) ** (times / 20)
    found = analysed(0.3 * np.sin(2 * np.pi * np.cumsum(pitch) / SAMPLE_RATE))
    bands = [("low", 50, 150), ("mid", 450, 1800), ("high", 4000, 14_000)]
    for name, lowest, highest in bands:
        inside = [each for number, each in enumerate(found) if lowest < pitch[number * 480] < highest]
        assert len(inside) > 100
        for other, *_ in bands:
            values = [getattr(each, other) for each in inside]
            assert min(values) > 0.8 if other == name else max(values) < 0.2


@pytest.mark.parametrize("amplitude", [0.5, 0.02, 0.006])
def test_quiet_and_loud_sounds_fill_the_scale(amplitude: float) -> None:
    """Half a second of sound, half a second of pause, over the noise of a room."""
    beat = np.tile(np.repeat([1.0, 0.0], SAMPLE_RATE // 2), 10)
    found = analysed(tone(10, 440, amplitude)[:, 0] * beat + noise(10, amplitude / 100))
    levels = [each.level for each in found[5 * HOPS :]]
    assert np.mean([levels[number * HOPS + 40] for number in range(5)]) > 0.9
    assert max(levels[number * HOPS + 99] for number in range(5)) < 0.06


def test_the_level_follows_the_loudness() -> None:
    steps = np.repeat([1.0, 0.75, 0.5, 0.25], SAMPLE_RATE)
    found = analysed(np.tile(tone(4, 440)[:, 0] * steps, 2))
    levels = [found[(4 + second) * HOPS + 80].level for second in range(4)]
    assert levels == sorted(levels, reverse=True)
    assert levels[0] > 0.95
    assert 0.5 < levels[1] < 0.8
    assert levels[3] < 0.1


def test_the_noise_of_a_room_is_nothing_and_a_tone_that_is_held_stays() -> None:
    # −60 dB: a quiet fan.
    for name in ("level", "low", "mid", "high"):
        values = [getattr(each, name) for each in analysed(noise(5, 0.001))]
        assert np.mean(values[2 * HOPS :]) < 0.05
    held = analysed(tone(20, 440)[:, 0])
    assert min(each.level for each in held[HOPS:]) > 0.95


def test_blocks_of_any_length_give_the_same() -> None:
    samples = noise(1, 0.1) * np.repeat([1, 0, 1, 0], SAMPLE_RATE // 4).astype(np.float32)
    whole = analysed(samples)
    analyser, pieces = Analyser(), list[AudioLevels]()
    for begin in range(0, len(samples), 317):
        pieces += analyser.hear(samples[begin : begin + 317])
    assert pieces == whole
