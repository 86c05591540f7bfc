"""Cores, temperature, throttling."""

import pytest

from live.doctor.processor import check_cores, check_temperature, check_throttling
from live.process.cores import usable_cores
from tests.live.doctor.machines import FakeMachine

CPU = "/sys/devices/system/cpu"


def test_a_quota_of_cores_is_a_warning(machine: FakeMachine) -> None:
    machine._cores = usable_cores()
    machine.write("/proc/self/cgroup", "0::/show\n")
    machine.write("/sys/fs/cgroup/show/cpu.max", "max 100000\n")
    expected = "ok" if machine._cores > 1 else "warning"
    assert check_cores(machine.case()).state == expected
    machine._cores = 64
    machine.write("/sys/fs/cgroup/show/cpu.max", "50000 100000\n")
    finding = check_cores(machine.case())
    assert finding.state == "warning"
    assert finding.fact.startswith("1 of 64 may be used")


def test_the_hottest_sensor_is_told(machine: FakeMachine) -> None:
    assert check_temperature(machine.case()).state == "not applicable"
    zone = "/sys/class/thermal/thermal_zone0"
    machine.write(f"{zone}/type", "acpitz\n")
    machine.write(f"{zone}/temp", "61000\n")
    finding = check_temperature(machine.case())
    assert (finding.state, finding.fact) == ("ok", "acpitz: 61 °C, hot from 85 °C")
    machine.write("/sys/class/hwmon/hwmon3/name", "k10temp\n")
    machine.write("/sys/class/hwmon/hwmon3/temp1_input", "88125\n")
    assert check_temperature(machine.case()).fact == "k10temp: 88 °C, which is hot (from 85 °C)"
    machine.write("/sys/class/hwmon/hwmon3/temp1_crit", "105000\n")
    assert check_temperature(machine.case()).fact == "k10temp: 88 °C, hot from 95 °C"
    # A machine that turns itself off at 70 °C is in trouble at 61.
    machine.write(f"{zone}/trip_point_0_type", "critical\n")
    machine.write(f"{zone}/trip_point_0_temp", "70000\n")
    assert check_temperature(machine.case()).fact == "acpitz: 61 °C, which is hot (from 60 °C)"


@pytest.mark.parametrize("reading", ["", "-273000", "0", "4294967295", "warm"])
def test_a_sensor_that_is_none_is_passed_over(machine: FakeMachine, reading: str) -> None:
    machine.write("/sys/class/thermal/thermal_zone0/temp", reading)
    assert check_temperature(machine.case()).state == "not applicable"


def test_what_slows_the_processor_down_is_told(machine: FakeMachine) -> None:
    assert check_throttling(machine.case()).state == "not applicable"
    for name, value in (("scaling_max_freq", "3400000"), ("cpuinfo_max_freq", "3400000")):
        machine.write(f"{CPU}/cpu0/cpufreq/{name}", value)
    assert check_throttling(machine.case()).state == "ok"
    machine.write(f"{CPU}/cpu0/cpufreq/scaling_max_freq", "1200000")
    assert check_throttling(machine.case()).fact == "a setting holds the processor at 1.2 of 3.4 GHz"
    machine.write(f"{CPU}/cpu0/cpufreq/scaling_max_freq", "3400000")
    machine.write(f"{CPU}/cpu1/thermal_throttle/core_throttle_count", "12\n")
    assert "slowed the processor 12 times" in check_throttling(machine.case()).fact


@pytest.mark.parametrize(
    ("said", "fact"),
    [
        ("throttled=0x0", "nothing slows the processor down"),
        ("throttled=0x50000", "too little voltage has slowed this Raspberry Pi"),
        ("throttled=0x20002", "heat has slowed this Raspberry Pi"),
        ("error", "this machine does not tell"),
    ],
)
def test_a_raspberry_pi_is_asked(machine: FakeMachine, said: str, fact: str) -> None:
    machine.program("vcgencmd", said)
    assert check_throttling(machine.case()).fact == fact


def test_a_gpu_is_asked(machine: FakeMachine) -> None:
    machine.program("nvidia-smi", "NVIDIA RTX A2000, 51, Not Active, Not Active")
    assert check_throttling(machine.case()).state == "ok"
    machine.program("nvidia-smi", "NVIDIA RTX A2000, 93, Not Active, Active")
    assert check_throttling(machine.case()).fact == "heat slows NVIDIA RTX A2000 down at 93 °C"
    machine.program("nvidia-smi", "NVIDIA-SMI has failed", code=9)
    assert check_throttling(machine.case()).state == "not applicable"
