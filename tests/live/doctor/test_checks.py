"""The list of checks, and the run of one: it neither raises nor hangs."""

import threading
from collections import Counter

import pytest

from live.doctor.case import Case
from live.doctor.checks import CHECKS, Check, run_check
from live.doctor.finding import Finding, ok
from live.errors import DisplayError
from tests.live.doctor.machines import FakeMachine


def test_every_check_has_a_name_of_its_own() -> None:
    assert max(Counter(check.name for check in CHECKS).values()) == 1


def test_an_error_of_the_show_is_a_failure_with_its_remedy(machine: FakeMachine) -> None:
    def examine(case: Case) -> Finding:
        raise DisplayError("there is no display 3; the last one is --display 1")

    finding = run_check(Check("display", examine), machine.case())
    assert finding == Finding("failed", "there is no display 3", "the last one is --display 1")


def test_what_the_show_waits_for_is_a_warning(machine: FakeMachine) -> None:
    for may_pass, state in ((True, "warning"), (False, "failed")):

        def examine(case: Case, may_pass: bool = may_pass) -> Finding:
            raise DisplayError("there is no display; plug one in", may_pass=may_pass)

        assert run_check(Check("display", examine), machine.case("--wait")).state == state
        assert run_check(Check("display", examine), machine.case()).state == "failed"


def test_a_check_that_hangs_or_breaks_fails_only_if_the_show_needs_it(
    machine: FakeMachine, capsys: pytest.CaptureFixture[str]
) -> None:
    released = threading.Event()

    def hang(case: Case) -> Finding:
        released.wait()
        return ok("")

    def break_off(case: Case) -> Finding:
        raise ZeroDivisionError("a defect")

    for essential, state in ((True, "failed"), (False, "warning")):
        hanging = run_check(Check("a", hang, essential, seconds=0.1), machine.case())
        assert (hanging.state, hanging.fact) == (state, "no answer within 0.1 s")
        broken = run_check(Check("a", break_off, essential), machine.case())
        assert (broken.state, broken.fact) == (state, "cannot be checked (ZeroDivisionError: a defect)")
        assert hanging.remedy
        assert broken.remedy
    released.set()
    assert capsys.readouterr().err == ""
    run_check(Check("a", break_off), machine.case("--debug"))
    assert "ZeroDivisionError" in capsys.readouterr().err


@pytest.mark.parametrize("system", ["linux", "darwin", "win32"])
def test_every_check_answers_on_a_machine_that_tells_nothing(machine: FakeMachine, system: str) -> None:
    machine = FakeMachine(machine.root, system=system)
    case = machine.case("--model", machine.root / "nowhere", "--headless", "--virtual-camera-fit", "fill")
    for check in CHECKS:
        finding = run_check(check, case)
        assert "cannot be checked" not in finding.fact, check.name
        assert finding.fact
        assert bool(finding.remedy) == (finding.state in ("warning", "failed")), check.name
