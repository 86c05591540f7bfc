import numpy as np
import pytest

from live.inference.noise import Noise


def test_noise_that_is_drawn_ahead_is_the_same() -> None:
    seeds = np.random.SeedSequence(3).spawn(2)
    ahead, plain = (Noise((1, 3, 4, 6), seeds[0], ahead=ahead) for ahead in (True, False))
    for seed in seeds:
        for noise in (ahead, plain):
            noise.renew(seed)
        for _ in range(3):
            np.testing.assert_array_equal(ahead.draw(), plain.draw())


@pytest.mark.parametrize("ahead", [True, False])
def test_the_stream_of_a_number_is_that_of_default_rng(ahead: bool) -> None:
    noise, random = Noise((1, 3, 4, 6), np.random.SeedSequence(3), ahead=ahead), np.random.default_rng(3)
    for _ in range(3):
        np.testing.assert_array_equal(noise.draw(), random.standard_normal((1, 3, 4, 6), np.float32))
