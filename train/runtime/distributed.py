"""Several processes that train one model: `torchrun --nproc-per-node N -m train fit …` starts them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
import torch.distributed as dist
from torch import nn
from torch.nn.parallel import DistributedDataParallel


@dataclass(frozen=True)
class Team:
    """Rank of this process, and the number of processes. With one process, nothing here has an effect."""

    rank: int = 0
    size: int = 1

    @property
    def leads(self) -> bool:
        """True in the process that decodes, reports and saves."""
        return self.rank == 0

    def distribute(self, network: nn.Module) -> nn.Module:
        """Wrap a network so that its gradient is averaged over all processes (DDP)."""
        if self.size == 1:
            return network
        # The buffers are those of spectral norm: equal everywhere, since the weights are.
        return DistributedDataParallel(network, broadcast_buffers=False)

    def most(self, value: float, device: torch.device) -> float:
        """Return the highest value of all processes; all must ask."""
        if self.size == 1:
            return value
        maximum = torch.tensor(value, device=device)
        dist.all_reduce(maximum, dist.ReduceOp.MAX)
        return float(maximum)

    def wait(self) -> None:
        """Wait until all processes have called this."""
        if self.size > 1:
            dist.barrier()


def is_leader() -> bool:
    """Return whether this process will lead its team, which it need not have joined yet."""
    return int(os.environ.get("RANK", "0")) == 0


@contextmanager
def join_team(device: torch.device) -> Iterator[tuple[Team, torch.device]]:
    """Join the team of torchrun's environment; yield it and this process's device."""
    size = int(os.environ.get("WORLD_SIZE", "1"))
    if size == 1:
        yield Team(), device
        return
    if device.type == "cuda":
        device = torch.device("cuda", int(os.environ["LOCAL_RANK"]))
        torch.cuda.set_device(device)
    dist.init_process_group("nccl" if device.type == "cuda" else "gloo")
    try:
        yield Team(dist.get_rank(), size), device
    finally:
        dist.destroy_process_group()
