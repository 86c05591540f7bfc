"""Models and whole playbacks of the small bundles, without a camera."""

from functools import partial
from pathlib import Path

from live.bundle.bundle import read_bundle
from live.camera.camera_input import CameraFollower
from live.camera.source import Source
from live.inference.model_slot import BackgroundLoad
from live.inference.options import InferenceOptions
from live.inference.selection import open_model
from live.playback.models import Models
from live.playback.options import TimelineOptions
from live.playback.played_model import PlayedModel, ShowForm
from live.timings import Timings


def make_form(folder: Path) -> ShowForm:
    """Return the form of a show whose first model this is."""
    bundle = read_bundle(folder, 0)
    return ShowForm((bundle.graph.height, bundle.graph.width), bundle.frame_rate, "letterbox")


def make_played(
    folder: Path,
    form: ShowForm,
    number: int = 1,
    *,
    tail: float = 0.0,
    seconds: float | None = None,
    seed: int = 1,
    source: Source | None = None,
) -> PlayedModel:
    """Return a model that is open."""
    bundle, timings = read_bundle(folder, tail), Timings()
    return PlayedModel(
        number,
        bundle,
        open_model(bundle, InferenceOptions(provider="cpu", precision="fp32"), timings),
        CameraFollower(source, mode="film", frame_rate=bundle.frame_rate, inputs=bundle.graph.inputs),
        TimelineOptions(tail=tail, seconds=seconds),
        form=form,
        seed=seed,
        timings=timings,
    )


def make_models(
    *folders: Path, tail: float = 0.0, seconds: float | None = None, seed: int = 1, source: Source | None = None
) -> Models:
    """Return the models of a show, of which the first plays and sees the source. The others are opened."""
    form = make_form(folders[0])
    first = make_played(folders[0], form, tail=tail, seconds=seconds, seed=seed, source=source)
    loads = {}
    for number, folder in enumerate(folders[1:], 2):
        played = make_played(folder, form, number, tail=tail, seconds=seconds, seed=seed)
        loads[number] = BackgroundLoad(partial(_same, played), name=f"model {number}")
        loads[number].wait()
    return Models(first, [folder.name for folder in folders], loads)


def _same(played: PlayedModel) -> PlayedModel:
    return played
