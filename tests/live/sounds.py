"""Sounds of the tests, and what a file holds of them."""

import wave
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from live.audio.sound_file import SAMPLE_RATE


def clicks(seconds: float, at: list[float], rate: int = SAMPLE_RATE) -> NDArray[np.float32]:
    """Return silence with clicks of a millisecond: float32 [n, 2]."""
    samples = np.zeros((round(seconds * rate), 2), np.float32)
    for place in at:
        samples[round(place * rate) :][: rate // 1000] = 0.9
    return samples


def tone(seconds: float, hertz: float, amplitude: float = 0.5) -> NDArray[np.float32]:
    """Return a sine wave: float32 [n, 2]."""
    times = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    return np.repeat(amplitude * np.sin(2 * np.pi * hertz * times)[:, None], 2, 1).astype(np.float32)


def write_wav(path: Path, samples: NDArray[np.float32], rate: int = SAMPLE_RATE) -> Path:
    """Write sound, float32 [n, channels], in 16 bits."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(samples.shape[1])
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((samples * 32767).astype("<i2").tobytes())
    return path


def read_sound(path: Path) -> NDArray[np.float32]:
    """Return the sound of a file, each sample at its time: float32 [n, 2]. It may be cut off at the end."""
    found = np.zeros((0, 2), np.float32)
    resampler = av.AudioResampler(format="flt", layout="stereo", rate=SAMPLE_RATE)
    with av.open(str(path)) as container:
        packets = list(container.demux(audio=0))
        for packet in packets:
            try:
                frames = packet.decode()
            except av.FFmpegError:
                break
            for each in frames:
                for frame in resampler.resample(each):
                    assert frame.pts is not None
                    begin = round(frame.pts * Fraction(frame.time_base or 1) * SAMPLE_RATE)
                    samples = frame.to_ndarray().reshape(-1, 2)
                    longer = np.zeros((max(len(found), begin + len(samples)), 2), np.float32)
                    longer[: len(found)] = found
                    longer[begin : begin + len(samples)] = samples
                    found = longer
    return found


def heard(samples: NDArray[np.floating], above: float = 0.4) -> list[float]:
    """Return the seconds at which clicks begin, of sound, float [n, 2]."""
    loud = np.flatnonzero(np.abs(samples).max(1) > above)
    return [
        float(each) / SAMPLE_RATE for n, each in enumerate(loud) if n == 0 or each - loud[n - 1] > SAMPLE_RATE // 50
    ]
