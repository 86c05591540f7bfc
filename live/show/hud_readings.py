"""Readings of a show for the head-up display, taken from its parts."""

from live.controls.midi.ports import MidiDevice
from live.display.panels.hud import (
    CameraReadings,
    ControlReadings,
    GeneratorReadings,
    OutputReadings,
    PlaybackReadings,
    Readings,
)
from live.frame import Frame
from live.show.parts import ShowParts
from live.stats import ShowFacts, ShowStats


def read_for_hud(
    parts: ShowParts, facts: ShowFacts, stats: ShowStats, frame: Frame, *, paused: bool, blackout: bool
) -> Readings:
    """Read the state of a show.

    Args:
        parts: Parts of the show.
        facts: Facts of the show.
        stats: Measurements of the show.
        frame: The newest frame.
        paused: True while the show is frozen.
        blackout: True while window and outputs are black.
    """
    stats.update()
    return Readings(
        _playback(parts, stats, frame, paused=paused, blackout=blackout),
        _generator(parts, facts, stats),
        _camera(parts, stats),
        _outputs(parts, stats),
        _controls(parts, stats),
    )


def _playback(parts: ShowParts, stats: ShowStats, frame: Frame, *, paused: bool, blackout: bool) -> PlaybackReadings:
    audio = parts.playback.audio
    return PlaybackReadings(
        fps=stats.newest_fps(),
        wanted_fps=parts.playback.clock.rate,
        late=stats.late_frames,
        dropped=stats.dropped_frames,
        seconds_after_end=frame.seconds_after_end,
        speed=parts.playback.parameters["speed"],
        paused=paused,
        blackout=blackout,
        closed=stats.closed,
        audio=f"{audio.status}, level {audio.levels.level:.1f}" if audio else "",
    )


def _generator(parts: ShowParts, facts: ShowFacts, stats: ShowStats) -> GeneratorReadings:
    playback, parameters, step = parts.playback, parts.playback.parameters, stats.timings["step"]
    return GeneratorReadings(
        step_p50=step.percentile(50),
        step_p99=step.percentile(99),
        provider=str(playback.model),
        model=playback.models.status,
        seed=facts.seed if playback.timeline.given_seed is None else playback.timeline.given_seed,
        temperature=None if "temperature" in parameters.unused else parameters["temperature"],
        feedback=parameters.changed("Feedback"),
        grading=parameters.changed("Grading"),
        modulation={
            name: f"{present:+.3g} {binding.source.name}" for name, (binding, present) in parameters.modulated().items()
        },
        collapses=stats.collapses,
        guarded=playback.timeline.guarded,
    )


def _camera(parts: ShowParts, stats: ShowStats) -> CameraReadings:
    latency = stats.timings["latency"]
    return CameraReadings(
        status=parts.playback.camera.status,
        latency_p50=latency.percentile(50),
        latency_p95=latency.percentile(95),
        late=stats.late_live_frames,
        smooth=stats.smooth,
    )


def _outputs(parts: ShowParts, stats: ShowStats) -> OutputReadings:
    path, camera = parts.recordings.path, parts.virtual_camera
    return OutputReadings(
        recording=path.name if path else "",
        dropped_from_recording=stats.dropped_from_recording,
        virtual_camera=camera.state if camera else "",
        dropped_from_virtual_camera=stats.dropped_from_virtual_camera,
        shared=tuple((sink.name, sink.state, sink.dropped) for sink in parts.shared),
    )


def _controls(parts: ShowParts, stats: ShowStats) -> ControlReadings:
    osc, midi, surface = stats.osc, parts.remote.midi, parts.remote.osc_feedback
    return ControlReadings(
        osc_messages=osc["messages"] if osc else None,
        osc_refused=osc["refused"] if osc else 0,
        osc_dropped=osc["dropped"] if osc else 0,
        osc_feedback=(surface.trouble or f"to {surface}") if surface else "",
        midi=_midi(midi) if midi else None,
        learning=parts.remote.learning(),
        tempo=_tempo(parts),
    )


def _midi(device: MidiDevice) -> str:
    """Return the device that is heard, and the output that is sent to; empty while there is none."""
    output = f", to {device.output_name}" if device.output_name else ""
    return f"{device.name}{output}" if device.name else ""


def _tempo(parts: ShowParts) -> str:
    """Return the tempo in words; empty while nobody has set one and nothing waits for it."""
    beat, quantize, link = parts.remote.beat, parts.remote.quantizer.quantize, parts.remote.link
    if not beat.origin and quantize == "none" and link is None:
        return ""
    alone = ", alone in Ableton Link" if link and not link.others else ""
    return f"{beat}{alone}" + ("" if quantize == "none" else f", to the {quantize}")
