"""Options of the network: the provider and the precision that run it."""

from dataclasses import dataclass
from typing import Literal

from cyclopts import Group, Parameter

ProviderChoice = Literal["auto", "tensorrt", "cuda", "cpu"]
PrecisionChoice = Literal["auto", "fp32", "fp16", "int8"]


# Equal to the group of the settings that compose these: `--help` lists them among the options of the show.
@Parameter(name="*", group=Group("Show", sort_key=1))
@dataclass(frozen=True, kw_only=True)
class InferenceOptions:
    """Provider and precision that a user asked for."""

    provider: ProviderChoice = "auto"
    """Provider that runs the network: auto takes the best that works here, of TensorRT, CUDA and the CPU."""
    precision: PrecisionChoice = "auto"
    """Precision of the network: auto takes the fastest here that the model holds; only the least details differ."""
