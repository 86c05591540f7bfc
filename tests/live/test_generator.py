import numpy as np
import pytest

from live.bundle import read_bundle
from live.generator import Generator
from live.model import open_model
from live.timings import Timings

from .bundles import HEIGHT, WIDTH, K, make_film, next_state, same_picture, to_context


@pytest.fixture
def make(bundle_folder):
    model = open_model(read_bundle(bundle_folder, 0), "cpu", Timings())

    def made(seed: int, temperature: float = 1.0) -> Generator:
        generator = Generator(model, np.random.SeedSequence(seed), temperature, Timings())
        generator.reset(make_film()[-K:])
        return generator

    return made


def test_it_continues_the_film_with_seeded_noise(make):
    generator = make(5, 0.7)
    random = np.random.default_rng(np.random.SeedSequence(5))
    context = to_context(make_film()[-K:])
    for _ in range(10):
        noise = random.standard_normal((1, 1, HEIGHT, WIDTH), np.float32)
        expected, context = next_state(context, noise, 0.7)
        assert same_picture(generator.step(), expected)


def test_the_same_seed_is_the_same_show_and_another_is_not(make):
    first, again, other = ([generator.step() for _ in range(5)] for generator in map(make, (5, 5, 6)))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_the_temperature_can_be_changed_at_any_step(make):
    cold = make(5, 0.0).step()
    generator = make(5, 2.0)
    generator.temperature = 0.0
    np.testing.assert_array_equal(generator.step(), cold)
    generator = make(5, 0.0)
    generator.temperature = 2.0
    assert not np.array_equal(generator.step(), cold)
