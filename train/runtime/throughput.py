"""Arithmetic of a training, and the most that its device could do in the same time.

A step cannot be shorter than its floating-point operations over the device's peak. The rest of its time is not
arithmetic, or is arithmetic in shapes that do not suit the device.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.utils.flop_counter import FlopCounterMode, conv_flop_count

# Shape of the convolutions that the peak is measured with: pictures, channels, height and width. On a CPU it fits the
# cache; so small a shape would not fill a GPU.
CPU_SHAPE, GPU_SHAPE = (16, 128, 18, 32), (32, 256, 64, 64)
PEAK_SECONDS = 0.6  # for all of them
LEAST_TRIES = 3


class Throughput:
    """Floating-point operations of a training in this process; every multiplication and every addition counts."""

    def __init__(self) -> None:
        self.flops = 0
        """Operations of all steps so far."""
        self._flops_of_stage: dict[int, int] = {}

    @contextmanager
    def count_step(self, stage: int) -> Iterator[None]:
        """Count the work inside as one step.

        Only the first step of each stage is really counted: the others do the same arithmetic.
        """
        if stage in self._flops_of_stage:
            yield
        else:
            # Convolutions and matrix products, forwards and backwards; the rest is negligible.
            with FlopCounterMode(display=False) as counter:
                yield
            self._flops_of_stage[stage] = counter.get_total_flops()
        self.flops += self._flops_of_stage[stage]


def peak(
    device: torch.device,
    *,
    bf16: bool,
    shape: tuple[int, int, int, int] | None = None,
    clock: Callable[[], float] = time.perf_counter,
) -> float:
    """Measure the device's best FLOP/s: in a dense 3×3 convolution, forwards and backwards.

    Precision, memory format and threads are those of the training.

    Args:
        device: to measure.
        bf16: bfloat16 instead of float32.
        shape: pictures, channels, height and width; default: one that suits the device.
        clock: in seconds.
    """
    shape = shape or (CPU_SHAPE if device.type == "cpu" else GPU_SHAPE)
    channels = shape[1]
    dtype = torch.bfloat16 if bf16 else torch.float32

    def tensor(*size: int) -> Tensor:
        return torch.randn(*size, device=device, dtype=dtype).contiguous(memory_format=torch.channels_last)

    pictures, gradient = tensor(*shape).requires_grad_(), tensor(*shape)
    weights = tensor(channels, channels, 3, 3).requires_grad_()
    times: list[float] = []
    ends = clock() + PEAK_SECONDS
    while len(times) < LEAST_TRIES or clock() < ends:
        _synchronise(device)
        began = clock()
        F.conv2d(pictures, weights, padding=1).backward(gradient)
        _synchronise(device)
        times.append(clock() - began)
    # The backward pass is twice the forward pass: one for the input and one for the weights.
    return 3 * conv_flop_count(list(shape), list(weights.shape), list(shape)) / min(times)


def _synchronise(device: torch.device) -> None:
    if device.type != "cpu":
        torch.accelerator.synchronize(device)


def format_flops(flops_per_second: float) -> str:
    """Format a rate: 61 GFLOP/s, 1.2 TFLOP/s."""
    unit, number = "G", flops_per_second / 1e9
    if number >= 1000:
        unit, number = "T", number / 1000
    return f"{number:.{0 if number >= 10 else 1}f} {unit}FLOP/s"
