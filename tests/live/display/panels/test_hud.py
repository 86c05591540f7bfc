from dataclasses import replace

from live.display.panels.hud import (
    CameraReadings,
    ControlReadings,
    GeneratorReadings,
    OutputReadings,
    PlaybackReadings,
    Readings,
    hud_rows,
)

PLAYBACK = PlaybackReadings(fps=11.98, wanted_fps=12.0, late=3, dropped=1, seconds_after_end=12.345, speed=1.5)
GENERATOR = GeneratorReadings(step_p50=0.0142, step_p99=0.0189, provider="CPU", seed=7, temperature=1.1)
NOW = Readings(PLAYBACK, GENERATOR)


def test_the_rows_hold_the_measurements() -> None:
    assert dict(hud_rows(NOW, machine=True)) == {
        "frames/s": "12.0 of 12",
        "generator": "14.2 ms, p99 18.9",
        "late, dropped": "3, 1",
        "after the end": "12.3 s",
        "temperature": "1.1",
        "speed": "× 1.5",
        "provider": "CPU",
        "seed": "7",
    }


def test_the_small_display_has_what_the_performer_moves_and_the_large_one_the_machine_under_it() -> None:
    now = replace(NOW, outputs=OutputReadings("a.mkv", virtual_camera="obs"), controls=ControlReadings(3, 0, "nano"))
    small, large = hud_rows(now, machine=False), hud_rows(now, machine=True)
    assert [label for label, _ in small] == ["after the end", "temperature", "speed", "recording"]
    assert large[: len(small)] == small
    assert {"frames/s", "generator", "virtual camera", "OSC", "MIDI", "provider", "seed"} <= dict(large).keys()


def test_a_model_without_temperature_shows_none() -> None:
    labels = [label for label, _ in hud_rows(NOW, machine=True)]
    assert labels[1] == "temperature"
    cold = replace(NOW, generator=replace(GENERATOR, temperature=None))
    assert [label for label, _ in hud_rows(cold, machine=True)] == [*labels[:1], *labels[2:]]


def test_what_is_modulated_has_a_row() -> None:
    moving = replace(GENERATOR, modulation={"zoom": "+0.43 sine", "hue_drift": "-30 camera"})
    assert dict(hud_rows(replace(NOW, generator=moving), machine=False))["modulation"] == (
        "zoom +0.43 sine, hue drift -30 camera"
    )


def test_a_tempo_and_a_surface_have_rows() -> None:
    now = replace(NOW, controls=ControlReadings(tempo="128 BPM, tapped", osc_feedback="to 192.168.1.20:9001"))
    assert dict(hud_rows(now, machine=False))["tempo"] == "128 BPM, tapped"
    assert dict(hud_rows(now, machine=True))["OSC feedback"] == "to 192.168.1.20:9001"


def test_in_the_film_the_rows_count_down_to_its_end() -> None:
    rows = dict(
        hud_rows(
            Readings(
                replace(PLAYBACK, seconds_after_end=-2.5, paused=True),
                replace(GENERATOR, step_p50=0.0),
            ),
            machine=True,
        )
    )
    assert rows["before the end"] == "2.5 s"
    assert "after the end" not in rows
    assert rows["generator"] == "not yet"
    assert rows["show"] == "paused"


def test_recording_and_virtual_camera_have_rows_with_their_dropped_frames() -> None:
    outputs = OutputReadings(
        recording="a.mkv", dropped_from_recording=4, virtual_camera="/dev/video9", dropped_from_virtual_camera=2
    )
    rows = dict(hud_rows(replace(NOW, outputs=outputs), machine=True))
    assert rows["recording"] == "a.mkv, 4 dropped"
    assert rows["virtual camera"] == "/dev/video9, 2 dropped"


def test_the_camera_has_rows_for_its_status_and_latency() -> None:
    camera = CameraReadings("C920, mix 0.80", latency_p50=0.0412, latency_p95=0.0861, late=2)
    rows = dict(hud_rows(replace(NOW, camera=camera), machine=True))
    assert rows["camera"] == "C920, mix 0.80"
    assert rows["latency"] == "41 ms, p95 86, 2 late"


def test_the_latency_of_a_cross_fade_says_where_it_ends() -> None:
    camera = CameraReadings(latency_p50=0.0412, latency_p95=0.0861, smooth=True)
    assert (
        dict(hud_rows(replace(NOW, camera=camera), machine=True))["latency"]
        == "41 ms, p95 86, 0 late, until fully visible"
    )


def test_feedback_and_blackout_have_rows() -> None:
    rows = dict(
        hud_rows(
            Readings(
                replace(PLAYBACK, blackout=True),
                replace(
                    GENERATOR,
                    feedback={"zoom": 0.25, "shift_x": -0.1, "feedback_blend": "lighten"},
                    grading={"gain": 2.0},
                ),
            ),
            machine=True,
        )
    )
    assert rows["feedback"] == "zoom +0.25, shift x -0.1, feedback blend lighten"
    assert rows["grading"] == "gain +2"
    assert rows["blackout"] == "the dream goes on"


def test_remote_controls_have_rows() -> None:
    rows = dict(hud_rows(replace(NOW, controls=ControlReadings(1200, 3, "nano", learning=True)), machine=True))
    assert rows["OSC"] == "1200 messages, 3 refused"
    others = dict(hud_rows(replace(NOW, controls=ControlReadings(1200, 3, osc_dropped=7)), machine=True))
    assert others["OSC"] == "1200 messages, 3 refused, 7 not heard"
    assert rows["MIDI"] == "nano"
    assert rows["learning"] == "touch a control, move a knob"
    assert dict(hud_rows(replace(NOW, controls=ControlReadings(midi="")), machine=True))["MIDI"] == "not connected"


def test_collapses_have_a_row_if_there_are_any_or_the_guard_is_off() -> None:
    def shown(collapses: int, guarded: bool) -> str | None:
        generator = replace(GENERATOR, collapses=collapses, guarded=guarded)
        return dict(hud_rows(replace(NOW, generator=generator), machine=True)).get("collapses")

    assert shown(0, True) is None
    assert shown(2, True) == "2"
    assert shown(2, False) == "2, guard off"
