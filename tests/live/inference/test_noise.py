import numpy as np

from live.inference.noise import Noise


def test_noise_that_is_drawn_ahead_is_the_same(bundle_folder) -> None:
    seeds = np.random.SeedSequence(3).spawn(2)
    ahead, plain = (Noise(4, 6, seeds[0], ahead=ahead) for ahead in (True, False))
    for seed in seeds:
        for noise in (ahead, plain):
            noise.renew(seed)
        for _ in range(3):
            np.testing.assert_array_equal(ahead.draw(), plain.draw())
