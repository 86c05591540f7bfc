"""Graphs to compare with: the U-Net is that of pix2pix, and multiply-accumulates are counted from shapes."""

from collections import Counter

import numpy as np

from live.benchmark.graphs import multiply_accumulates, peak_convolutions, unet256
from live.benchmark.sessions import any_inputs, open_session, optimised


def test_the_unet_is_pix2pixs() -> None:
    unet = unet256(256, 256)
    weights = sum(np.prod(each.dims) for each in unet.graph.initializer)
    assert round(weights / 1e6, 1) == 54.4
    assert Counter(node.op_type for node in unet.graph.node) == {
        "Conv": 8,
        "ConvTranspose": 8,
        "LeakyRelu": 7,
        "Relu": 8,
        "Concat": 7,
        "Tanh": 1,
        "Identity": 1,
    }
    session = open_session(unet)
    (frame,) = session.run(None, any_inputs(session))
    assert frame.shape == (1, 3, 256, 256)
    assert 0.01 < frame.std() < 1
    assert multiply_accumulates(unet) == multiply_accumulates(optimised(unet))


def test_multiply_accumulates_are_counted_by_hand() -> None:
    assert multiply_accumulates(peak_convolutions(16, 8)) == 8 * 9 * 16 * 16 * 8 * 8
    # 4×4 weights at every second pixel, down and up; sixteen layers of a U on 256 pixels.
    down, channels = 0, (3, 64, 128, 256, 512, 512, 512, 512, 512)
    for depth in range(8):
        down += 16 * channels[depth] * channels[depth + 1] * (128 >> depth) ** 2
    up = sum(
        16 * (channels[d + 1] * (1 if d == 7 else 2)) * (channels[d] if d else 3) * (128 >> d) ** 2 for d in range(8)
    )
    assert multiply_accumulates(unet256(256, 256)) == down + up
