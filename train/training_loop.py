"""The training: reads from top to bottom."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import torch
from cyclopts.types import NonNegativeFloat, NonNegativeInt, NormFloat, PositiveFloat, PositiveInt
from torch import Tensor, nn

from train.dataset import FilmWindows
from train.errors import RunError
from train.losses import adversarial_loss, feature_matching, judge_loss, l1
from train.networks import Generator, GeneratorConfig, Judges
from train.pool import PoolConfig, RolloutPool
from train.step import NOISE_PER_TEMPERATURE, add_noise, from_bytes, to_levels

Network = TypeVar("Network", bound=nn.Module)


@dataclass(frozen=True)
class TrainingConfig:
    """What shapes the result of a training, and so must be the same when it is resumed."""

    batch: PositiveInt = 4
    """Film windows in a training step; as many states of the pool come beside them."""
    noise: NonNegativeFloat = 2.0
    """Highest temperature the context is trained with (the pool: half of it); 0 switches noise off."""
    ending: NormFloat = 0.5
    """Share of windows drawn from the last shot alone: the continuation begins there."""
    learning_rate: PositiveFloat = 2e-4
    """Of all networks (Adam)."""
    lambda_l1: NonNegativeFloat = 10.0
    """Weight of the mean absolute difference to the true frame, where there is one."""
    lambda_features: NonNegativeFloat = 2.0
    """Weight of feature matching."""
    lambda_flow: NonNegativeFloat = 0.1
    """Weight of the mean motion in pixels: nothing moves without a reason."""
    ema: NormFloat = 0.999
    """Decay of the averaged generator, the one that is sampled and exported."""
    seed: NonNegativeInt = 0
    """Of everything random in the training."""


class Training:
    """Networks, optimisers, pool and chance: what a checkpoint holds, and one training step."""

    def __init__(
        self,
        config: TrainingConfig,
        shape: GeneratorConfig,
        pool: PoolConfig,
        windows: FilmWindows,
        device: torch.device,
        *,
        bf16: bool,
    ) -> None:
        self.config, self.windows, self.device, self.bf16 = config, windows, device, bf16
        torch.manual_seed(config.seed)
        self.generator = _placed(Generator(shape), device)
        self.ema = copy.deepcopy(self.generator).requires_grad_(False)
        self.judges = _placed(Judges(shape.context_frames), device)
        # Betas as in pix2pix; the rates of both sides are equal.
        self.optimise_g = torch.optim.Adam(self.generator.parameters(), config.learning_rate, betas=(0.5, 0.999))
        self.optimise_d = torch.optim.Adam(self.judges.parameters(), config.learning_rate, betas=(0.5, 0.999))
        self.rng = torch.Generator().manual_seed(config.seed)
        self.pool = RolloutPool(pool, windows, self.rng) if pool.pool else None
        self.steps = 0
        self.seconds = 0.0  # spent training, over all sessions

    def step(self) -> dict[str, Tensor]:
        """One step of both sides; scalars of it by name (on the device: reading them would wait for it)."""
        # What there is to see: film windows, and beside them states of the pool.
        targets = self.windows.draw(self.config.batch, self.rng)
        draw = self.pool.draw(min(self.config.batch, self.pool.config.pool), self.rng) if self.pool else None
        clips = self.windows.windows(targets)
        contexts = clips[:, :-3]
        known = torch.ones(len(targets))
        heat = torch.rand(len(targets), generator=self.rng) * self.config.noise
        if draw:
            # Where a state has no truth any more, any window of the film stands in for "real".
            stand_in = self.windows.draw(len(draw.targets), self.rng)
            lost = draw.targets < 0
            clips = torch.cat([clips, self.windows.windows(torch.where(lost, stand_in, draw.targets))])
            contexts = torch.cat([contexts, draw.contexts])
            known = torch.cat([known, (~lost).float()])
            # Half the heat: its own past is noise enough.
            heat = torch.cat([heat, torch.rand(len(lost), generator=self.rng) * self.config.noise / 2])
        real = self._picture(clips)
        context = self._picture(contexts)
        known = known.to(self.device)
        level = NOISE_PER_TEMPERATURE * heat.to(self.device)
        noise = torch.randn(len(contexts), 1, *contexts.shape[2:], generator=self.rng).to(self.device)

        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.bf16):
            drawing = self.generator(add_noise(context, noise, level), level, context[:, -3:])
            fake = torch.cat([context, drawing.frame], 1)

            # Discriminators: the film is real, whatever the generator made of any state is not.
            self.judges.requires_grad_(True)
            seen_real, seen_fake = self.judges(real), self.judges(fake.detach())
            loss_d = judge_loss(seen_real, seen_fake)
        self._descend(loss_d, self.optimise_d)

        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.bf16):
            # Generator. The activations on the real clips are those from before the discriminators' step: near enough.
            self.judges.requires_grad_(False)
            seen_fake = self.judges(fake)
            loss_adversarial = adversarial_loss(seen_fake)
            loss_features = feature_matching(seen_real, seen_fake, known)
            # The painted picture must be one of its own, or it would be learnt only where it covers.
            loss_l1 = l1(drawing.frame, real[:, -3:], known) + l1(drawing.painted, real[:, -3:], known)
            loss_flow = drawing.flow.abs().mean()  # what stands still shall not creep
            loss_g = (
                loss_adversarial
                + self.config.lambda_l1 * loss_l1
                + self.config.lambda_features * loss_features
                + self.config.lambda_flow * loss_flow
            )
        self._descend(loss_g, self.optimise_g)

        if self.pool and draw:
            self.pool.put_back(draw, to_levels(drawing.frame[-len(draw.slots) :].detach()).to(torch.uint8))
        self.steps += 1
        self._average()
        return {
            "loss/discriminators": loss_d.detach(),
            "loss/adversarial": loss_adversarial.detach(),
            "loss/features": loss_features.detach(),
            "loss/l1": loss_l1.detach(),
            "loss/flow": loss_flow.detach(),
        }

    def _picture(self, pictures: Tensor) -> Tensor:
        """uint8 from the film or the pool -> float −1…1 on the device."""
        return from_bytes(pictures.to(self.device).contiguous(memory_format=torch.channels_last))

    def _descend(self, loss: Tensor, optimiser: torch.optim.Optimizer) -> None:
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()

    def _average(self) -> None:
        """Exponential moving average of the weights, quicker while there is little to average."""
        decay = min(self.config.ema, (1 + self.steps) / (10 + self.steps))
        with torch.no_grad():
            for mean, now in zip(self.ema.parameters(), self.generator.parameters(), strict=True):
                mean.lerp_(now, 1 - decay)

    # What a checkpoint holds.

    def _parts(self) -> dict[str, Any]:
        parts = {
            "generator": self.generator,
            "ema": self.ema,
            "judges": self.judges,
            "optimise_g": self.optimise_g,
            "optimise_d": self.optimise_d,
        }
        return {**parts, "pool": self.pool} if self.pool else parts

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
        state = {name: part.state_dict() for name, part in self._parts().items()}
        return {**state, "rng": self.rng.get_state(), "steps": self.steps, "seconds": self.seconds}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take up where `state_dict` left off.

        Raises:
            RunError: the state is that of other networks.
        """
        try:
            for name, part in self._parts().items():
                part.load_state_dict(state[name])
            self.rng.set_state(state["rng"])
            self.steps, self.seconds = state["steps"], state["seconds"]
        except (KeyError, RuntimeError, ValueError) as error:
            raise RunError("the checkpoint is that of another version of the networks; train anew") from error


def train(
    training: Training,
    *,
    steps: int | None,
    minutes: float | None,
    on_step: Callable[[dict[str, Tensor]], None],
) -> None:
    """Train until `steps` or `minutes` (of all sessions together) are reached, whichever comes first."""
    while (steps is None or training.steps < steps) and (minutes is None or training.seconds < 60 * minutes):
        began = time.perf_counter()
        scalars = training.step()
        training.seconds += time.perf_counter() - began
        on_step(scalars)


def _placed(network: Network, device: torch.device) -> Network:
    """On the device, in the layout that convolutions like there."""
    return network.to(device=device, memory_format=torch.channels_last)  # type: ignore[call-overload]


def choose_device(name: str) -> torch.device:
    """`auto` takes CUDA or Apple's Metal where there is one, else the CPU."""
    if name != "auto":
        try:
            return torch.zeros(1, device=name).device
        except (RuntimeError, AssertionError) as error:
            raise RunError(
                f"--device {name} cannot be used here ({str(error).splitlines()[0]}); try auto or cpu"
            ) from error
    if torch.cuda.is_available():
        return torch.device("cuda")
    return torch.device("mps" if torch.backends.mps.is_available() else "cpu")


def bf16_pays(device: torch.device) -> bool:
    """Whether the device multiplies bfloat16 in hardware: recent NVIDIA GPUs, CPUs with AMX."""
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    return device.type == "cpu" and bool(torch.cpu.get_capabilities().get("amx_bf16"))
