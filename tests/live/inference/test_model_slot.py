"""A better model, later: it takes over while the show goes on."""

import numpy as np
import pytest

from live.bundle.bundle import read_bundle
from live.inference.generator import SETTLED, Generator
from live.inference.model import Model
from live.inference.model_slot import BackgroundLoad
from live.inference.selection import open_model
from live.timings import Timings
from tests.live.bundles import RATE, K, make_film, same_picture


def test_a_successor_takes_over_between_two_frames_and_nobody_sees_it(bundle_folder) -> None:
    bundle = read_bundle(bundle_folder, 0)
    first = open_model(bundle, "cpu", Timings())
    first.successor = BackgroundLoad(lambda: open_model(bundle, "cpu", Timings()), name="the better one")
    changing, plain = (
        Generator(model, np.random.SeedSequence(1), Timings(), RATE)
        for model in (first, open_model(bundle, "cpu", Timings()))
    )
    for generator in (changing, plain):
        generator.reset(make_film()[-K:])
    for step in range(2 * SETTLED):
        if step == SETTLED:
            first.successor.wait()
        if step <= SETTLED:
            assert changing.model is first, "it is not even begun before the first one has settled"
        assert same_picture(changing.step(), plain.step())
    assert changing.model is not first


def test_a_successor_that_cannot_be_made_is_one_line_and_the_show_goes_on(
    bundle_folder, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken() -> Model:
        raise RuntimeError("no engine\nat line 5")

    model = open_model(read_bundle(bundle_folder, 0), "cpu", Timings())
    model.successor = BackgroundLoad(broken, name="TensorRT")
    model.successor.wait()
    generator = Generator(model, np.random.SeedSequence(1), Timings(), RATE)
    generator.step()
    assert generator.model is model
    assert capsys.readouterr().out == "TensorRT is not used: no engine\n"
    assert model.successor.failure == "no engine"
