from dataclasses import replace

from live.display.hud import Readings, hud_rows

NOW = Readings(
    fps=11.98,
    wanted_fps=12.0,
    generator_p50=0.0142,
    generator_p99=0.0189,
    late=3,
    dropped=1,
    seconds_after_end=12.345,
    temperature=1.1,
    speed=1.5,
    paused=False,
    provider="CPU",
    seed=7,
    recording="",
    dropped_from_recording=0,
    virtual_camera="",
    dropped_from_virtual_camera=0,
    camera="",
    latency_p50=0.0,
    latency_p95=0.0,
    smooth=False,
    late_live=0,
    feedback={},
    deaths=0,
    guarded=True,
    blackout=False,
    learning=False,
    osc_messages=None,
    osc_refused=0,
    midi=None,
)


def test_the_hud_says_what_is_measured() -> None:
    assert dict(hud_rows(NOW)) == {
        "frames/s": "12.0 of 12",
        "generator": "14.2 ms, p99 18.9",
        "late, dropped": "3, 1",
        "after the end": "12.3 s",
        "temperature": "1.1",
        "speed": "× 1.5",
        "provider": "CPU",
        "seed": "7",
    }


def test_a_model_without_temperature_shows_none() -> None:
    labels = [label for label, _ in hud_rows(NOW)]
    assert labels[4] == "temperature"
    assert [label for label, _ in hud_rows(replace(NOW, temperature=None))] == [*labels[:4], *labels[5:]]


def test_the_hud_tells_film_pause_recording_and_virtual_camera() -> None:
    rows = dict(
        hud_rows(
            replace(
                NOW,
                seconds_after_end=-2.5,
                generator_p50=0.0,
                paused=True,
                recording="a.mkv",
                dropped_from_recording=4,
                virtual_camera="/dev/video9",
                dropped_from_virtual_camera=2,
            )
        )
    )
    assert rows["before the end"] == "2.5 s"
    assert "after the end" not in rows
    assert rows["generator"] == "not yet"
    assert rows["frames/s"] == "paused"
    assert rows["recording"] == "a.mkv, 4 dropped"
    assert rows["virtual camera"] == "/dev/video9, 2 dropped"


def test_the_hud_tells_of_the_camera() -> None:
    rows = dict(hud_rows(replace(NOW, camera="C920, mix 0.80", latency_p50=0.0412, latency_p95=0.0861, late_live=2)))
    assert rows["camera"] == "C920, mix 0.80"
    assert rows["latency"] == "41 ms, p95 86, 2 late"


def test_the_hud_tells_what_the_hands_do() -> None:
    rows = dict(
        hud_rows(
            replace(
                NOW,
                feedback={"zoom": 0.25, "shift_x": -0.1},
                blackout=True,
                learning=True,
                osc_messages=1200,
                osc_refused=3,
                midi="nano",
            )
        )
    )
    assert rows["feedback"] == "zoom +0.25, shift x -0.1"
    assert rows["blackout"] == "the dream goes on"
    assert rows["OSC"] == "1200 messages, 3 refused"
    assert rows["MIDI"] == "nano"
    assert rows["learning"] == "touch a control, move a knob"
    assert dict(hud_rows(replace(NOW, midi="")))["MIDI"] == "looked for"


def test_latency_says_what_it_counts() -> None:
    rows = dict(hud_rows(replace(NOW, latency_p50=0.0412, latency_p95=0.0861, smooth=True)))
    assert rows["latency"] == "41 ms, p95 86, 0 late, until whole"
