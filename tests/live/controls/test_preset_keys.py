"""Keys of presets while the disk is slow: nothing waits, and the order of what was asked for holds."""

import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from live.controls.parameters import Parameters
from live.controls.preset_keys import PresetKeys
from live.controls.presets import Presets, read_preset
from live.modulation.source import Moment
from live.process.file_worker import FileWorker


class Stage:
    """Preset keys, with a player whose tasks run when the test says so and a disk that hangs until `disk` is set."""

    def __init__(self, folder: Path) -> None:
        self.disk = threading.Event()
        self.files = FileWorker()
        self.files.submit("the disk", self.disk.wait)
        self.applied: dict[str, float] = {}
        self.parameters = Parameters(self.applied.update)
        self.model: int | None = 1
        self.chosen: list[tuple[int, float | None]] = []
        self.faded: list[tuple[int, int, float]] = []
        self.player: list[Callable[[], None]] = []
        self.keys = PresetKeys(Presets(folder), self.parameters, self.player.append, self.files, self)

    @property
    def model_number(self) -> int | None:
        return self.model

    def choose_model(self, number: int, seconds: float | None = None) -> None:
        self.model = number
        self.chosen.append((number, seconds))

    def crossfade_models(self, before: int, chosen: int, share: float) -> None:
        self.faded.append((before, chosen, share))

    def set(self, **values: float) -> None:
        self.player.append(lambda: self.parameters.set(values))

    def play(self, rounds: int = 20) -> None:
        """Run the player and the main loop, and let the file worker finish what it can."""
        for _ in range(rounds):
            tasks, self.player[:] = list(self.player), []
            for task in tasks:
                task()
            self.keys.run_file_tasks()
            if self.disk.is_set():
                assert self.files.wait(20)
            self.files.run_finished()


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    for number in (1, 2):
        (tmp_path / f"{number}.toml").write_text(f"zoom = {number}\nrotation = {number}")
    stage = Stage(tmp_path)
    yield stage
    stage.disk.set()


def test_what_is_set_before_a_preset_is_read_keeps_its_value(stage: Stage) -> None:
    stage.set(zoom=-1.0)
    stage.keys.recall(1)
    stage.set(rotation=30.0)
    stage.play()
    assert (stage.parameters["zoom"], stage.parameters["rotation"]) == (-1.0, 30.0)
    stage.disk.set()
    stage.play()
    assert (stage.parameters["zoom"], stage.parameters["rotation"]) == (1.0, 30.0)


def test_a_file_that_is_read_before_the_player_comes_to_it_is_recalled(stage: Stage) -> None:
    stage.disk.set()
    stage.keys.recall(1)
    assert stage.files.wait(20)
    stage.files.run_finished()
    stage.play()
    assert (stage.parameters["zoom"], stage.parameters["rotation"]) == (1.0, 1.0)


def test_a_preset_that_is_stored_after_a_recall_holds_what_was_recalled(stage: Stage, tmp_path: Path) -> None:
    stage.keys.recall(1)
    stage.keys.store(3)
    stage.keys.recall(2)
    stage.play()
    assert not (tmp_path / "3.toml").exists()
    stage.disk.set()
    stage.play()
    assert read_preset(tmp_path / "3.toml").values["zoom"] == 1.0
    assert stage.parameters["zoom"] == 2.0


def test_stored_values_are_those_of_the_moment_of_the_key(stage: Stage, tmp_path: Path) -> None:
    stage.set(zoom=0.5)
    stage.keys.store(3)
    stage.set(zoom=0.6)
    stage.keys.recall(3)
    stage.play()
    assert stage.parameters["zoom"] == 0.6
    stage.disk.set()
    stage.play()
    assert read_preset(tmp_path / "3.toml").values["zoom"] == 0.5
    assert stage.parameters["zoom"] == 0.5


def test_too_many_keys_are_left_out_and_said_once(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(100):
        stage.keys.recall(1)
        stage.keys.store(3)
    stage.play()
    assert capsys.readouterr().out.count("is left out") == 1
    stage.disk.set()
    stage.play()
    assert stage.files.settled
    stage.keys.recall(2)
    stage.play()
    assert stage.parameters["zoom"] == 2.0, "it works again"


def test_the_end_stores_what_was_asked_for(stage: Stage, tmp_path: Path) -> None:
    stage.disk.set()
    stage.keys.recall(1)
    stage.keys.store(3)
    stage.keys.store(4)
    for task in stage.player:
        task()
    stage.keys.finish(20)
    assert [read_preset(tmp_path / f"{number}.toml").values["zoom"] for number in (3, 4)] == [1.0, 1.0]


def test_the_end_does_not_wait_for_a_player_that_ended_before(stage: Stage, tmp_path: Path) -> None:
    stage.disk.set()
    stage.keys.store(3)
    assert stage.files.wait(20)
    stage.files.run_finished()
    stage.keys.finish(1e9)
    assert not (tmp_path / "3.toml").exists()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no pipes in folders")
def test_a_pipe_is_no_preset(stage: Stage, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    os.mkfifo(tmp_path / "3.toml")
    stage.disk.set()
    stage.keys.recall(3)
    stage.keys.store(3)
    stage.play()
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 2
    assert all("3.toml cannot be read (it is a pipe or a device" in line for line in lines)
    stage.keys.recall(1)
    stage.play()
    assert stage.parameters["zoom"] == 1.0


def test_a_fader_moves_between_the_last_two_presets(stage: Stage, tmp_path: Path) -> None:
    (tmp_path / "2.toml").write_text('zoom = 2\nfeedback_blend = "difference"\nglide = 9')
    (tmp_path / "1.toml").write_text('zoom = 1\nfeedback_blend = "over"\nrotation = 1')
    stage.disk.set()
    stage.keys.crossfade(0.5)
    stage.keys.recall(1)
    stage.play()
    stage.keys.crossfade(0.5)
    stage.play()
    assert stage.parameters["zoom"] == 1, "one preset is not enough"
    stage.keys.recall(2)
    stage.keys.recall(2)
    stage.play()
    seen = []
    for share in (0.0, 0.25, 0.5, 1.0):
        stage.keys.crossfade(share)
        stage.play()
        seen.append((stage.parameters["zoom"], stage.parameters["feedback_blend"], stage.parameters["rotation"]))
    assert seen == [(1.0, 0.0, 1.0), (1.25, 0.0, 1.0), (1.5, 2.0, 1.0), (2.0, 2.0, 1.0)]


def test_a_modulation_is_recalled_stored_and_faded(stage: Stage, tmp_path: Path) -> None:
    (tmp_path / "1.toml").write_text('zoom = 1\n[modulation]\nzoom = { source = "square", depth = 0.5, period = 2 }')
    stage.disk.set()
    stage.keys.recall(1)
    stage.keys.store(3)
    stage.keys.recall(2)
    stage.play()
    assert stage.parameters.bindings == {}
    assert read_preset(tmp_path / "3.toml").modulation == read_preset(tmp_path / "1.toml").modulation
    stage.keys.crossfade(0.5)
    stage.play()
    stage.parameters.modulate(Moment(0.0))
    assert stage.applied["zoom"] == 1.5 + 0.25


def test_a_preset_chooses_its_model_in_the_time_of_its_glide_and_stores_the_one_that_plays(
    stage: Stage, tmp_path: Path
) -> None:
    (tmp_path / "1.toml").write_text("model = 2\nglide = 4\nzoom = 1")
    (tmp_path / "2.toml").write_text("model = 1\nzoom = 2")
    stage.disk.set()
    for action, number in ((stage.keys.recall, 1), (stage.keys.store, 3), (stage.keys.recall, 2)):
        action(number)
        stage.play()
    assert stage.chosen == [(2, 4.0), (1, None)]
    assert read_preset(tmp_path / "3.toml").model == 2
    stage.keys.crossfade(0.25)
    stage.play()
    assert stage.faded == [(2, 1, 0.25)]
    stage.keys.recall(2)
    stage.play()
    assert stage.chosen[2:] == [(1, None)], "the fader may have shown less than all of it"


def test_a_show_of_one_model_leaves_the_models_of_presets_as_they_are(stage: Stage, tmp_path: Path) -> None:
    (tmp_path / "1.toml").write_text("model = 1\nzoom = 1")
    (tmp_path / "2.toml").write_text("model = 2\nzoom = 2")
    stage.disk.set()
    stage.model = None
    stage.keys.recall(1)
    stage.keys.store(1)
    stage.keys.store(3)
    stage.play()
    assert stage.chosen == []
    assert [read_preset(tmp_path / f"{number}.toml").model for number in (1, 2, 3)] == [1, 2, None]
