"""Clock of a file: the time of each frame, whatever its timestamps are worth."""

from collections.abc import Iterator
from fractions import Fraction
from itertools import chain, islice, pairwise

import av

from live.decoding.findings import Findings
from live.decoding.stills import LONGEST_HOLD

HEAD = 16
"""Frames, whose timestamps tell what those of a file are worth."""
MOST_RATE = 240
"""Frames a second; more are the ticks of a clock."""
USUAL_RATE = 24
"""Frames a second, where nothing says a rate."""
LONGEST_GAP = Fraction(1)
"""Seconds without a picture, above which a clock that may jump has jumped."""
CLOCK_MAY_JUMP = 0x0200
"""Flag of a format: AVFMT_TS_DISCONT."""
NO_TIMESTAMPS = 0x0080
"""Flag of a format: AVFMT_NOTIMESTAMPS."""


def timed(
    frames: Iterator[tuple[av.VideoFrame, Fraction | None]],
    guessed_rate: Fraction | None,
    flags: int,
    findings: Findings,
) -> Iterator[tuple[Fraction, av.VideoFrame, Fraction | None]]:
    """Yield every frame with its time in seconds; times start at 0 and increase.

    Args:
        frames: Frames, each with the aspect of its pixels.
        guessed_rate: Frames a second as FFmpeg guesses them, for where neither timestamps nor the frames' lengths tell.
        flags: Of the file's format. Its timestamps may jump forward, as those of broadcasts do; or it is a raw stream,
            whose timestamps FFmpeg makes up, of some codecs wrongly.
        findings: Gets the jumps that were closed.
    """
    step = 1 / Fraction(guessed_rate if guessed_rate and guessed_rate <= MOST_RATE else USUAL_RATE)
    may_jump = bool(flags & CLOCK_MAY_JUMP)
    head = list(islice(frames, HEAD))
    stands = bool(flags & NO_TIMESTAMPS) or (len(head) > 1 and len({frame.pts for frame, _ in head}) == 1)
    # AVI stores times of decoding alone: those of presentation, which are made of them, are in the wrong order.
    by_dts = _goes_back([frame.pts for frame, _ in head]) and not _goes_back([frame.dts for frame, _ in head])
    longest = LONGEST_GAP if may_jump else LONGEST_HOLD
    last: Fraction | None = None
    last_dts: int | None = None
    length = Fraction(0)  # of the last frame
    went_back = -HEAD  # number of the frame at which the times of decoding did
    shift = Fraction(0)
    for number, (frame, aspect) in enumerate(chain(head, frames)):
        ticks = frame.dts if by_dts else frame.pts
        stamp = None if stands or ticks is None or frame.time_base is None else ticks * frame.time_base
        if last is None:
            time = Fraction(0)
        else:
            time = last + (length or step) if stamp is None else stamp + shift
            # A decoder gives a frame the decoding time of a later one.
            went_back = number if may_jump and _goes_back([last_dts, frame.dts]) else went_back
            last_dts = frame.dts
            starts_again = time < last and number - went_back < HEAD
            if last - 1 <= time <= last and not starts_again:  # a frame whose timestamp does not advance is a duplicate
                continue
            if time > last + longest:
                findings.closed.append(float(time - last - step))
            if not last < time <= last + longest:  # the clock jumped, or starts again: films joined end to end
                time, went_back = last + step, -HEAD
        if stamp is not None:
            shift = time - stamp
        last, length = time, length_of(frame)
        yield time, frame, aspect


def length_of(frame: av.VideoFrame) -> Fraction:
    """Return the seconds for which a frame stands, as its file says; 0: unknown."""
    length = Fraction(0) if frame.time_base is None else (frame.duration or 0) * frame.time_base
    return min(length, LONGEST_HOLD)


def _goes_back(stamps: list[int | None]) -> bool:
    known = [stamp for stamp in stamps if stamp is not None]
    return any(later < earlier for earlier, later in pairwise(known))
