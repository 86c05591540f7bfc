"""Files with sound, decoded by FFmpeg and played in a loop, the same way every time."""

from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
from av.audio.layout import AudioLayout
from av.audio.resampler import AudioResampler
from numpy.typing import NDArray

from live.errors import AudioError
from live.paths import ffmpeg_path
from live.reading.regular_file import check_regular_file

SAMPLE_RATE = 48_000
"""Samples a second of all sound in a show."""
# No sound file is larger; a film may be.
LARGEST_BYTES = 2**40

Samples = NDArray[np.float32]
"""Sound, float32 [n, channels], −1…1."""


class SoundFile:
    """Sound of a file that begins again at its end, without a gap.

    Args:
        path: File with a sound track: a sound file, or a film.
        channels: 1 for a mono mix, 2 for stereo.
        option: Option that named it, for messages.

    Raises:
        AudioError: There is no such file, or no sound in it that can be read. `read` raises it, too, when the file
            cannot be read any more.
    """

    def __init__(self, path: Path, *, channels: int, option: str) -> None:
        self._path = path
        self._channels = channels
        self._option = option
        try:
            check_regular_file(path, LARGEST_BYTES)
        except OSError as error:
            raise AudioError(f"{option} {path} cannot be read ({error.strerror}); give a sound file") from error
        self._blocks = self._loop()
        self._left = next(self._blocks)

    def read(self, count: int) -> Samples:
        """Return the next `count` samples: float32 [count, channels]."""
        parts = []
        while len(self._left) < count:
            parts.append(self._left)
            count -= len(self._left)
            self._left = next(self._blocks)
        parts.append(self._left[:count])
        self._left = self._left[count:]
        return np.concatenate(parts)

    def _loop(self) -> Iterator[Samples]:
        while True:
            heard = False
            for block in decoded(self._path, self._channels):
                heard = heard or len(block) > 0
                yield block
            if not heard:
                raise AudioError(
                    f"{self._option} {self._path} holds no sound that can be read; give a sound file, or a film with "
                    "sound"
                )


def decoded(path: Path, channels: int) -> Iterator[Samples]:
    """Yield the sound of a file in blocks, float32 [n, channels]; it ends where it cannot be read any further."""
    layout = AudioLayout("mono" if channels == 1 else "stereo")
    resampler = AudioResampler(format="flt", layout=layout, rate=SAMPLE_RATE)
    try:
        with av.open(ffmpeg_path(path), metadata_errors="replace") as container:
            stream = container.streams.best("audio")
            if stream is None:
                return
            for frame in container.decode(stream):
                assert isinstance(frame, av.AudioFrame)
                for each in resampler.resample(frame):
                    yield _samples(each, channels)
    # The file is no sound, damaged, of an unknown kind, or gone.
    except (av.FFmpegError, OSError, ValueError):
        pass
    for each in resampler.resample(None):
        yield _samples(each, channels)


def _samples(frame: av.AudioFrame, channels: int) -> Samples:
    return frame.to_ndarray().reshape(-1, channels).astype(np.float32, copy=False)
