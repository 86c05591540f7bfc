"""Write pictures into a video file that is playable at any moment, even if the process is killed the next."""

import errno
import os
import struct
from contextlib import suppress
from fractions import Fraction
from pathlib import Path

import av
from av.container import OutputContainer

from live.audio.sound_file import SAMPLE_RATE
from live.console import say
from live.errors import RecordingError
from live.frame import Pixels
from live.geometry import ResizeMode
from live.outputs.encodings import Encoding, SoundEncoding, format_of
from live.outputs.options import Codec
from live.outputs.soundtrack import Soundtrack
from live.paths import ffmpeg_path


class VideoFile:
    """New video file of one size and frame rate.

    Args:
        path: File to write; its suffix decides the format.
        size: (height, width) of the file's pictures.
        frame_rate: Frames a second.
        codec: Codec of a Matroska file.
        overwrite: True to replace an existing file.
        fit: Letterboxes or fills pictures of another size.
        soundtrack: Sound of the file, as long as its pictures; None for none. A format that can hold none leaves it
            out.

    Raises:
        RecordingError: The file exists and may not be replaced, or it cannot be written. `write` and `close` raise it
            too, when the disk is full; the part that was written stays playable.
    """

    def __init__(
        self,
        path: Path,
        *,
        size: tuple[int, int],
        frame_rate: Fraction,
        codec: Codec,
        overwrite: bool,
        fit: ResizeMode = "letterbox",
        soundtrack: Soundtrack | None = None,
    ) -> None:
        self.path = path
        self._size = size
        self._fit = fit
        self._frame_rate = frame_rate
        self._format = format_of(path.suffix, codec)
        self._rate = min(frame_rate, self._format.most or frame_rate)
        self._first_index = 0
        self._last_time = -1
        # Opened with the first picture: until then, the file that it replaces is untouched.
        self._container: OutputContainer | None = None
        self._sound: SoundEncoding | None = None
        self.soundtrack = soundtrack if self._format.sound else None
        """Sound of the file; None if it has none."""
        _claim(path, overwrite)
        if self._rate < frame_rate:
            say(f"{path} takes {self._rate} of {float(frame_rate):.4g} frames a second, the most that it can hold")

    def is_full(self, file_bytes: int) -> bool:
        """Return True if a show that goes on should begin another file, where this one has so many bytes."""
        return self._last_time >= self._format.most_frames - 1 or file_bytes > self._format.most_bytes

    @property
    def seconds(self) -> float:
        """Length of what was written."""
        return float((self._last_time + 1) / self._rate)

    def _open(self) -> tuple[OutputContainer, Encoding]:
        wanted = self._format
        container = av.open(ffmpeg_path(self.path), "w", format=wanted.container, options=dict(wanted.options))
        encoding = wanted.encoding(container, self._size, self._rate)
        if self.soundtrack and wanted.sound:
            self._sound = SoundEncoding(container, wanted.sound)
        return container, encoding

    def write(self, pixels: Pixels, index: int) -> None:
        """Add one picture.

        Args:
            pixels: uint8 [height, width, 3] RGB, of any size.
            index: Frame number, which only rises. The first picture has the time 0, the others the time of their
                distance from it. A GIF drops frames evenly above 50 a second.
        """
        try:
            if self._container is None:
                self._container, self._encoding = self._open()
                self._first_index = index
            # Of frames that fall into one slot of a GIF, the first is kept.
            time = int((index - self._first_index) * self._rate / self._frame_rate)
            if time <= self._last_time:
                return
            self._last_time = time
            picture = av.VideoFrame.from_ndarray(self._fitted(pixels), "rgb24")
            picture.pts = time
            picture.time_base = 1 / self._rate
            for packet in self._encoding.stream.encode(self._encoding.prepare(picture)):
                self._container.mux(packet)
            self._write_sound()
            if self._format.counts_bytes:
                _count_bytes(self.path)
        except (av.FFmpegError, OSError) as error:
            raise _failure(self.path, error) from error

    def _write_sound(self) -> None:
        """Write the sound until the end of the last picture."""
        if self._sound and self.soundtrack:
            until = int((self._last_time + 1) / self._rate * SAMPLE_RATE)
            self._sound.write(self.soundtrack.read(until - self._sound.position))

    def _fitted(self, pixels: Pixels) -> Pixels:
        if pixels.shape[:2] == self._size:
            return pixels
        # Not every recording needs it.
        from live.images.scaling import scaled

        return scaled(pixels, self._size, self._fit)

    def close(self) -> None:
        """Write what the encoder still holds and close the file. A new file without a picture is deleted."""
        if self._container is None:
            # The file may be gone, with its folder or its disk.
            with suppress(OSError):
                if self.path.stat().st_size == 0:
                    self.path.unlink()
            return
        try:
            try:
                for packet in self._encoding.stream.encode(None):
                    self._container.mux(packet)
                if self._sound:
                    self._sound.finish()
            finally:
                self._container.close()
        except (av.FFmpegError, OSError) as error:
            raise _failure(self.path, error) from error


def _claim(path: Path, overwrite: bool) -> None:
    """Check that the file can be written, without changing its content.

    A new file is created at once, so that no other recording can take its name.
    """
    try:
        path.open("ab" if overwrite else "xb").close()
    except FileExistsError as error:
        raise RecordingError(f"{path} exists; give another name, or --overwrite") from error
    except FileNotFoundError as error:
        raise RecordingError(f"there is no folder {path.parent} to record into; make it first") from error
    except OSError as error:
        raise RecordingError(f"cannot record to {path} ({error.strerror}); give another place") from error


def _failure(path: Path, error: OSError | av.FFmpegError) -> RecordingError:
    reason = error.strerror or str(error)
    return RecordingError(f"the recording {path} ended ({reason}); what was written until then is playable")


def _count_bytes(path: Path) -> None:
    """Write the number of bytes of a RIFF file into its beginning, without which no player opens it."""
    with path.open("r+b") as file:
        size = file.seek(0, 2)
        # FFmpeg holds the beginning back until the second picture.
        if size - 8 >= 2**32:
            raise OSError(errno.EFBIG, os.strerror(errno.EFBIG))
        if size > 8:
            file.seek(4)
            file.write(struct.pack("<I", size - 8))
