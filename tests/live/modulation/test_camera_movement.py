"""Movement in the camera's picture."""

import numpy as np

from live.frame import Pixels
from live.modulation.camera_movement import MovementMeter

RANDOM = np.random.default_rng(1)


def scene(left: int) -> Pixels:
    """Return a grey picture with a white square, and the noise of a webcam."""
    pixels = np.full((240, 320, 3), 90.0)
    pixels[60:180, left : left + 120] = 250
    noisy = pixels + RANDOM.normal(0, 4, pixels.shape)
    return noisy.clip(0, 255).astype(np.uint8)


def test_noise_is_no_movement_and_what_moves_is() -> None:
    meter = MovementMeter()
    assert [meter.see(scene(40), number / 24) for number in range(5)] == [0.0] * 5
    slow = meter.see(scene(44), 5 / 24)
    fast = meter.see(scene(140), 6 / 24)
    assert 0.02 < slow < 0.3
    assert fast == 1.0


def test_it_rises_at_once_and_falls_slowly() -> None:
    meter = MovementMeter()
    meter.see(scene(40), 0.0)
    assert meter.see(scene(160), 0.1) == 1
    resting = scene(160)
    values = [meter.see(resting, 0.1 + number / 10) for number in range(1, 31)]
    assert values == sorted(values, reverse=True)
    assert 0.75 < values[0] < 0.85
    assert values[-1] < 0.01


def test_a_picture_that_comes_again_and_a_camera_that_is_silent_are_no_movement() -> None:
    meter = MovementMeter()
    assert meter.see(None, 0.0) == 0
    assert meter.see(scene(40), 0.1) == 0, "the first picture"
    assert meter.see(None, 0.2) == 0
    assert meter.see(scene(160), 0.3) == 0, "nothing is known of what was between"
