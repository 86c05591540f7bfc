"""What every training has: networks, optimisers, chance, and how these become a checkpoint and come back."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import asdict, dataclass, replace
from typing import Any, TypeVar

import torch
from cyclopts.types import NonNegativeInt, NormFloat, PositiveFloat, PositiveInt
from torch import Tensor, nn

from train.errors import RunError
from train.runtime.distributed import Team
from train.runtime.throughput import Throughput

Network = TypeVar("Network", bound=nn.Module)


@dataclass(frozen=True)
class TrainingConfig:
    """What shapes the result of a training beside its recipe, and so must be the same when it is resumed."""

    batch: int = 8  # film windows in a step, beside the states of the pool; or pictures
    learning_rate: float = 1e-3  # of all networks (Adam)
    ema: float = 0.999  # decay of the averaged generator, the one that is sampled and exported
    seed: int = 0  # of everything random in the training


@dataclass(frozen=True)
class TrainingOptions:
    """What of a `TrainingConfig` a user wants otherwise."""

    batch: PositiveInt | None = None
    """Film windows in a training step, beside the states of the pool; or pictures. Default: 8; of pictures 2."""
    learning_rate: PositiveFloat | None = None
    """Of all networks (Adam). Default: 1e-3; for pictures 3e-4."""
    ema: NormFloat | None = None
    """Decay of the averaged generator, the one that is sampled and exported. Default: 0.999."""
    seed: NonNegativeInt | None = None
    """Of everything random in the training. Default: 0."""

    def over(self, usual: TrainingConfig) -> TrainingConfig:
        """The usual, but for what is wanted otherwise."""
        return replace(usual, **{name: value for name, value in asdict(self).items() if value is not None})


class Trainer(ABC):
    """A training that can be stopped at any step and taken up again."""

    generator: nn.Module
    ema: nn.Module  # the averaged generator
    judges: nn.Module
    only_leads: tuple[str, ...] = ()  # parts that each process of a team has for itself: the leader's are kept

    def __init__(self, config: TrainingConfig, device: torch.device, *, bf16: bool, team: Team) -> None:
        self.config, self.device, self.bf16, self.team = config, device, bf16, team
        torch.manual_seed(config.seed)
        self.rng = torch.Generator().manual_seed(config.seed + team.rank)
        self.steps = 0
        self.seconds = 0.0  # spent training, over all sessions
        self.waited = 0.0  # seconds of these spent on what the networks are to see
        self.work = Throughput()  # of this session

    @property
    @abstractmethod
    def samples_per_step(self) -> int:
        """Pictures made and judged in one step, over all processes."""

    @property
    def stage(self) -> int:
        """Steps of the same stage do the same arithmetic."""
        return 0

    @abstractmethod
    def step(self) -> dict[str, Tensor]:
        """One step of both sides; scalars of it by name (on the device: reading them would wait for it)."""

    @abstractmethod
    def parts(self) -> dict[str, Any]:
        """By name, all that has a state: networks, optimisers, a pool."""

    def average(self) -> None:
        """Exponential moving average of the weights, quicker while there is little to average."""
        decay = min(self.config.ema, (1 + self.steps) / (10 + self.steps))
        with torch.no_grad():
            # All at once: one by one they are a call each, on a GPU a kernel each.
            torch._foreach_lerp_(list(self.ema.parameters()), list(self.generator.parameters()), 1 - decay)

    # What a checkpoint holds.

    def state_dict(self) -> dict[str, Any]:
        """Everything that a resumed training needs: tensors and plain values only.

        Raises:
            RunError: the training has burst, and nobody should save it over what was good.
        """
        networks = (self.generator, self.judges)
        if not all(torch.isfinite(weight).all() for network in networks for weight in network.parameters()):
            raise RunError(
                f"the training has burst before step {self.steps} (weights are not finite); run the same command "
                "to go on from the last checkpoint, or start anew with a lower --learning-rate"
            )
        state = {name: part.state_dict() for name, part in self.parts().items()}
        return {**state, **self.averaged_state(), "rng": self.rng.get_state()}

    def averaged_state(self) -> dict[str, Any]:
        """What an export needs: the averaged generator, and how long it was trained."""
        return {"ema": self.ema.state_dict(), "steps": self.steps, "seconds": self.seconds}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take up where `state_dict` left off. The pools of the other processes of a team begin anew.

        Raises:
            RunError: the state is that of other networks.
        """
        try:
            for name, part in self.parts().items():
                if name not in self.only_leads or self.team.leads:
                    part.load_state_dict(state[name])
            if self.team.leads:
                self.rng.set_state(state["rng"])
            self.steps, self.seconds = state["steps"], state["seconds"]
        except (KeyError, RuntimeError, ValueError) as error:
            raise RunError("the checkpoint is that of another version of the networks; train anew") from error


def optimizer_step(loss: Tensor, optimiser: torch.optim.Optimizer) -> None:
    """One step down the gradient."""
    optimiser.zero_grad(set_to_none=True)  # what has no part in this loss is left as it is
    loss.backward()
    optimiser.step()


def adam(networks: list[nn.Module], rate: float) -> torch.optim.Adam:
    """Betas as in pix2pix."""
    weights = [weight for network in networks for weight in network.parameters()]
    return torch.optim.Adam(weights, rate, betas=(0.5, 0.999), fused=True)


def placed(network: Network, device: torch.device) -> Network:
    """On the device, in the layout that convolutions like there."""
    return network.to(device=device, memory_format=torch.channels_last)  # type: ignore[call-overload]
