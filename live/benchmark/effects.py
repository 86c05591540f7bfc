"""The effects on the shown picture, beside a step of the network."""

from collections.abc import Callable

import numpy as np

from live.benchmark.interleave import Times, interleaved
from live.benchmark.report import Figure, Part
from live.benchmark.sessions import stage_step
from live.bundle.bundle import Bundle
from live.effects.cube_file import Cube
from live.effects.effects import Effects
from live.effects.lookup_table import LookupTable
from live.effects.transform import Transform
from live.frame import Frame, Pixels
from live.inference.options import InferenceOptions
from live.inference.selection import open_model
from live.timings import Timings

MOVED = Transform(zoom=1.0, rotation=30.0, hue_drift=60.0)
TABLE_NODES = 33


def beside_a_step(bundle: Bundle, seconds: float) -> Part:
    """Compare a step, as the stage chooses it, with the effects on its picture."""
    size = bundle.graph.height, bundle.graph.width
    pixels = np.random.default_rng(0).integers(0, 256, (*size, 3), np.uint8)
    cases = {
        "no effects": _effects(pixels),
        "feedback, over": _effects(pixels, blend="over", transform=MOVED),
        "feedback, difference": _effects(pixels, blend="difference", transform=MOVED),
        "colours": _effects(pixels, gain=1.2, gamma=1.2, saturation=1.5, hue=30.0, tint=0.2),
        "look-up table": _effects(pixels, lut_mix=1.0),
        "kaleidoscope": _effects(pixels, kaleidoscope=6.0),
    }
    step = stage_step(open_model(bundle, InferenceOptions(), Timings(), wait=True))
    taken = interleaved({"step": step, **cases}, seconds)
    times = {name: Times.of(each, float(bundle.frame_rate)) for name, each in taken.items()}
    return Part(
        "effects",
        times,
        [Figure(f"{name}, over a step", times[name].p50_ms / times["step"].p50_ms) for name in cases],
    )


def _effects(pixels: Pixels, **values: object) -> Callable[[], object]:
    """Return a call that applies effects with these values to a picture."""
    nodes = np.linspace(1, 0, TABLE_NODES, dtype=np.float32)
    negative = np.stack(np.meshgrid(nodes, nodes, nodes, indexing="ij")[::-1], axis=3)
    table = LookupTable(Cube(negative, (0, 0, 0), (1, 1, 1))) if "lut_mix" in values else None
    effects = Effects(24.0, Timings(), table)
    for name, value in values.items():
        part = next(each for each in (effects.feedback, effects.grading, effects.mirrors) if hasattr(each, name))
        setattr(part, name, value)
    frame = Frame(pixels, 0, 0.0)
    return lambda: effects.apply(frame)
