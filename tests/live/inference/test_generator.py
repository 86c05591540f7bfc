import numpy as np
import pytest

from live.bundle.bundle import read_bundle
from live.inference.feedback import Feedback
from live.inference.generator import Generator
from live.inference.model import Model
from live.inference.selection import open_model
from live.timings import Timings
from tests.live.bundles import HEIGHT, RATE, WIDTH, K, make_film, next_state, same_picture, to_context


@pytest.fixture
def make(bundle_folder):
    model = open_model(read_bundle(bundle_folder, 0), "cpu", Timings())

    def made(seed: int, temperature: float = 1.0) -> Generator:
        generator = Generator(model, np.random.SeedSequence(seed), Timings(), RATE)
        generator.temperature = temperature
        generator.reset(make_film()[-K:])
        return generator

    return made


def test_it_continues_the_film_with_seeded_noise(make) -> None:
    generator = make(5, 0.7)
    random = np.random.default_rng(np.random.SeedSequence(5))
    context = to_context(make_film()[-K:])
    for _ in range(10):
        noise = random.standard_normal((1, 1, HEIGHT, WIDTH), np.float32)
        expected, context = next_state(context, noise, 0.7)
        assert same_picture(generator.step(), expected)


def test_the_same_seed_is_the_same_show_and_another_is_not(make) -> None:
    first, again, other = ([generator.step() for _ in range(5)] for generator in map(make, (5, 5, 6)))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_the_temperature_can_be_changed_at_any_step(make) -> None:
    cold = make(5, 0.0).step()
    generator = make(5, 2.0)
    generator.temperature = 0.0
    np.testing.assert_array_equal(generator.step(), cold)
    generator = make(5, 0.0)
    generator.temperature = 2.0
    assert not np.array_equal(generator.step(), cold)


def test_feedback_enters_the_state_before_the_next_step(make) -> None:
    generator = make(5, 0.0)
    generator.feedback.shift_x, generator.feedback.hue_drift = 1.0, 60.0
    twin = Feedback(RATE, shift_x=1.0, hue_drift=60.0)
    context, silence = to_context(make_film()[-K:]), np.zeros((1, 1, HEIGHT, WIDTH), np.float32)
    for _ in range(5):
        expected, context = next_state(twin.apply(context), silence, 0.0)
        assert same_picture(generator.step(), expected)


def test_without_feedback_the_state_is_never_read(make, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = [make(5).step() for _ in range(3)]

    def read(model) -> None:
        raise AssertionError("the state left the device")

    monkeypatch.setattr(Model, "state", read)
    for frame in plain:
        np.testing.assert_array_equal(make(5).step(), frame)
    generator = make(5)
    generator.feedback.zoom = 0.1
    with pytest.raises(AssertionError, match="left the device"):
        generator.step()


def test_a_device_that_fails_is_one_line_and_the_show_goes_on_from_what_was_shown(
    bundle_folder, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    bundle = read_bundle(bundle_folder, 0)
    failing, plain = (open_model(bundle, "cpu", Timings()) for _ in range(2))
    generators = [Generator(model, np.random.SeedSequence(1), Timings(), RATE) for model in (failing, plain)]
    for generator in generators:
        generator.temperature = 0.0
        generator.reset(make_film()[-K:])
    for _ in range(3):
        assert same_picture(*(generator.step() for generator in generators))

    def fail(*_arguments: object) -> None:
        raise RuntimeError("CUDA error: out of memory")

    monkeypatch.setattr(failing, "step", fail)
    with pytest.raises(RuntimeError, match="out of memory"):
        generators[0].step()
    failing.fallback = lambda: open_model(bundle, "cpu", Timings())
    plain_frames = [generators[1].step() for _ in range(4)]
    for frame in plain_frames:
        # Its state was kept in full precision, that of the other begins with bytes.
        assert np.abs(generators[0].step().astype(int) - frame).max() <= 2
    assert generators[0].model is not failing
    assert capsys.readouterr().out.count("CPU failed (CUDA error: out of memory); the show goes on without it") == 1
