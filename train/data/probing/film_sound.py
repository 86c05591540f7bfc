"""Sound of a film's file."""

from __future__ import annotations

from contextlib import suppress
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.audio.resampler import AudioResampler

from live.decoding.decoding import main_stream
from train.data.probing.film_file import open_film

SAMPLE_RATE = 48_000  # samples a second of a bundle's sound
EARLIER = 2.0  # seconds before the wanted sound from which it is decoded


def sound_between(path: Path, start: float, count: int) -> np.ndarray | None:
    """Return the sound of a film from a moment on: int16 [count, 2], in stereo, 48,000 samples a second.

    Args:
        path: the film.
        start: seconds since its first picture.
        count: of samples. Those that it lacks, or that cannot be decoded, are silent.

    Returns:
        the sound; None if the film has none there.
    """
    samples = np.zeros((count, 2), np.int16)
    resampler = AudioResampler(format="s16", layout="stereo", rate=SAMPLE_RATE)
    with open_film(path) as container, suppress(av.FFmpegError):
        stream, pictures = container.streams.best("audio"), main_stream(container)
        if stream is None or pictures is None:
            return None
        first = (pictures.start_time or 0) * (pictures.time_base or Fraction(1)) + Fraction(start)
        with suppress(av.FFmpegError):  # a stream without an index is decoded from its beginning
            container.seek(max(0, int((first - Fraction(EARLIER)) * av.time_base)))
        for frame in container.decode(stream):
            assert isinstance(frame, av.AudioFrame)  # of a stream of sound
            for each in resampler.resample(frame):
                if each.pts is None or each.time_base is None:
                    continue
                begin = round((each.pts * each.time_base - first) * SAMPLE_RATE)
                if begin >= count:
                    return samples if samples.any() else None
                _put(samples, begin, each.to_ndarray().reshape(-1, 2))
    return samples if samples.any() else None


def _put(samples: np.ndarray, begin: int, found: np.ndarray) -> None:
    found = found[max(0, -begin) :]
    begin = max(0, begin)
    found = found[: len(samples) - begin]
    samples[begin : begin + len(found)] = found
