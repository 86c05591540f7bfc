"""Analysis of a sound: loudness, bands and onsets, with an automatic gain."""

import math
import statistics
from collections import deque
from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from live.audio.levels import AudioLevels
from live.audio.sound_file import SAMPLE_RATE

HOP = SAMPLE_RATE // 100
"""Samples from one result to the next: 10 ms."""
HOPS = SAMPLE_RATE // HOP
HOP_SECONDS = 1 / HOPS
WINDOW = 2048
"""Newest samples that a result depends on: 43 ms, of which the newest count most."""
FALL = 512
"""Samples at the end of the window over which their weight falls. It rises over all others."""
# Lowest and highest frequency of low, mid and high.
BAND_EDGES = (20.0, 250.0, 2500.0, 16_000.0)
RELEASE_SECONDS = 0.15

# Automatic gain: the loudest of late counts as 1. The reference follows within this time, and is forgotten in that.
ATTACK_SECONDS, FORGETTING_SECONDS = 0.3, 15.0
# What is quieter than −50 dB of the full scale, or in one band than −56 dB, is never made loud.
QUIETEST, QUIETEST_BAND = 10 ** (-50 / 20), 10 ** (-56 / 20)
# A band that is quieter than −26 dB of the whole is no music: it is what leaks from the others.
LEAK = 10 ** (-26 / 20)
# What never stops in so many seconds is the room's own noise. It counts as 0, but of a loud sound no more than this
# share of the loudest does: a tone that is held stays.
NOISE_SECONDS, MOST_NOISE, NOISE_MARGIN = 10, 0.25, 1.5
SMOOTHING_SECONDS = 0.1
# Until then, the smoothed loudness is too low.
FIRST_HOPS = HOPS // 2

# Onsets: the bands in which loudness is compared with that of 20 ms before.
ONSET_BANDS, ONSET_LOWEST = 24, 60.0
# Loudness far below the reference does not count.
ONSET_FLOOR = 0.02
# Mean rise of all bands, in neper, above that of the last second.
ONSET_RISE, ONSET_CONTRAST = 0.25, 2.0
MEMORY_HOPS = 100
PAUSE_HOPS = 8
"""No two onsets are nearer."""


class Gain:
    """Automatic gain of one figure.

    Args:
        quietest: Loudness that is the least to count as 1.
    """

    def __init__(self, quietest: float) -> None:
        self.loudest = quietest
        """Loudness of late that counts as 1."""
        self._quietest = quietest
        self._smooth = 0.0
        self._hops = 0
        self._minima: deque[float] = deque([math.inf], maxlen=NOISE_SECONDS)

    def apply(self, loudness: float, quietest: float = 0.0) -> float:
        """Return a loudness as 0…1.

        Args:
            loudness: RMS of the newest sound.
            quietest: Loudness that is the least to count as 1 now, if it is more than usual.
        """
        rising = loudness > self.loudest
        share = HOP_SECONDS / (ATTACK_SECONDS if rising else FORGETTING_SECONDS)
        least = max(self._quietest, quietest)
        self.loudest = max(self.loudest + (loudness - self.loudest) * share, least)
        self._smooth += (loudness - self._smooth) * HOP_SECONDS / SMOOTHING_SECONDS
        if self._hops % HOPS == 0:
            self._minima.append(math.inf)
        self._hops += 1
        if self._hops > FIRST_HOPS:
            self._minima[-1] = min(self._minima[-1], self._smooth)
        noise = min(NOISE_MARGIN * min(self._minima), max(MOST_NOISE * self.loudest, self._quietest))
        return min(max((loudness - noise) / max(self.loudest - noise, least), 0.0), 1.0)


class Analyser:
    """Turns a sound into figures, one set for each 10 ms. The same sound always gives the same figures."""

    def __init__(self) -> None:
        self._samples = np.zeros(WINDOW, np.float32)
        self._waiting = np.zeros(0, np.float32)
        rising, falling = np.hanning(2 * (WINDOW - FALL))[: WINDOW - FALL], np.hanning(2 * FALL)[FALL:]
        self._taper = np.concatenate([rising, falling]).astype(np.float32)
        self._scale = 2 / (WINDOW * float(np.square(self._taper).sum()))
        frequencies = np.arange(WINDOW // 2 + 1) * (SAMPLE_RATE / WINDOW)
        self._bands = _shares(frequencies, np.array(BAND_EDGES))
        spaced = np.geomspace(ONSET_LOWEST, BAND_EDGES[-1], ONSET_BANDS + 1)
        self._onset_bands = _shares(frequencies, spaced)
        self._whole = Gain(QUIETEST)
        self._parts = [Gain(QUIETEST_BAND) for _ in range(len(BAND_EDGES) - 1)]
        self._values = [0.0] * (1 + len(self._parts))
        self._before: deque[NDArray[np.float32]] = deque([np.zeros(ONSET_BANDS, np.float32)] * 2, maxlen=2)
        self._rises: deque[float] = deque([0.0], maxlen=MEMORY_HOPS)
        self._onset = 0.0
        self._pause = 0

    def hear(self, samples: NDArray[np.float32]) -> Iterator[AudioLevels]:
        """Yield the figures after each further 10 ms of a mono sound, float32 [n], −1…1."""
        waiting = np.concatenate([self._waiting, samples])
        for begin in range(0, len(waiting) - HOP + 1, HOP):
            self._samples = np.concatenate([self._samples[HOP:], waiting[begin : begin + HOP]])
            yield self._analyse()
        self._waiting = waiting[len(waiting) // HOP * HOP :]

    def _analyse(self) -> AudioLevels:
        powers = np.square(np.abs(np.fft.rfft(self._samples * self._taper))).astype(np.float32) * self._scale
        bands = np.sqrt(self._bands @ powers)
        whole = float(np.sqrt(np.square(bands).sum()))
        found = [self._whole.apply(whole)]
        quietest = self._whole.loudest * LEAK
        found += [gain.apply(float(band), quietest) for gain, band in zip(self._parts, bands, strict=True)]
        fall = math.exp(-HOP_SECONDS / RELEASE_SECONDS)
        self._values = [max(new, old * fall) for new, old in zip(found, self._values, strict=True)]
        self._onset = 1.0 if self._begins(powers) else self._onset * fall
        level, low, mid, high = self._values
        return AudioLevels(level, self._onset, low, mid, high)

    def _begins(self, powers: NDArray[np.float32]) -> bool:
        """Return True if something begins: many bands rise more than they did of late."""
        loudness = np.log1p(np.sqrt(self._onset_bands @ powers) / (ONSET_FLOOR * self._whole.loudest))
        rise = float(np.maximum(loudness - self._before[0], 0).mean())
        self._before.append(loudness)
        usual = statistics.median(self._rises)
        self._rises.append(rise)
        self._pause -= 1
        if self._pause > 0 or rise < ONSET_RISE + ONSET_CONTRAST * usual:
            return False
        self._pause = PAUSE_HOPS
        return True


def _shares(frequencies: NDArray[np.floating], edges: NDArray[np.floating]) -> NDArray[np.float32]:
    """Return which frequencies belong to each band: float32 [bands, frequencies] of 0 and 1, none without any."""
    width = frequencies[1]
    shares = [
        np.clip((np.minimum(frequencies + width / 2, high) - np.maximum(frequencies - width / 2, low)) / width, 0, 1)
        for low, high in pairwise(edges)
    ]
    return np.array(shares, np.float32)
