"""The whole show in a window with two models: keys, OSC, presets, recordings, and what happens when one fails."""

import json
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from pythonosc.udp_client import SimpleUDPClient

import live.show.plan
from live.app import main
from live.bundle.bundle import Bundle
from live.controls.presets import read_preset
from live.errors import NetworkFailedError
from live.inference.model_slot import ModelSlot
from live.inference.selection import open_model
from tests.live.bundles import HEIGHT, WIDTH, read_film
from tests.live.controls.surfaces import Surface, free_port
from tests.live.scripted_window import Perform, ScriptedWindow


def test_a_key_dissolves_to_another_model_and_everything_keeps_its_size(
    perform: Perform, wide_bundle: Path, tmp_path: Path
) -> None:
    lights: list[float] = []

    def script(window: ScriptedWindow) -> Iterator[list[str]]:
        yield from window.until(lambda: window.hud.get("model") == "1 fast")
        yield ["f2"]
        yield from window.until(lambda: window.hud["model"].startswith("1 fast to 2 wide, "))
        assert any(text == "model 2 wide" for text in window.notices)
        yield from window.until(lambda: window.hud["model"] == "2 wide")
        lights.extend(float(pixels.mean()) for pixels in window.shown)
        yield ["f3"]
        yield from window.until(lambda: any("there is no model 3" in text for text in window.notices))
        yield ["f1"]
        yield from window.until(lambda: window.hud["model"] == "1 fast")
        yield ["shift+1", "f2", "shift+2"]
        yield from window.until(lambda: window.hud["model"] == "2 wide")

    options = ("--model", str(wide_bundle), "--model-fade", "1", "--tail", "0", "--hud", "--record", "a.mkv")
    code, window = perform(script, *options, "--record-codec", "ffv1", "--stats", "s.json")
    assert code == 0
    assert {pixels.shape for pixels in window.shown} == {(HEIGHT, WIDTH, 3)}
    assert {pixels.shape for pixels in read_film(tmp_path / "a.mkv")} == {(HEIGHT, WIDTH, 3)}
    # Light to dark without a jump: the film of the second one is dark.
    assert lights[0] > 80
    assert lights[-1] < 20
    assert np.abs(np.diff(lights)).max() < 12
    assert json.loads((tmp_path / "s.json").read_text())["size"] == {"width": WIDTH, "height": HEIGHT}
    assert [read_preset(tmp_path / "presets" / f"{number}.toml").model for number in (1, 2)] == [1, 2]


def test_osc_chooses_and_fades_models_and_a_surface_follows(perform: Perform, wide_bundle: Path) -> None:
    port = free_port()
    with closing(Surface()) as surface, closing(SimpleUDPClient("127.0.0.1", port)) as client:

        def script(window: ScriptedWindow) -> Iterator[list[str]]:
            yield from window.until(lambda: surface.shown.get("model") == 1)
            client.send_message("/model", 2)
            yield from window.until(lambda: (surface.shown["model"], surface.shown["model_mix"]) == (2, 1.0))
            client.send_message("/model_mix", 0.25)
            yield from window.until(lambda: window.hud["model"] == "1 fast to 2 wide, 25%")
            yield from window.until(lambda: surface.shown["model_mix"] == 0.25)

        options = ("--osc", str(port), "--osc-feedback", f"127.0.0.1:{surface.port}")
        assert perform(script, "--model", str(wide_bundle), "--model-fade", "0.2", "--hud", *options)[0] == 0


def test_presets_name_a_model_and_a_show_begins_with_it(
    perform: Perform, fast_bundle: Path, wide_bundle: Path, tmp_path: Path
) -> None:
    def script(window: ScriptedWindow) -> Iterator[list[str]]:
        yield from window.until(lambda: window.hud.get("model") == "2 wide")
        yield from window.for_frames(20)
        yield ["1"]
        yield from window.until(lambda: window.hud["model"] == "1 fast")

    (tmp_path / "presets").mkdir()
    (tmp_path / "presets" / "1.toml").write_text("model = 1")
    (tmp_path / "2.toml").write_text("model = 2")
    code, window = perform(script, "--model", str(wide_bundle), "--preset", "2.toml", "--hud", "--tail", "1")
    assert code == 0
    assert window.shown[0].mean() < 20
    common = ["--model", str(fast_bundle), "--model", str(wide_bundle), "--seed", "3", "--preset", "2.toml"]
    render = ["--headless", "--seconds", "0.5", "--tail", "1", "--record", "a.mkv", "--record-codec", "ffv1"]
    assert main([*common, *render]) == 0
    rendered = {frame.tobytes() for frame in read_film(tmp_path / "a.mkv")}
    assert {pixels.tobytes() for pixels in window.shown[:20]} <= rendered, "a seed repeats it"


def test_a_second_model_opens_beside_the_first_and_loses_no_frame(
    perform: Perform, wide_bundle: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    release = threading.Event()

    def slow(bundle: Bundle, *arguments: object, **options: object) -> ModelSlot:
        if bundle.name == "wide":
            assert release.wait(20)
        return open_model(bundle, *arguments, **options)  # type: ignore[arg-type]

    def script(window: ScriptedWindow) -> Iterator[list[str]]:
        yield from window.until(lambda: window.hud)
        yield ["f2"]
        yield from window.until(lambda: any("comes as soon as it is open" in text for text in window.notices))
        yield from window.for_frames(10)
        assert window.hud["model"] == "1 fast"
        release.set()
        yield from window.until(lambda: window.hud["model"] == "2 wide")

    monkeypatch.setattr(live.show.plan, "open_model", slow)
    options = ("--model", str(wide_bundle), "--model-fade", "0.2", "--hud", "--speed", "0.5", "--stats", "s.json")
    assert perform(script, *options)[0] == 0
    assert json.loads((tmp_path / "s.json").read_text())["dropped_frames"] <= 1


def test_a_model_that_fails_later_leaves_the_show_to_the_first(
    perform: Perform, wide_bundle: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    step = ModelSlot.step

    def failing(slot: ModelSlot, *arguments: object) -> object:
        if slot.graph.width == 96:
            raise NetworkFailedError("the network failed 6 times")
        return step(slot, *arguments)  # type: ignore[arg-type]

    def script(window: ScriptedWindow) -> Iterator[list[str]]:
        yield from window.until(lambda: window.hud)
        yield ["f2"]
        yield from window.until(lambda: any("is left out" in text for text in window.notices))
        yield from window.for_frames(10)
        assert window.hud["model"] == "1 fast"

    monkeypatch.setattr(ModelSlot, "step", failing)
    assert perform(script, "--model", str(wide_bundle), "--tail", "0", "--hud")[0] == 0
    assert "model 2 wide is left out (the network failed 6 times); model 1 fast goes on" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--model", "nowhere"], "there is no model folder nowhere"),
        (["--model", "{wide}"] * 9, "--model is given 10 times; a show has 9 models at most"),
        (["--preset", "2.toml"], "model 2 is to play, and the show has 1; give --model once more"),
    ],
)
def test_what_cannot_be_played_is_one_line_before_a_window_opens(
    arguments: list[str],
    said: str,
    bundle_folder: Path,
    wide_bundle: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SDL_VIDEODRIVER", "no such driver")
    (tmp_path / "2.toml").write_text("model = 2")
    assert main(["--model", str(bundle_folder), *(each.format(wide=wide_bundle) for each in arguments)]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1
