"""How much arithmetic a training does, and how much its device could do in the same time.

A step cannot be shorter than its floor: its floating-point operations over the device's peak. What it takes beyond that
is not arithmetic, or arithmetic in shapes that the device does not like.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.utils.flop_counter import FlopCounterMode, conv_flop_count

# Of the convolutions that the peak is measured with: pictures, channels, height and width. On a CPU they stay in its
# cache; what is that small does not fill a GPU.
ON_A_CPU, ON_A_GPU = (16, 128, 18, 32), (32, 256, 64, 64)
SECONDS = 0.6  # for all of them
LEAST_TRIES = 3


class Throughput:
    """Floating-point operations of a training, in this process: every multiplication and every addition counts."""

    def __init__(self) -> None:
        self.flops = 0
        """Of all steps in `doing` so far."""
        self._of_a_step: dict[int, int] = {}

    @contextmanager
    def doing(self, stage: int) -> Iterator[None]:
        """Count what is done inside as one step. Really counted is the first of each stage: the others are like it."""
        if stage in self._of_a_step:
            yield
        else:
            # Convolutions and products of matrices, forwards and backwards; beside these nothing weighs.
            with FlopCounterMode(display=False) as counter:
                yield
            self._of_a_step[stage] = counter.get_total_flops()
        self.flops += self._of_a_step[stage]


def peak(device: torch.device, *, bf16: bool) -> float:
    """What the device reaches at its best, FLOP/s: a dense 3×3 convolution, forwards and backwards.

    In the training's own precision and memory format, with as many threads as it has.
    """
    shape = ON_A_CPU if device.type == "cpu" else ON_A_GPU
    channels = shape[1]
    dtype = torch.bfloat16 if bf16 else torch.float32

    def tensor(*size: int) -> Tensor:
        return torch.randn(*size, device=device, dtype=dtype).contiguous(memory_format=torch.channels_last)

    pictures, gradient = tensor(*shape).requires_grad_(), tensor(*shape)
    weights = tensor(channels, channels, 3, 3).requires_grad_()
    times: list[float] = []
    ends = time.perf_counter() + SECONDS
    while len(times) < LEAST_TRIES or time.perf_counter() < ends:
        _wait_for(device)
        began = time.perf_counter()
        F.conv2d(pictures, weights, padding=1).backward(gradient)
        _wait_for(device)
        times.append(time.perf_counter() - began)
    # Backwards twice as much as forwards: for what came in and for the weights.
    return 3 * conv_flop_count(list(shape), list(weights.shape), list(shape)) / min(times)


def _wait_for(device: torch.device) -> None:
    if device.type != "cpu":
        torch.accelerator.synchronize(device)


def format_flops(flops_per_second: float) -> str:
    """As people say it: 61 GFLOP/s, 1.2 TFLOP/s."""
    unit, number = "G", flops_per_second / 1e9
    if number >= 1000:
        unit, number = "T", number / 1000
    return f"{number:.{0 if number >= 10 else 1}f} {unit}FLOP/s"
