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
    """Who this process is among how many. Alone, everything here does nothing."""

    rank: int = 0
    size: int = 1

    @property
    def leads(self) -> bool:
        """Whether this is the process that decodes, reports and saves."""
        return self.rank == 0

    def share(self, network: nn.Module) -> nn.Module:
        """The network as it is to be called where a gradient follows: averaged over all processes (DDP)."""
        if self.size == 1:
            return network
        # Buffers are those of spectral norm: the same everywhere, since the weights are.
        return DistributedDataParallel(network, broadcast_buffers=False)

    def any(self, wanted: bool, device: torch.device) -> bool:
        """Whether any process wants it; all must ask."""
        if self.size == 1:
            return wanted
        flag = torch.tensor(float(wanted), device=device)
        dist.all_reduce(flag, dist.ReduceOp.MAX)
        return bool(flag)

    def wait(self) -> None:
        """Until all processes are here."""
        if self.size > 1:
            dist.barrier()


@contextmanager
def joined(device: torch.device) -> Iterator[tuple[Team, torch.device]]:
    """This process's team, as torchrun's environment tells it, and the device that is its own."""
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
