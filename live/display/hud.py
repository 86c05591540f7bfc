"""What the head-up display says."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Readings:
    """The state of a show at one moment."""

    fps: float
    wanted_fps: float
    generator_p50: float
    """Seconds."""
    generator_p99: float
    late: int
    dropped: int
    seconds_after_end: float
    temperature: float | None
    """None if the model takes none."""
    speed: float
    feedback: Mapping[str, float]
    """What is not at rest of it, by name."""
    paused: bool
    provider: str
    seed: int
    recording: str
    """Name of the file that is recorded to; empty if none is."""
    dropped_from_recording: int
    virtual_camera: str
    """The device, or why there is none; empty if none was asked for."""
    dropped_from_virtual_camera: int
    camera: str
    """What is to be said of the live source; empty if there is none."""
    latency_p50: float
    """Seconds from a camera picture's capture until the frame that follows it is shown; 0.0 if there was none."""
    latency_p95: float
    smooth: bool
    """Whether frames are cross-faded: latency then counts until they are shown whole."""
    late_live: int
    """Frames that were shown too long after their camera picture was captured."""
    deaths: int
    """Continuations that died and were brought back to the film."""
    guarded: bool
    """Whether they are."""
    blackout: bool
    learning: bool
    osc_messages: int | None
    """None if OSC is off."""
    osc_refused: int
    midi: str | None
    """The MIDI device; empty while it is looked for, None if MIDI is off."""


LEARNING = ("learning", "touch a control, move a knob")
"""The row that is there while the MIDI map learns."""


def hud_rows(now: Readings) -> list[tuple[str, str]]:
    """Rows of label and value."""
    if now.seconds_after_end > 0:
        when = ("after the end", f"{now.seconds_after_end:.1f} s")
    else:
        when = ("before the end", f"{-now.seconds_after_end:.1f} s")
    rows = [
        ("frames/s", "paused" if now.paused else f"{now.fps:.1f} of {now.wanted_fps:.4g}"),
        ("generator", f"{now.generator_p50 * 1000:.1f} ms, p99 {now.generator_p99 * 1000:.1f}"),
        ("late, dropped", f"{now.late}, {now.dropped}"),
        when,
        ("speed", f"× {now.speed:g}"),
        ("provider", now.provider),
        ("seed", str(now.seed)),
    ]
    if now.temperature is not None:
        rows.insert(4, ("temperature", f"{now.temperature:.1f}"))
    if not now.generator_p50:
        rows[1] = ("generator", "not yet")
    if now.camera:
        rows.append(("camera", now.camera))
    if now.latency_p50:
        latency = f"{now.latency_p50 * 1000:.0f} ms, p95 {now.latency_p95 * 1000:.0f}, {now.late_live} late"
        rows.append(("latency", latency + (", until whole" if now.smooth else "")))
    if now.recording:
        rows.append(("recording", now.recording + _lost(now.dropped_from_recording)))
    if now.virtual_camera:
        rows.append(("virtual camera", now.virtual_camera + _lost(now.dropped_from_virtual_camera)))
    if now.feedback:
        turned = (f"{name.replace('_', ' ')} {value:+.3g}" for name, value in now.feedback.items())
        rows.append(("feedback", ", ".join(turned)))
    if now.deaths or not now.guarded:
        rows.append(("dreams that died", f"{now.deaths}" + ("" if now.guarded else ", now left to themselves")))
    if now.blackout:
        rows.append(("blackout", "the dream goes on"))
    if now.osc_messages is not None:
        rows.append(("OSC", f"{now.osc_messages} messages, {now.osc_refused} refused"))
    if now.midi is not None:
        rows.append(("MIDI", now.midi or "looked for"))
    if now.learning:
        rows.append(LEARNING)
    return rows


def _lost(frames: int) -> str:
    return f", {frames} dropped" if frames else ""
