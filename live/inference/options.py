"""Options of the network: the provider and the precision that run it."""

from dataclasses import dataclass
from typing import Literal

from cyclopts import Parameter

from live.option_types import SHOW_GROUP

ProviderChoice = Literal["auto", "tensorrt", "cuda", "tensorrt-rtx", "webgpu", "coreml", "openvino", "cpu"]
PrecisionChoice = Literal["auto", "fp32", "fp16", "int8"]


@Parameter(name="*", group=SHOW_GROUP)
@dataclass(frozen=True, kw_only=True)
class InferenceOptions:
    """Provider and precision that a user asked for."""

    provider: ProviderChoice = "auto"
    """Provider that runs the network: auto takes the best that is installed and works here."""
    precision: PrecisionChoice = "auto"
    """Precision of the network: auto takes the fastest here that the model holds; only the least details differ."""
