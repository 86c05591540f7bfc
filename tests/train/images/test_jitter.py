"""Random jitter of training pairs."""

import numpy as np

from train.images.jitter import MAX_ZOOM, Jitter


def test_jitters_scale_shift_and_flip_within_the_picture() -> None:
    rng = np.random.default_rng(0)
    jitters = [Jitter.random(rng, 48, 64) for _ in range(50)]
    assert {jitter.flip for jitter in jitters} == {False, True}
    assert len({jitter.height for jitter in jitters}) > 3
    assert len({(jitter.top, jitter.left) for jitter in jitters}) > 20
    assert all(0 <= jitter.top <= 48 - jitter.height and 0 <= jitter.left <= 64 - jitter.width for jitter in jitters)
    assert all(jitter.height >= int(48 / MAX_ZOOM) and jitter.width >= int(64 / MAX_ZOOM) for jitter in jitters)


def test_a_jitter_crops_scales_up_and_flips() -> None:
    picture = np.zeros((48, 64, 3), np.uint8)
    picture[8:32, 16:48] = 90  # the crop: a dark half and a bright one
    picture[8:32, 32:48] = 250
    jittered = Jitter(top=8, left=16, height=24, width=32, flip=True)(picture)
    assert jittered.shape == picture.shape
    assert (jittered[:, :28] == 250).all()
    assert (jittered[:, 36:] == 90).all()


def test_a_jitter_of_the_whole_picture_changes_nothing() -> None:
    picture = np.random.default_rng(0).integers(0, 256, (48, 64, 3), np.uint8)
    assert np.array_equal(Jitter(0, 0, 48, 64, flip=False)(picture), picture)
