"""Choice of the device and its arithmetic."""

from __future__ import annotations

import torch

from train.errors import RunError


def choose_device(name: str) -> torch.device:
    """Return the device of this name; for `auto`, CUDA or Apple's Metal where there is one, else the CPU.

    Raises:
        RunError: the device cannot be used.
    """
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


def has_fast_bf16(device: torch.device) -> bool:
    """Return whether the device multiplies bfloat16 in hardware.

    These are recent NVIDIA GPUs, and CPUs with AMX or AVX-512-BF16.
    """
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    able = torch.cpu.get_capabilities()
    return device.type == "cpu" and bool(able.get("amx_bf16") or able.get("avx512_bf16"))
