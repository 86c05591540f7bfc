import subprocess
import sys

import numpy as np
import pytest
from numpy.typing import NDArray

from live.effects.transform import Transform
from live.inference.memory_feedback import MemoryFeedback

RATE = 12.0
K = 2


State = NDArray[np.float32]


def moved(rate: float, **rates: float) -> MemoryFeedback:
    return MemoryFeedback(rate, Transform(**rates))


def picture(height: int, width: int, seed: int = 1) -> State:
    """Return a state float32 [1, 3K, H, W] whose planes all differ."""
    return np.random.default_rng(seed).uniform(-1, 1, (1, 3 * K, height, width)).astype(np.float32)


def blob(height: int, width: int, y: float, x: float, spread: float = 2.0) -> State:
    """Return a soft spot at (y, x), float32 [1, 3K, H, W]."""
    rows, columns = np.mgrid[:height, :width]
    spot = np.exp(-((rows - y) ** 2 + (columns - x) ** 2) / (2 * spread**2))
    return np.tile(spot, (3 * K, 1, 1))[None].astype(np.float32)


def middle_of(state: State) -> tuple[float, float]:
    """Return where the spot is, (y, x)."""
    plane = state[0, 0]
    rows, columns = np.mgrid[: plane.shape[0], : plane.shape[1]]
    return float((plane * rows).sum() / plane.sum()), float((plane * columns).sum() / plane.sum())


def one_second(feedback: MemoryFeedback, state: State) -> State:
    for _ in range(round(feedback.frame_rate)):
        state = feedback.apply(state)
    return state


def test_without_a_change_the_very_state_is_returned() -> None:
    state = picture(24, 32)
    feedback = MemoryFeedback(RATE)
    assert not feedback.changes()
    assert feedback.apply(state) is state
    camera = np.zeros((24, 32, 3), np.uint8)
    assert not feedback.changes(camera)
    assert feedback.apply(state, camera) is state
    feedback.camera_blend = 0.5
    assert not feedback.changes(None)
    assert feedback.apply(state) is state


@pytest.mark.parametrize(
    "name", ["zoom", "rotation", "shift_x", "shift_y", "hue_drift", "contrast_drift", "camera_blend"]
)
def test_every_change_makes_a_new_state(name: str) -> None:
    state = picture(24, 32)
    before = state.copy()
    feedback = MemoryFeedback(RATE, camera_blend=0.9) if name == "camera_blend" else moved(RATE, **{name: 0.9})
    camera = np.zeros((24, 32, 3), np.uint8)
    assert feedback.changes(camera)
    after = feedback.apply(state, camera)
    np.testing.assert_array_equal(state, before)
    assert after.shape == state.shape
    assert after.dtype == np.float32
    assert after.flags.c_contiguous
    assert np.abs(after).max() <= 1
    assert not np.array_equal(after, before)


def test_a_quarter_turn_of_a_square_is_exact_and_clockwise() -> None:
    state = picture(20, 20)
    turned = moved(1.0, rotation=90.0).apply(state)
    np.testing.assert_allclose(turned, np.rot90(state, -1, axes=(2, 3)), atol=1e-5)
    back = moved(1.0, rotation=-90.0).apply(turned)
    np.testing.assert_allclose(back, state, atol=1e-5)


def test_zoom_2_doubles_distances_from_the_middle() -> None:
    height, width = 49, 65
    state = blob(height, width, y=24 - 5, x=32 + 8)
    y, x = middle_of(moved(1.0, zoom=1.0).apply(state))
    assert (y, x) == pytest.approx((24 - 10, 32 + 16), abs=0.05)
    zoomed = moved(1.0, zoom=1.0).apply(state)
    assert zoomed.sum() / state.sum() == pytest.approx(4, rel=0.02), "four times the area"
    y, x = middle_of(moved(1.0, zoom=-1.0).apply(blob(height, width, 24 - 10, 32 + 16, 4))[:, :, 12:37, 16:49])
    assert (y + 12, x + 16) == pytest.approx((24 - 5, 32 + 8), abs=0.05)


def test_a_shift_is_in_pictures_to_the_right_and_downwards_and_its_border_is_a_mirror() -> None:
    state = picture(20, 40)
    shifted = moved(1.0, shift_x=0.1, shift_y=0.2).apply(state)
    np.testing.assert_allclose(shifted[:, :, 4:, 4:], state[:, :, :-4, :-4], atol=1e-6)
    np.testing.assert_allclose(shifted[:, :, 4:, :4], state[:, :, :-4, 3::-1], atol=1e-6)


@pytest.mark.parametrize(
    "rates",
    [{"zoom": 0.6}, {"rotation": 50.0}, {"shift_x": 0.2, "shift_y": -0.1}, {"zoom": -0.4, "rotation": 20.0}],
)
def test_a_second_of_motion_is_the_same_at_every_frame_rate(rates: dict[str, float]) -> None:
    state = blob(97, 129, y=40, x=70, spread=4)
    at_once = middle_of(one_second(moved(1.0, **rates), state))
    for rate in (6.0, 24.0):
        assert middle_of(one_second(moved(rate, **rates), state)) == pytest.approx(at_once, abs=0.5)
    assert np.hypot(*np.subtract(at_once, (40, 70))) > 3


def test_a_third_of_the_circle_makes_red_green_and_grey_stays() -> None:
    red_grey = np.full((1, 3 * K, 1, 2), 0.5, np.float32)
    red_grey[0, :, 0, 0] = np.tile([0.6, -0.6, -0.6], K)
    turned = moved(1.0, hue_drift=120.0).apply(red_grey)
    np.testing.assert_allclose(turned[0, :, 0, 0], np.tile([-0.6, 0.6, -0.6], K), atol=1e-6)
    np.testing.assert_allclose(turned[0, :, 0, 1], 0.5, atol=1e-6)
    np.testing.assert_allclose(one_second(moved(8.0, hue_drift=120.0), red_grey), turned, atol=1e-5)


def test_contrast_grows_around_mid_grey_and_stays_in_the_range() -> None:
    state = np.array([-0.8, -0.2, 0.0, 0.1, 0.3, 0.6], np.float32).reshape(1, 6, 1, 1)
    doubled = moved(1.0, contrast_drift=1.0).apply(state)
    np.testing.assert_allclose(doubled.ravel(), [-1, -0.4, 0, 0.2, 0.6, 1], atol=1e-6)
    halved = one_second(moved(8.0, contrast_drift=-1.0), state)
    np.testing.assert_allclose(halved, state / 2, atol=1e-6)


def test_the_camera_is_blended_into_every_frame_of_the_state() -> None:
    state = np.zeros((1, 3 * K, 4, 6), np.float32)
    camera = np.random.default_rng(1).integers(0, 256, (4, 6, 3), np.uint8)
    seen = np.tile(camera.transpose(2, 0, 1) / 127.5 - 1, (K, 1, 1))[None]
    np.testing.assert_allclose(MemoryFeedback(RATE, camera_blend=1.0).apply(state, camera), seen, atol=1e-6)
    feedback = MemoryFeedback(RATE, camera_blend=0.75)
    for _ in range(12):
        state = feedback.apply(state, camera)
    np.testing.assert_allclose(state, 0.75 * seen, atol=1e-5)


def test_all_frames_of_a_state_are_treated_alike() -> None:
    frame = picture(24, 32)[:, :3]
    still = np.concatenate([frame, frame], axis=1)
    after = moved(RATE, zoom=0.5, rotation=30.0, shift_x=0.1, shift_y=0.2, hue_drift=40.0, contrast_drift=0.3).apply(
        still
    )
    np.testing.assert_array_equal(after[:, :3], after[:, 3:])


def test_opencv_is_loaded_only_for_motion() -> None:
    program = (
        "import sys, numpy as np\n"
        "from live.effects.transform import Transform\n"
        "from live.inference.memory_feedback import MemoryFeedback\n"
        "feedback = MemoryFeedback(12.0, Transform(hue_drift=30.0))\n"
        "feedback.apply(np.zeros((1, 6, 4, 4), np.float32))\n"
        "assert 'cv2' not in sys.modules\n"
        "feedback.transform = Transform(zoom=1.0)\n"
        "feedback.apply(np.zeros((1, 6, 4, 4), np.float32))\n"
        "assert 'cv2' in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)
