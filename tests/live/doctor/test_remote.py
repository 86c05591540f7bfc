"""Presets, OSC, MIDI, health."""

from contextlib import closing
from pathlib import Path
from socket import AF_INET, SOCK_DGRAM, SOCK_STREAM, socket

import pytest

import live.doctor.remote
from live.doctor.checks import Check, run_check
from live.doctor.remote import check_health, check_midi, check_osc, check_osc_query, check_presets
from tests.live.doctor.machines import FakeMachine


def test_presets_are_read(machine: FakeMachine, tmp_path: Path) -> None:
    folder = tmp_path / "presets"
    assert check_presets(machine.case("--presets", folder)).state == "ok"
    folder.mkdir()
    (folder / "2.toml").write_text("zoom = 1\n")
    assert check_presets(machine.case("--presets", folder)).fact.endswith(": 2")
    (folder / "3.toml").write_text("zoom = 9\n")
    finding = check_presets(machine.case("--presets", folder))
    assert finding.state == "warning"
    assert "3.toml" in finding.fact
    assert finding.remedy
    missing = run_check(Check("presets", check_presets), machine.case("--preset", tmp_path / "none.toml"))
    assert missing.state == "failed"
    assert "there is no preset" in missing.fact


@pytest.mark.parametrize(
    ("check", "option", "kind", "named"),
    [
        (check_osc, "--osc", SOCK_DGRAM, "ss -lunp"),
        (check_osc_query, "--osc-query", SOCK_STREAM, "ss -ltnp"),
        (check_health, "--health", SOCK_STREAM, "ss -ltnp"),
    ],
)
def test_a_taken_port_fails_and_a_free_one_stays_free(
    machine: FakeMachine, check: object, option: str, kind: int, named: str
) -> None:
    assert callable(check)
    assert check(machine.case()).state == "not applicable"
    osc = ("--osc", "9000") if option == "--osc-query" else ()
    with closing(socket(AF_INET, kind)) as taken:
        taken.bind(("127.0.0.1", 0))
        if kind == SOCK_STREAM:
            taken.listen()
        port = taken.getsockname()[1]
        finding = check(machine.case(option, port, *osc))
        assert finding.state == "failed"
        assert f"port {port} is taken" in finding.fact
        assert named in finding.remedy
        assert check(machine.case(option, port, "--wait", *osc)).state == "warning", "the show waits for it"
    for _ in range(2):
        assert check(machine.case(option, port, *osc)).state == "ok"
    allowed = ("--osc-allow", "203.0.113.2") if option.startswith("--osc") else ()
    elsewhere = machine.case(option, f"203.0.113.1:{port}", *allowed, *osc)
    assert check(elsewhere).state == "failed", "no address of this machine"


def test_the_surface_of_osc_feedback_has_an_address(machine: FakeMachine) -> None:
    assert check_osc(machine.case("--osc-feedback", "192.0.2.1:9001")).fact == "sends to 192.0.2.1:9001"
    finding = check_osc(machine.case("--osc-feedback", "no.such.host.invalid:9001"))
    assert finding.state == "warning"
    assert "the address of no.such.host.invalid is not known" in finding.fact
    assert finding.remedy == "give its number"


def test_midi_is_looked_for(machine: FakeMachine, monkeypatch: pytest.MonkeyPatch) -> None:
    assert check_midi(machine.case()).state == "not applicable"
    case = machine.case("--midi", "nano")
    assert check_midi(case).remedy == "sudo modprobe snd-seq"
    machine.write("/dev/snd/seq")
    names: list[str] = []
    monkeypatch.setattr(live.doctor.remote, "in_process", lambda function, seconds: names)
    finding = check_midi(case)
    assert (finding.state, finding.fact) == ("warning", "no MIDI device nano")
    names += ["Midi Through", "nanoKONTROL2"]
    assert check_midi(case).fact == "nanoKONTROL2"
    assert check_midi(machine.case("--midi")).fact == "Midi Through"
    assert "there are Midi Through" in check_midi(machine.case("--midi", "launch")).fact


def test_the_inputs_of_this_machine_can_be_listed(machine: FakeMachine) -> None:
    machine.write("/dev/snd/seq")
    assert check_midi(machine.case("--midi", "no such device")).state == "warning"


def test_a_bad_midi_map_fails(machine: FakeMachine, tmp_path: Path) -> None:
    (tmp_path / "m.toml").write_text('"cc 1 7" = "nothing"')
    finding = run_check(Check("MIDI", check_midi), machine.case("--midi", "--midi-map", tmp_path / "m.toml"))
    assert finding.state == "failed"
