"""Timelines of the small bundles, to be played frame by frame."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np

from live.bundle.bundle import read_bundle
from live.bundle.life_signs import LifeSigns
from live.camera.camera_input import CameraFollower
from live.camera.options import Mode
from live.camera.source import CapturedFrame, Source
from live.frame import Frame
from live.inference.generator import Generator
from live.inference.options import InferenceOptions
from live.inference.selection import open_model
from live.playback.options import TimelineOptions
from live.playback.timeline import Timeline
from live.timings import Timings
from tests.live.bundles import RATE, make_film


class FilmSource:
    """A source whose picture for frame n of the show is frame n of the film, captured at second n."""

    name, mirror, trouble = "film", False, ""

    def __init__(self) -> None:
        self.asked: list[int] = []
        """Frames of the show for which a picture was read."""

    def read(self, index: int) -> CapturedFrame:
        self.asked.append(index)
        return CapturedFrame(make_film()[index], float(index))

    def rest(self, wanted: bool) -> None:
        pass

    def close(self) -> None:
        pass


def make_generator(folder: Path, *, seed: int = 1, temperature: float = 1.0, blend: float = 0.0) -> Generator:
    """Return the generator of a bundle on the CPU."""
    model = open_model(read_bundle(folder, 0), InferenceOptions(provider="cpu"), Timings())
    generator = Generator(model, np.random.SeedSequence(seed), Timings(), RATE)
    generator.temperature, generator.feedback.camera_blend = temperature, blend
    return generator


def make_timeline(
    folder: Path,
    *,
    tail: float = 3.0,
    seconds: float | None = 2.0,
    episode: float | None = None,
    seed: int = 1,
    temperature: float = 1.0,
    signs: LifeSigns | None = None,
) -> Timeline:
    """Return a timeline without a camera. `signs` are the ranges of its collapse guard; None for no guard."""
    bundle = replace(read_bundle(folder, tail_seconds=3), life_signs=signs)
    return Timeline(
        bundle,
        make_generator(folder, seed=seed, temperature=temperature),
        CameraFollower(None, mode="film", frame_rate=Fraction(RATE), inputs=bundle.graph.inputs),
        TimelineOptions(tail=tail, seconds=seconds, episode=episode),
        np.random.SeedSequence(seed + 1000),
    )


def make_camera_timeline(
    folder: Path, source: Source | None, mode: Mode, *, tail: float = 0.0, mix: float = 1.0, blend: float = 0.0
) -> Timeline:
    """Return a timeline of five frames of continuation with a source, without noise."""
    bundle = read_bundle(folder, tail)
    camera = CameraFollower(source, mode=mode, frame_rate=Fraction(RATE), inputs=bundle.graph.inputs)
    camera.camera_mix = mix
    return Timeline(
        bundle,
        make_generator(folder, temperature=0.0, blend=blend),
        camera,
        TimelineOptions(tail=tail, seconds=5 / RATE),
        np.random.SeedSequence(2),
    )


def play(timeline: Timeline, most: int = 1000) -> list[Frame]:
    """Return the next frames: all, or `most`."""
    frames: list[Frame] = []
    while len(frames) < most and (frame := timeline.step()) is not None:
        frames.append(frame)
    return frames


def step(timeline: Timeline) -> Frame:
    """Return the next frame, which there must be."""
    frame = timeline.step()
    assert frame is not None
    return frame
