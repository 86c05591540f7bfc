"""The errors of the collapse guard, counted."""

import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from live.benchmark.__main__ import main
from live.benchmark.guard import COLLAPSES, collapsed, replayed
from live.bundle.life_signs import LifeSigns
from live.frame import Pixels
from tests.live.bundles import METADATA, RATE, make_model, write_bundle

SIGNS = {"sharpness": [0.0, 9.0], "colour": [[0, 1]] * 3, "motion": 0.0, "stillness": 0.0}


def moving(frames: int) -> list[Pixels]:
    rng = np.random.default_rng(0)
    return list(rng.integers(0, 256, (frames, 48, 64, 3), np.uint8))


def never(**changes: object) -> LifeSigns:
    given = {"sharpness": (0.0, 9.0), "colour": ((0.0, 1.0),) * 3, "motion": 0.0, "stillness": 0.0} | changes
    return LifeSigns(**given)  # type: ignore[arg-type]  # of a dictionary


def test_alarms_are_counted_and_the_guard_begins_anew_after_each() -> None:
    always = never(sharpness=(8.0, 9.0))
    (figure,) = replayed(always, Fraction(RATE), lambda: iter(moving(10)), 7.0).figures
    assert figure.value == 4 * 3600 / 7
    assert not figure.met
    (figure,) = replayed(never(), Fraction(RATE), lambda: iter(moving(10)), 7.0).figures
    assert figure.value == 0
    assert figure.met


def test_delays_are_measured_from_the_collapse_and_misses_are_infinite() -> None:
    part = collapsed(never(motion=0.01), Fraction(RATE), lambda: iter(moving(60)), 5)
    assert part.title.startswith("collapses forced at 5 places")
    found = {figure.what: figure.value for figure in part.figures}
    assert found["frozen: seconds until the alarm, median"] == 1.75
    assert found["frozen: alarms within 2 s"] == 100
    assert found["noise: seconds until the alarm, median"] == np.inf
    assert found["noise: alarms within 2 s"] == 0
    assert len(found) == 2 * len(COLLAPSES) + 2


def test_the_command_measures_film_continuations_and_collapses(tmp_path: Path) -> None:
    model = make_model(metadata=METADATA | {"life_signs": json.dumps(SIGNS)})
    folder = write_bundle(tmp_path / "model", model)
    out = tmp_path / "figures.json"
    options = ["--model", str(folder), "--seconds", "20", "--rollouts", "1", "--places", "2", "--out", str(out)]
    assert main(["guard", str(folder / "seed.mkv"), *options]) == 0
    parts = json.loads(out.read_text())["parts"]
    assert [part["title"] for part in parts] == [
        "film replayed",
        "1 continuations of 90 s",
        "collapses forced at 2 places of the film",
    ]


@pytest.mark.parametrize(("film", "message"), [("nothing.mkv", "has no pictures"), ("seed.mkv", "has no life_signs")])
def test_what_cannot_be_measured_is_said(
    bundle_folder: Path, tmp_path: Path, film: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    model = make_model(metadata=METADATA | {"life_signs": json.dumps(SIGNS)})
    folder = bundle_folder if film == "seed.mkv" else write_bundle(tmp_path / "model", model)
    assert main(["guard", str(folder / film), "--model", str(folder)]) == 2
    assert message in capsys.readouterr().err
