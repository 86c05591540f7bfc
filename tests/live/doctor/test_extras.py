"""Libraries that only some shows need."""

import pytest

from live.doctor.checks import Check, run_check
from live.doctor.remote import check_extras
from tests.live.doctor.machines import FakeMachine


@pytest.mark.parametrize(
    ("arguments", "there", "state", "fact"),
    [
        ("", False, "not applicable", "not asked for"),
        ("--link --ndi", True, "ok", "NDI, Ableton Link: installed"),
        ("--link", False, "failed", "LinkPython-extern is not installed"),
        ("--ndi", False, "failed", "--ndi needs cyndilib"),
        ("--syphon", True, "failed", "Syphon is of macOS alone"),
    ],
)
def test_what_the_show_asks_for_must_be_there(
    machine: FakeMachine, monkeypatch: pytest.MonkeyPatch, arguments: str, there: bool, state: str, fact: str
) -> None:
    for module in ("live.doctor.remote", "live.outputs.devices.sharing"):
        monkeypatch.setattr(f"{module}.find_spec", lambda name: there or None)
    finding = run_check(Check("extras", check_extras), machine.case(*arguments.split()))
    assert finding.state == state
    assert fact in finding.fact
