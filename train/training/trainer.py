"""Base of all trainings: networks, optimizers and randomness, saved in checkpoints and restored from them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, TypeVar

import torch
from torch import Tensor, nn

from train.errors import RunError
from train.images.pixels import from_bytes
from train.runtime.distributed import Team
from train.runtime.throughput import Throughput

Network = TypeVar("Network", bound=nn.Module)


@dataclass(frozen=True)
class TrainingConfig:
    """Settings that, with the recipe, determine the result. They must be the same when a training is resumed."""

    batch: int = 8  # film windows in a step, without the states of the pool; or pictures
    learning_rate: float = 1e-3  # of all networks (Adam)
    ema: float = 0.999  # decay of the averaged generator, which is sampled and exported
    seed: int = 0  # random seed of the training


class Trainer(ABC):
    """A training that can be stopped after any step and resumed.

    Attributes:
        generator: the network that is trained.
        ema: the averaged generator (exponential moving average), which is sampled and exported.
        last_stage: number of the stage in which it ends.
        only_leader: names of the parts that every process has for itself; checkpoints hold those of the leader.
        steps: training steps, over all sessions.
        seconds: time spent in these steps.
        waiting_seconds: time of these that was spent on making batches, in this session.
        budget_share: share of the budget that is used, 0…1; stages and learning rates follow it.
    """

    generator: nn.Module
    ema: nn.Module
    last_stage: int = 0
    only_leader: tuple[str, ...] = ()

    def __init__(self, config: TrainingConfig, device: torch.device, *, bf16: bool, team: Team) -> None:
        self.config, self.device, self.bf16, self.team = config, device, bf16, team
        torch.manual_seed(config.seed)
        self.rng = torch.Generator().manual_seed(config.seed + team.rank)
        self.steps = 0
        self.seconds = 0.0
        self.waiting_seconds = 0.0
        self.budget_share = 0.0
        self.throughput = Throughput()

    @property
    @abstractmethod
    def samples_per_step(self) -> int:
        """Pictures generated in one step, over all processes."""

    @property
    def stage(self) -> int:
        """Number of the stage; all steps of a stage do the same arithmetic."""
        return 0

    @abstractmethod
    def step(self) -> dict[str, Tensor]:
        """Train all networks by one step.

        Returns:
            Scalars by name, on the device, because reading them would wait for it.
        """

    @abstractmethod
    def parts(self) -> dict[str, Any]:
        """Return by name everything that has a state: networks, optimizers, a pool."""

    def update_average(self) -> None:
        """Average the weights into `ema`, faster at the start, when there is little to average."""
        decay = min(self.config.ema, (1 + self.steps) / (10 + self.steps))
        with torch.no_grad():
            # All at once: one by one they would take a call each, and on a GPU a kernel each.
            torch._foreach_lerp_(list(self.ema.parameters()), list(self.generator.parameters()), 1 - decay)

    def autocast(self) -> torch.autocast:
        """Return the context in which networks are called: in bfloat16, if the training is."""
        return torch.autocast(self.device.type, torch.bfloat16, enabled=self.bf16)

    def to_picture(self, levels: Tensor) -> Tensor:
        """Move pictures uint8 [n, C, H, W] to the device as float −1…1."""
        return from_bytes(levels.to(self.device).contiguous(memory_format=torch.channels_last))

    # Checkpoints.

    def state_dict(self) -> dict[str, Any]:
        """Return everything that a resumed training needs: tensors and plain values only.

        Raises:
            RunError: the training diverged, and must not replace the last good checkpoint.
        """
        networks = [part for part in self.parts().values() if isinstance(part, nn.Module)]
        if not all(torch.isfinite(weight).all() for network in networks for weight in network.parameters()):
            raise RunError(
                f"the training diverged before step {self.steps} (weights are not finite); run the same command to "
                "continue from the last checkpoint, or train again in another --out with a lower --learning-rate"
            )
        state = {name: part.state_dict() for name, part in self.parts().items()}
        return {**state, **self.averaged_state(), "rng": self.rng.get_state()}

    def averaged_state(self) -> dict[str, Any]:
        """Return what an export needs: the averaged generator, and how long it was trained."""
        return {"ema": self.ema.state_dict(), "steps": self.steps, "seconds": self.seconds}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Continue where `state_dict` left off; other processes than the leader start with new pools.

        Raises:
            RunError: the state is that of other networks.
        """
        try:
            for name, part in self.parts().items():
                if name not in self.only_leader or self.team.leads:
                    part.load_state_dict(state[name])
            if self.team.leads:
                self.rng.set_state(state["rng"])
            self.steps, self.seconds = state["steps"], state["seconds"]
        except (AttributeError, IndexError, KeyError, RuntimeError, TypeError, ValueError) as error:
            raise RunError("the checkpoint is that of other networks; train again in another --out") from error


def optimizer_step(loss: Tensor, optimizer: torch.optim.Optimizer) -> None:
    """Descend the gradient of a loss by one step."""
    optimizer.zero_grad(set_to_none=True)  # weights without a part in this loss stay as they are
    loss.backward()
    optimizer.step()


def adam(
    networks: list[nn.Module], learning_rate: float, betas: tuple[float, float] = (0.5, 0.999)
) -> torch.optim.Adam:
    """Return Adam for the weights of these networks; the default betas are those of pix2pix."""
    weights = [weight for network in networks for weight in network.parameters()]
    return torch.optim.Adam(weights, learning_rate, betas=betas, fused=True)


def set_rate(optimizer: torch.optim.Optimizer, rate: float) -> None:
    """Set the learning rate of all weights."""
    for group in optimizer.param_groups:
        group["lr"] = rate


def placed(network: Network, device: torch.device) -> Network:
    """Move a network to the device, in the memory layout that is fast for convolutions there."""
    network.to(device=device, memory_format=torch.channels_last)  # type: ignore[call-overload]  # torch's stub lacks it
    return network
