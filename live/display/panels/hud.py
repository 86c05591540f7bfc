"""Text of the head-up display."""

from collections.abc import Mapping
from dataclasses import dataclass, field

LEARNING = ("learning", "touch a control, move a knob")
"""Row that is visible while the MIDI map learns."""


@dataclass(frozen=True)
class PlaybackReadings:
    """Pace of the show, and its place in the film."""

    fps: float
    """Frames a second that were shown lately."""
    wanted_fps: float
    late: int
    """Frames that were finished only when the next one was due."""
    dropped: int
    """Frames that were never shown, because a newer one was ready."""
    seconds_after_end: float
    """Film time since the last film frame; negative in the film."""
    speed: float
    paused: bool = False
    blackout: bool = False
    closed: bool = False
    """True outside of the opening hours."""
    audio: str = ""
    """Sound that the show listens to, and its figures; empty for none."""


@dataclass(frozen=True)
class GeneratorReadings:
    """Network that generates the frames."""

    step_p50: float
    """Median duration of a step in seconds; 0.0 before the first step."""
    step_p99: float
    provider: str
    seed: int
    model: str = ""
    """Model that is seen, or two and the share of the second; empty in a show of one model."""
    temperature: float | None = None
    """None if the model has no such input."""
    feedback: Mapping[str, float | str] = field(default_factory=dict)
    """Values that differ from their default, or the names of choices, by name."""
    grading: Mapping[str, float | str] = field(default_factory=dict)
    """The same for the grading of the picture."""
    modulation: Mapping[str, str] = field(default_factory=dict)
    """Present value and source of each parameter that is modulated, in words, by name."""
    collapses: int = 0
    """Continuations that collapsed and were brought back to the film."""
    guarded: bool = True
    """True while collapses are brought back."""


@dataclass(frozen=True)
class CameraReadings:
    """Live source."""

    status: str = ""
    """Empty if there is no source."""
    latency_p50: float = 0.0
    """Seconds from the capture of a camera frame until the frame that follows it is shown; 0.0 if there was none."""
    latency_p95: float = 0.0
    late: int = 0
    """Frames that were shown too long after the capture of their camera frame."""
    smooth: bool = False
    """True if frames are cross-faded: the latency then ends when the frame is fully visible."""


@dataclass(frozen=True)
class OutputReadings:
    """Recording and virtual camera."""

    recording: str = ""
    """Name of the recording's file; empty if none runs."""
    dropped_from_recording: int = 0
    virtual_camera: str = ""
    """Name of the device, or the reason why there is none; empty if none was asked for."""
    dropped_from_virtual_camera: int = 0
    shared: tuple[tuple[str, str, int], ...] = ()
    """Of each sink for other programs: its name, the name that they see or the reason why there is none, and the number
    of dropped frames."""


@dataclass(frozen=True)
class ControlReadings:
    """Remote controls."""

    osc_messages: int | None = None
    """None if OSC is off."""
    osc_refused: int = 0
    midi: str | None = None
    """Name of the MIDI device; empty while none is connected, None if MIDI is off."""
    learning: bool = False
    osc_dropped: int = 0
    """Datagrams from machines that are not heard."""
    tempo: str = ""
    """Tempo in words; empty if nobody set one."""
    osc_feedback: str = ""
    """Surface that follows, or the reason why it cannot; empty if there is none."""


@dataclass(frozen=True)
class Readings:
    """State of a show at one moment."""

    playback: PlaybackReadings
    generator: GeneratorReadings
    camera: CameraReadings = field(default_factory=CameraReadings)
    outputs: OutputReadings = field(default_factory=OutputReadings)
    controls: ControlReadings = field(default_factory=ControlReadings)


def hud_rows(now: Readings, *, machine: bool) -> list[tuple[str, str]]:
    """Return the rows of the head-up display: label and value of each.

    Args:
        now: State of the show.
        machine: True for the large display, which has the machine's rows under those of the performer.
    """
    return [
        *_performer_rows(now.playback, now.generator),
        *([("tempo", now.controls.tempo)] if now.controls.tempo else []),
        *([("camera", now.camera.status)] if now.camera.status else []),
        *([("audio", now.playback.audio)] if now.playback.audio else []),
        *_recording_rows(now.outputs),
        *([("blackout", "the dream goes on")] if now.playback.blackout else []),
        *([LEARNING] if now.controls.learning else []),
        *(_machine_rows(now) if machine else []),
    ]


def _performer_rows(playback: PlaybackReadings, generator: GeneratorReadings) -> list[tuple[str, str]]:
    place = "after the end" if playback.seconds_after_end > 0 else "before the end"
    rows = [(place, f"{abs(playback.seconds_after_end):.1f} s")]
    if generator.model:
        rows.insert(0, ("model", generator.model))
    if playback.closed or playback.paused:
        rows.append(("show", "closed" if playback.closed else "paused"))
    if generator.temperature is not None:
        rows.append(("temperature", f"{generator.temperature:.3g}"))
    rows.append(("speed", f"× {playback.speed:g}"))
    for label, values in (
        ("feedback", generator.feedback),
        ("grading", generator.grading),
        ("modulation", generator.modulation),
    ):
        if values:
            texts = [f"{name.replace('_', ' ')} {_signed(value)}" for name, value in values.items()]
            rows.append((label, ", ".join(texts)))
    return rows


def _machine_rows(now: Readings) -> list[tuple[str, str]]:
    playback, generator, outputs = now.playback, now.generator, now.outputs
    step = f"{generator.step_p50 * 1000:.1f} ms, p99 {generator.step_p99 * 1000:.1f}"
    rows = [
        ("frames/s", f"{playback.fps:.1f} of {playback.wanted_fps:.4g}"),
        ("generator", step if generator.step_p50 else "not yet"),
        ("late, dropped", f"{playback.late}, {playback.dropped}"),
        *_latency_rows(now.camera),
    ]
    if outputs.virtual_camera:
        rows.append(("virtual camera", outputs.virtual_camera + _dropped(outputs.dropped_from_virtual_camera)))
    rows += [(name, state + _dropped(dropped)) for name, state, dropped in outputs.shared]
    if generator.collapses or not generator.guarded:
        rows.append(("collapses", f"{generator.collapses}" + ("" if generator.guarded else ", guard off")))
    return [*rows, *_control_rows(now.controls), ("provider", generator.provider), ("seed", str(generator.seed))]


def _latency_rows(camera: CameraReadings) -> list[tuple[str, str]]:
    if not camera.latency_p50:
        return []
    latency = f"{camera.latency_p50 * 1000:.0f} ms, p95 {camera.latency_p95 * 1000:.0f}, {camera.late} late"
    return [("latency", latency + (", until fully visible" if camera.smooth else ""))]


def _recording_rows(outputs: OutputReadings) -> list[tuple[str, str]]:
    return [("recording", outputs.recording + _dropped(outputs.dropped_from_recording))] if outputs.recording else []


def _control_rows(controls: ControlReadings) -> list[tuple[str, str]]:
    rows = []
    if controls.osc_messages is not None:
        dropped = f", {controls.osc_dropped} not heard" if controls.osc_dropped else ""
        rows.append(("OSC", f"{controls.osc_messages} messages, {controls.osc_refused} refused{dropped}"))
    if controls.osc_feedback:
        rows.append(("OSC feedback", controls.osc_feedback))
    if controls.midi is not None:
        rows.append(("MIDI", controls.midi or "not connected"))
    return rows


def _signed(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:+.3g}"


def _dropped(frames: int) -> str:
    return f", {frames} dropped" if frames else ""
