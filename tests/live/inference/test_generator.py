from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import numpy as np
import pytest

from live.bundle.bundle import read_bundle
from live.effects.transform import Transform
from live.inference.generator import Generator
from live.inference.memory_feedback import MemoryFeedback
from live.inference.model import Model
from live.inference.model_slot import ModelSlot
from live.inference.sessions import PLAIN, open_candidate
from live.timings import Timings
from tests.live.bundles import HEIGHT, RATE, WIDTH, K, make_film, next_state, same_picture, to_context

MakeGenerator = Callable[..., Generator]


@pytest.fixture
def make(bundle_folder: Path) -> MakeGenerator:
    slot = ModelSlot(open_candidate(read_bundle(bundle_folder, 0), PLAIN), Timings())

    def made(seed: int, temperature: float = 1.0) -> Generator:
        generator = Generator(slot, np.random.SeedSequence(seed), Timings(), RATE)
        generator.temperature = temperature
        generator.reset(make_film()[-K:])
        return generator

    return made


def test_it_continues_the_film_with_the_noise_of_its_seed(make: MakeGenerator) -> None:
    generator = make(5, 0.7)
    random = np.random.default_rng(5)
    context = to_context(make_film()[-K:])
    for _ in range(10):
        noise = random.standard_normal((1, 1, HEIGHT, WIDTH), np.float32)
        expected, context = next_state(context, noise, 0.7)
        assert same_picture(generator.step(), expected)


def test_the_same_seed_is_the_same_show_and_another_is_not(make: MakeGenerator) -> None:
    first, again, other = ([generator.step() for _ in range(5)] for generator in map(make, (5, 5, 6)))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_the_temperature_can_be_changed_at_any_step(make: MakeGenerator) -> None:
    cold = make(5, 0.0).step()
    generator = make(5, 2.0)
    generator.temperature = 0.0
    np.testing.assert_array_equal(generator.step(), cold)
    generator = make(5, 0.0)
    generator.temperature = 2.0
    assert not np.array_equal(generator.step(), cold)


def test_feedback_enters_the_state_before_the_next_step(make: MakeGenerator) -> None:
    generator = make(5, 0.0)
    transform = Transform(shift_x=1.0, hue_drift=60.0)
    generator.feedback.transform = transform
    twin = MemoryFeedback(RATE, transform)
    context, silence = to_context(make_film()[-K:]), np.zeros((1, 1, HEIGHT, WIDTH), np.float32)
    for _ in range(5):
        expected, context = next_state(twin.apply(context), silence, 0.0)
        assert same_picture(generator.step(), expected)


def test_without_feedback_the_state_is_never_read(make: MakeGenerator, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = [make(5).step() for _ in range(3)]

    def read(_model: Model) -> NoReturn:
        raise AssertionError("the state left the device")

    monkeypatch.setattr(Model, "context", read)
    for frame in plain:
        np.testing.assert_array_equal(make(5).step(), frame)
    generator = make(5)
    generator.feedback.transform = Transform(zoom=0.1)
    with pytest.raises(AssertionError, match="left the device"):
        generator.step()


def test_a_step_is_counted_with_its_feedback(bundle_folder: Path) -> None:
    timings = Timings()
    slot = ModelSlot(open_candidate(read_bundle(bundle_folder, 0), PLAIN), timings)
    generator = Generator(slot, np.random.SeedSequence(5), timings, RATE)
    generator.reset(make_film()[-K:])
    generator.step()
    assert (timings["step"].count, timings["session"].count) == (1, 1)
    assert timings["step"].total > timings["session"].total
