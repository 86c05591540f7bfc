"""Errors of the collapse guard: false alarms on the film and on continuations, and delays on forced collapses."""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from fractions import Fraction
from itertools import islice
from pathlib import Path

import numpy as np

from live.benchmark.report import Figure, Part
from live.bundle.bundle import Bundle
from live.bundle.life_signs import LifeSigns
from live.camera.media_files import decode_file
from live.errors import SettingsError
from live.frame import Pixels
from live.geometry import ResizeMode
from live.images.scaling import scaled
from live.inference.generator import Generator
from live.inference.options import InferenceOptions
from live.inference.selection import open_model
from live.playback.collapse_guard import CollapseGuard
from live.timings import Timings

SLOWEST_ALARM = 2.0
"""Most seconds from a collapse to its alarm."""
GIVE_UP = 10.0
"""Seconds after which a collapse counts as missed."""
BEFORE = 1.0
"""Seconds of the film before a forced collapse."""
ROLLOUT_SECONDS = 90.0
MOST_KEPT = 2**30
"""Bytes of a film that are kept in memory."""

Film = Callable[[], Iterator[Pixels]]
"""Returns an iterator over the film's frames, one for each step of the show."""
Collapse = Callable[[Pixels, np.random.Generator], Pixels]
"""Returns the collapsed picture that a sound one, uint8 [height, width, 3] RGB, turns into."""


def _noise(sound: Pixels, random: np.random.Generator) -> Pixels:
    return random.integers(0, 256, sound.shape, np.uint8)


def _grey(sound: Pixels, random: np.random.Generator) -> Pixels:
    return np.full_like(sound, 126 + random.integers(0, 5))


def _burnt_out(sound: Pixels, random: np.random.Generator) -> Pixels:
    # So much contrast that most pixels are black or white in any channel, however dark the picture.
    burnt: Pixels = np.clip(300 * (sound - sound.mean()) / (sound.std() + 1) + 128, 0, 255).astype(np.uint8)
    return burnt


COLLAPSES: dict[str, Collapse] = {"noise": _noise, "grey": _grey, "burnt out": _burnt_out}
FROZEN = "frozen"


def film_of(bundle: Bundle, path: Path, *, whole: bool) -> Film:
    """Return the film at the size and stride of the bundle's model.

    Args:
        bundle: The bundle.
        path: The film's file.
        whole: True for all of the file; False for what comes before the last film frame, without credits.

    Raises:
        SettingsError: It cannot be read.
    """
    end = math.inf if whole else float(bundle.graph.metadata.get("end", math.inf))
    size = (bundle.graph.height, bundle.graph.width)
    mode: ResizeMode = "letterbox" if bundle.graph.metadata.get("fit") == "letterbox" else "fill"

    def frames() -> Iterator[Pixels]:
        for pixels, time, _ in islice(decode_file(path), 0, None, bundle.stride):
            if time > end:
                return
            yield scaled(pixels, size, mode)

    if next(frames(), None) is None:
        raise SettingsError(f"{path} has no pictures; give the film that the model was made from")
    return frames


def signs_of(bundle: Bundle) -> LifeSigns:
    """Return the bundle's life signs. Raises `SettingsError` if it has none, and so no guard."""
    if bundle.life_signs is None:
        raise SettingsError(f"{bundle.folder} has no life_signs, and so no collapse guard; export it again")
    return bundle.life_signs


def replayed(signs: LifeSigns, rate: Fraction, film: Film, seconds: float) -> Part:
    """Replay the film again and again for so many seconds."""
    count = max(1, round(seconds * rate))
    alarms = _alarms(signs, rate, islice(_looped(film), count))
    return Part("film replayed", figures=[_alarms_an_hour(alarms, float(count / rate))])


def continued(bundle: Bundle, rollouts: int) -> Part:
    """Roll out the bundle's continuation of its film, each time with another seed."""
    signs, rate, timings = signs_of(bundle), bundle.frame_rate, Timings()
    model = open_model(bundle, InferenceOptions(), timings, wait=True)
    alarms, steps = 0, round(ROLLOUT_SECONDS * rate)
    for seed in range(rollouts):
        generator = Generator(model, np.random.SeedSequence(seed), timings, float(rate))
        generator.reset(bundle.film.frames[-bundle.graph.context_frames :])
        alarms += _alarms(signs, rate, (generator.step() for _ in range(steps)))
    title = f"{rollouts} continuations of {ROLLOUT_SECONDS:g} s"
    return Part(title, figures=[_alarms_an_hour(alarms, float(rollouts * steps / rate))])


def collapsed(signs: LifeSigns, rate: Fraction, film: Film, places: int) -> Part:
    """Force collapses at places that are even over the film."""
    length = sum(1 for _ in film())
    before = max(2, round(BEFORE * rate))
    begins = {int(place) for place in np.linspace(0, max(0, length - 2 * before), places)}
    delays: dict[str, list[float]] = {name: [] for name in (*COLLAPSES, FROZEN)}
    window: list[Pixels] = []
    for index, pixels in enumerate(film()):
        window = [*window[-2 * before + 1 :], pixels]
        if index - len(window) + 1 in begins and len(window) == 2 * before:
            sound, after = window[:before], window[before:]
            for name, collapse in COLLAPSES.items():
                random = np.random.default_rng(index)
                delays[name].append(_delay(signs, rate, sound, [collapse(each, random) for each in after]))
            delays[FROZEN].append(_delay(signs, rate, sound, sound[-1:]))
    part = Part(f"collapses forced at {len(delays[FROZEN])} places of the film")
    for name, seconds in delays.items():
        part.figures.append(Figure(f"{name}: seconds until the alarm, median", float(np.median(seconds)), " s"))
        within = sum(each <= SLOWEST_ALARM for each in seconds) / max(1, len(seconds))
        part.figures.append(Figure(f"{name}: alarms within {SLOWEST_ALARM:g} s", 100 * within, " %", bar=100))
    return part


def _looped(film: Film) -> Iterator[Pixels]:
    """Yield the film for ever. One that fits in memory is decoded once."""
    kept: list[Pixels] = []
    fits = True
    for pixels in film():
        yield pixels
        fits = fits and (len(kept) + 1) * pixels.nbytes <= MOST_KEPT
        if fits:
            kept.append(pixels)
        else:
            kept.clear()
    while True:
        yield from kept if fits else film()


def _delay(signs: LifeSigns, rate: Fraction, sound: Sequence[Pixels], after: Sequence[Pixels]) -> float:
    """Return the seconds from the first collapsed frame to the alarm; infinite if there is none."""
    guard = CollapseGuard(signs, rate)
    for pixels in sound:
        guard.has_collapsed(pixels, following=False)
    for count in range(round(GIVE_UP * rate)):
        if guard.has_collapsed(after[count % len(after)], following=False):
            return float((count + 1) / rate)
    return math.inf


def _alarms(signs: LifeSigns, rate: Fraction, frames: Iterable[Pixels]) -> int:
    guard, alarms = CollapseGuard(signs, rate), 0
    for pixels in frames:
        if guard.has_collapsed(pixels, following=False):
            alarms += 1
            guard.reset()
    return alarms


def _alarms_an_hour(alarms: int, seconds: float) -> Figure:
    return Figure("alarms an hour", alarms * 3600 / seconds, bar=0, side="≤")
