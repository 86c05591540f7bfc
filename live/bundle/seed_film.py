"""The film's last seconds in a bundle: the show plays them before the network takes over."""

import io
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain, pairwise
from pathlib import Path
from typing import cast

import av
import numpy as np
from numpy.typing import NDArray

from live.bundle.archive import read_part
from live.bundle.checksums import NO_CHECKSUMS, Checksums
from live.bundle.film_sound import MOST_PACKETS, decode_sound, sound_track
from live.errors import BundleError
from live.frame import Pixels, Sound

LARGEST_FILE_BYTES = 256 * 2**20
MOST_FRAMES = 10_000
"""In both tracks together. Ten seconds have 2400 at the highest rate."""
MOST_DECODED_BYTES = 4 * 2**30


@dataclass(frozen=True)
class SeedFilm:
    """Last frames of a film, and where in them a new shot begins."""

    frames: Pixels
    """uint8 [n, height, width, 3] RGB; the last one is the film's last frame."""
    shot_starts: tuple[int, ...]
    """Film indices at which a new shot begins: indices into `frames`, ascending, the first is 0."""
    complete: bool
    """True if these are all frames that the bundle has."""
    sound: Sound | None = None
    """Sound of the frames; None if the bundle has none."""

    def tail_length(self, seconds: float, frame_rate: Fraction) -> int:
        """Return how many frames the film's last `seconds` have, as far as they are stored."""
        return min(round(seconds * frame_rate), len(self.frames))

    def reseed_indices(self, count: int, context_frames: int) -> list[int]:
        """Return the film indices, of the last `count` frames, whose whole context lies in one shot."""
        first = max(0, len(self.frames) - count)
        return [
            index
            for index in range(first, len(self.frames))
            if index + 1 - context_frames >= max(start for start in self.shot_starts if start <= index)
        ]

    def context(self, film_index: int, context_frames: int) -> Pixels:
        """Return the `context_frames` frames that end with `film_index`: uint8 [K, height, width, 3], oldest first."""
        return self.frames[film_index + 1 - context_frames : film_index + 1]


def to_context(frames: Pixels) -> NDArray[np.float32]:
    """Return the context, float32 [1, 3K, H, W] −1…1, of K frames uint8 [K, H, W, 3] RGB, oldest first.

    This is the one piece of arithmetic outside the graph.
    """
    planes = frames.transpose(0, 3, 1, 2).reshape(1, -1, *frames.shape[1:3])
    return planes.astype(np.float32) / np.float32(127.5) - 1


def no_film(height: int, width: int) -> SeedFilm:
    """Return the film of a model without memory: no frames of that size."""
    return SeedFilm(np.zeros((0, height, width, 3), np.uint8), shot_starts=(), complete=False)


def read_seed_film(
    path: Path,
    *,
    height: int,
    width: int,
    context_frames: int,
    frame_rate: Fraction,
    shot_starts: list[int],
    keep: int,
    checksums: Checksums = NO_CHECKSUMS,
) -> SeedFilm:
    """Read the last `keep` frames of a seed film (all, if it has fewer; never less than `context_frames`).

    A second track holds the very last frames lossless: they replace those of the first track. Bundles of version
    0.1.0 have one track, which is lossless as a whole. A track of sound is optional. What lies before the wanted frames
    is decoded only as far back as the key frame that they need.

    Raises:
        BundleError: The film is missing or damaged, is larger than any that `export` writes, has another size than
            height × width or fewer than `context_frames` frames, or `shot_starts` does not describe it.
    """
    data = _read_file(path)
    checksums.check(path, data)
    needed = max(context_frames, 1)
    keep = max(keep, needed)
    try:
        # No other format: some of them open further files, or addresses.
        with av.open(io.BytesIO(data), "r", format="matroska", metadata_errors="replace") as container:
            tracks = container.streams.video[:2]
            if not tracks:
                raise BundleError(f"{path} holds no film; export the model again")
            _check_sizes(tracks, height, width, path)
            heard = sound_track(container.streams.audio)
            packets, sound_packets = _packets(container, tracks, heard, path)
            total = len(packets[tracks[0].index])
            if (min(keep, total) + len(tracks) * needed) * height * width * 3 > MOST_DECODED_BYTES:
                raise BundleError(f"{path} is too long for memory; give a shorter --tail")
            frames = _last_frames(tracks[0], packets[tracks[0].index], keep)
            exact = [_last_frames(track, packets[track.index], needed) for track in tracks[1:]]
            sound = decode_sound(heard, sound_packets, total, frame_rate, len(frames)) if heard else None
    except (av.FFmpegError, OSError, ValueError) as error:
        raise BundleError(f"{path} is not a readable film ({error}); export the model again") from error
    if any(frame.shape != (height, width, 3) for frame in (*frames, *chain.from_iterable(exact))):
        raise BundleError(f"{path} has frames of another size than {width}×{height}; export the model again")
    if len(frames) < min(keep, total) or len(frames) < needed:
        raise BundleError(
            f"{path} has {len(frames)} readable frames, but the network needs {needed} to begin "
            "and the film should have more; export the model again"
        )
    for last in exact:
        if len(last) < needed:
            raise BundleError(
                f"{path} has {len(last)} lossless frames, but the network needs {needed} to begin; "
                "export the model again"
            )
        frames[-needed:] = last
    return SeedFilm(
        np.stack(frames),
        _shots(shot_starts, total, len(frames), context_frames, path),
        complete=len(frames) == total,
        sound=sound,
    )


def _read_file(path: Path) -> bytes:
    try:
        return read_part(path, LARGEST_FILE_BYTES)
    except FileNotFoundError as error:
        raise BundleError(f"{path} is missing; export the model again") from error
    except OSError as error:
        raise BundleError(f"{path} cannot be read ({error.strerror}); export the model again") from error


def _packets(
    container: av.container.InputContainer,
    tracks: tuple[av.VideoStream, ...],
    heard: av.AudioStream | None,
    path: Path,
) -> "tuple[dict[int, list[av.Packet[av.VideoStream]]], list[av.Packet[av.AudioStream]]]":
    """Return the packets of each track of pictures, by its index, and those of the sound."""
    packets: dict[int, list[av.Packet[av.VideoStream]]] = {track.index: [] for track in tracks}
    sound: list[av.Packet[av.AudioStream]] = []
    count = 0
    for packet in container.demux(*tracks, *([heard] if heard else [])):
        if not packet.size:
            continue
        if packet.stream is heard:
            if len(sound) < MOST_PACKETS:
                sound.append(cast("av.Packet[av.AudioStream]", packet))
            continue
        count += 1
        if count > MOST_FRAMES:
            raise BundleError(f"{path} has more than {MOST_FRAMES} frames; export the model again")
        packets[packet.stream.index].append(cast("av.Packet[av.VideoStream]", packet))
    return packets, sound


def _check_sizes(tracks: Iterable[av.VideoStream], height: int, width: int, path: Path) -> None:
    for track in tracks:
        if (track.height, track.width) != (height, width):
            raise BundleError(
                f"{path} is {track.width}×{track.height}, but the network makes {width}×{height}; "
                "export the model again"
            )
        # A frame may say another size than its track. Decoders pad each side to whole blocks.
        track.codec_context.options = {"max_pixels": str((height + 128) * (width + 128))}


def _last_frames(track: av.VideoStream, packets: "list[av.Packet[av.VideoStream]]", count: int) -> list[Pixels]:
    """Decode the last `count` frames of a track, uint8 [height, width, 3] RGB each; fewer if it has fewer."""
    frames: deque[Pixels] = deque(maxlen=count)
    # None flushes the decoder.
    for packet in (*packets[_last_start(packets, len(packets) - count) :], None):
        frames.extend(_pixels(frame) for frame in track.decode(packet))
    return list(frames)


def _pixels(frame: av.VideoFrame) -> Pixels:
    return frame.to_ndarray(format="rgb24").astype(np.uint8, copy=False)


def _last_start(packets: "list[av.Packet[av.VideoStream]]", wanted: int) -> int:
    """Return where decoding must begin to get the packet `wanted`: at the last key frame that is not after it."""
    return max((i for i, packet in enumerate(packets) if packet.is_keyframe and i <= wanted), default=0)


def _shots(starts: list[int], total: int, kept: int, context_frames: int, path: Path) -> tuple[int, ...]:
    """Return the shot starts within the last `kept` frames, from those of the whole film."""
    ascending = all(a < b for a, b in pairwise(starts))
    if not ascending or starts[:1] != [0] or starts[-1] >= total:
        raise BundleError(f"{path}: seed_shot_starts {starts} does not describe {total} frames; export the model again")
    if total - starts[-1] < context_frames:
        raise BundleError(f"{path}: a cut lies within its last {context_frames} frames; export the model again")
    skipped = total - kept
    return (0, *(start - skipped for start in starts if start > skipped))
