"""Checks of the model: its bundle, and a timed proof of its network on this machine."""

import math
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from typing import get_args

import numpy as np

from live.bundle.bundle import Bundle, Precision, read_bundle
from live.bundle.checksums import FILE as CHECKSUMS_FILE
from live.camera.camera_input import CameraInput
from live.controls.presets import read_preset
from live.controls.table import DEFAULTS, PARAMETERS
from live.doctor.case import Case
from live.doctor.finding import Finding, failed, failed_with, not_applicable, ok, warning, warning_of
from live.errors import BundleError, ProviderError
from live.inference.generator import Generator
from live.inference.options import InferenceOptions, PrecisionChoice
from live.inference.selection import open_model
from live.inference.sessions import TRIED, Provider, missing_reason
from live.inference.trial.trial import Trial
from live.playback.mode import check_mode
from live.process.bounded import in_process
from live.timings import Timings

# The first start on a GPU tries every algorithm of every layer.
PROOF_SECONDS = 150.0
STEPS = 40
SLOWEST_SPEED = next(parameter.low for parameter in PARAMETERS if parameter.name == "speed")


def check_bundle(case: Case) -> Finding:
    """Check every bundle as the show does, and the other precisions of its network. The later checks try the first."""
    bundles: list[Bundle] = []
    facts: list[str] = []
    broken: list[BundleError] = []
    for folder in case.settings.model:
        bundle = read_bundle(folder, case.settings.timeline.tail)
        check_mode(bundle, case.settings.camera.mode)
        held, errors = _precisions(bundle, case.settings.inference.precision)
        # They were compared when the files were read.
        compared = f", {CHECKSUMS_FILE} matches" if bundle.checksums.by_name else ""
        facts.append(
            f"{bundle.name}: {bundle.graph.width}×{bundle.graph.height}, {float(bundle.frame_rate):.4g} frames/s, "
            f"{', '.join(held)}{compared}"
        )
        bundles.append(bundle)
        broken += errors
    case.bundle = bundles[0]
    return warning_of(broken[0]) if broken else ok("; ".join(facts))


def _precisions(bundle: Bundle, wanted: PrecisionChoice) -> tuple[list[Precision], list[BundleError]]:
    """Return the precisions of the network that the bundle holds, and the errors of those that cannot be used.

    Raises:
        BundleError: The precision that is wanted is one of them.
    """
    precisions: tuple[Precision, ...] = get_args(Precision)
    held = [precision for precision in precisions if bundle.has(precision)]
    broken = []
    for precision in held:
        try:
            bundle.in_precision(precision)
        except BundleError as error:
            if precision == wanted:
                raise
            broken.append(error)
    return held, broken


@dataclass(frozen=True)
class StepTimes:
    """Steps of the network as the show takes them."""

    label: str
    """Provider and precision, in words."""
    on_gpu: bool
    passed_over: str
    """Reasons against better ones; empty if there are none."""
    seconds: Sequence[float]
    """Duration of each step."""


def check_network(case: Case) -> Finding:
    """Open the network as the show does, and compare the time of its steps with the film's rate."""
    bundle, options = case.bundle, case.settings.inference
    if bundle is None:
        return not_applicable("without a model, no network can be tried")
    if options.provider == "tensorrt":
        reason = missing_reason("tensorrt")
        if reason:
            return failed(f"TensorRT: {reason}", "use --provider cuda, or install TensorRT 10")
    try:
        with closing(Trial(bundle, options)) as trial:
            trial.wait()
        times = in_process(take_steps, bundle, options, case.settings.camera.mode == "camera", seconds=PROOF_SECONDS)
    except ProviderError as error:
        return replace(failed_with(error), remedy="leave out --provider and --precision")
    except BundleError as error:
        return failed_with(error)
    has_nvidia = case.machine.path("/proc/driver/nvidia/version").exists()
    return judge_steps(
        times,
        rate=float(bundle.frame_rate) * _speed(case),
        speed=_speed(case),
        gpu_is_idle=has_nvidia and options.provider == "auto" and not times.on_gpu,
    )


def take_steps(bundle: Bundle, options: InferenceOptions, following: bool) -> StepTimes:
    """Open the network where the options say, and let it make frames of the film's continuation.

    TensorRT is left out: it would build its engines and keep them. So are plug-ins, which have a check of their own.

    Args:
        bundle: The bundle.
        options: Provider and precision that the user asked for.
        following: True if the steps follow a camera.
    """

    def missing(provider: Provider) -> str:
        return "tried by the show itself" if provider in ("tensorrt", *TRIED) else missing_reason(provider)

    # These play until the others are ready.
    if options.provider == "tensorrt":
        options = replace(options, provider="cuda")
    elif options.provider in TRIED:
        options = replace(options, provider="cpu")
    timings = Timings()
    model = open_model(bundle, options, timings, missing=missing)
    generator = Generator(model, np.random.SeedSequence(0), timings, float(bundle.frame_rate))
    if bundle.graph.context_frames:
        generator.reset(bundle.film.frames[-bundle.graph.context_frames :])
    pixels = np.random.default_rng(0).integers(0, 256, (bundle.graph.height, bundle.graph.width, 3), np.uint8)
    follows = following or not bundle.graph.context_frames
    for _ in range(STEPS):
        generator.step(CameraInput(pixels, 1.0) if follows else CameraInput())
    seconds = [float(each) for each in timings["step"].newest()]
    return StepTimes(model.label, model.device != "cpu", model.passed_over, seconds)


def judge_steps(times: StepTimes, *, rate: float, speed: float, gpu_is_idle: bool) -> Finding:
    """Compare the steps with the time that they have.

    Args:
        times: The steps.
        rate: Frames a second that the show asks for.
        speed: Value of the control `speed` in that.
        gpu_is_idle: True if there is an NVIDIA GPU that does not run the network.
    """
    median, most = (float(np.percentile(times.seconds, share)) for share in (50, 95))
    passed_over = f"; not used: {times.passed_over}" if times.passed_over else ""
    fact = (
        f"{times.label}: a step takes {1000 * median:.1f} ms, 95 of 100 at most {1000 * most:.1f} ms; "
        f"{rate:.4g} frames/s leave {1000 / rate:.1f} ms{passed_over}"
    )
    if gpu_is_idle:
        return warning(f"the GPU is not used: {fact}", 'pip install -e ".[gpu]"')
    if most > 1 / rate:
        possible = math.floor(20 * speed / (rate * most)) / 20
        slower = f", or play slower: --speed {possible:g}" if possible >= SLOWEST_SPEED else ""
        return warning(f"too slow: {fact}", f"end other programs{slower or ', or use a faster machine'}")
    return ok(fact)


def _speed(case: Case) -> float:
    settings = case.settings
    given = settings.parameters.given()
    if "speed" in given:
        return given["speed"]
    preset = read_preset(settings.remote.preset).values if settings.remote.preset else {}
    return preset.get("speed", DEFAULTS["speed"])
