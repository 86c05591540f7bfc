"""The choice of the device, and of bfloat16."""

import pytest
import torch

from train.errors import RunError
from train.runtime.device import choose_device, has_fast_bf16


def test_a_device_is_chosen_by_its_name() -> None:
    assert choose_device("cpu").type == "cpu"
    with pytest.raises(RunError, match="try auto or cpu"):
        choose_device("abacus")


@pytest.mark.parametrize(
    ("cuda", "mps", "chosen"),
    [(True, True, "cuda"), (True, False, "cuda"), (False, True, "mps"), (False, False, "cpu")],
)
def test_auto_takes_what_there_is(monkeypatch: pytest.MonkeyPatch, cuda: bool, mps: bool, chosen: str) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps)
    assert choose_device("auto").type == chosen


@pytest.mark.parametrize(
    ("capabilities", "fast"),
    [({}, False), ({"avx512": True}, False), ({"avx512_bf16": True}, True), ({"amx_bf16": True}, True)],
)
def test_a_cpu_multiplies_bf16_fast_with_the_right_instructions(
    monkeypatch: pytest.MonkeyPatch, capabilities: dict[str, bool], fast: bool
) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: capabilities)
    assert has_fast_bf16(torch.device("cpu")) is fast
