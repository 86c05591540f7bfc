"""Sound of the film's last seconds in a bundle, which recordings get while the tail is shown."""

from collections.abc import Iterable, Sequence
from fractions import Fraction

import av
import numpy as np
from av.audio.resampler import AudioResampler
from numpy.typing import NDArray

from live.audio.sound_file import SAMPLE_RATE
from live.frame import Sound

CODECS = ("opus", "libopus")
MOST_PACKETS = 10_000
"""As many as `MOST_FRAMES` of the pictures. Ten seconds have 500."""


def sound_track(streams: Sequence[av.AudioStream]) -> av.AudioStream | None:
    """Return the sound track of a seed film: the first one, if it is Opus in mono or stereo."""
    track = next(iter(streams), None)
    # FFmpeg may have no decoder for it.
    if (
        track is None
        or track.codec_context is None
        or track.codec_context.name not in CODECS
        or track.channels not in (1, 2)
    ):
        return None
    return track


def decode_sound(
    track: av.AudioStream, packets: "Iterable[av.Packet[av.AudioStream]]", frames: int, frame_rate: Fraction, kept: int
) -> Sound:
    """Decode the sound of the last frames.

    Args:
        track: The sound track.
        packets: Its packets.
        frames: Number of frames of the whole seed film. The sound is as long as they are; what is missing is silent.
        frame_rate: Frames a second.
        kept: Number of frames, from the last, whose sound is returned.
    """
    samples = np.zeros((round(frames / frame_rate * SAMPLE_RATE), 2), np.int16)
    resampler = AudioResampler(format="s16", layout="stereo", rate=SAMPLE_RATE)
    filled = 0
    for packet in (*packets, None):
        for frame in track.decode(packet):
            for each in resampler.resample(frame):
                filled += _fill(samples[filled:], each.to_ndarray().reshape(-1, 2).astype(np.int16, copy=False))
        if filled == len(samples):
            break
    return Sound(samples[-round(kept / frame_rate * SAMPLE_RATE) :], float(1 / frame_rate))


def _fill(room: NDArray[np.int16], found: NDArray[np.int16]) -> int:
    count = min(len(room), len(found))
    room[:count] = found[:count]
    return count
