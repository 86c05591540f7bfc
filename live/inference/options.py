"""Which provider and precision run the network."""

from typing import Literal

ProviderChoice = Literal["auto", "tensorrt", "cuda", "cpu"]


PrecisionChoice = Literal["auto", "fp32", "fp16", "int8"]
