"""Checks of the processor: cores, temperature, and what slows it down."""

import re
from collections.abc import Iterator

from live.doctor.case import Case, Machine
from live.doctor.finding import Finding, not_applicable, ok, warning
from live.process.cores import usable_cores

# Degrees Celsius at which most machines begin to slow down.
HOT = 85.0
# Distance from the temperature at which the machine turns itself off.
CLOSE = 10.0
COOL = "clean fan and vents, and give the machine cooler air"
# What a machine without such a sensor tells.
ABSURD = 150.0
GPU_FIELDS = (
    "name,temperature.gpu,clocks_throttle_reasons.hw_thermal_slowdown,clocks_throttle_reasons.sw_thermal_slowdown"
)


def check_cores(case: Case) -> Finding:
    """Compare the cores that the show may use with those of the machine."""
    machine = case.machine
    usable = usable_cores(machine.path("/sys/fs/cgroup"), machine.path("/proc/self/cgroup"))
    fact = f"{usable} of {machine.cores} may be used"
    if usable < machine.cores:
        return warning(
            f"{fact}: a container, a service or an affinity limits the show",
            "raise its limit: docker's --cpus, systemd's CPUQuota= or CPUAffinity=, or taskset",
        )
    if usable == 1:
        return warning(f"{fact}: network, window and encoder share it", "give the machine a second core")
    return ok(fact)


def check_temperature(case: Case) -> Finding:
    """Compare each sensor with the temperature at which the machine turns itself off."""
    sensors = list(_sensors(case.machine))
    if not sensors:
        return not_applicable("this machine shows no sensor")
    name, degrees, limit = max(sensors, key=lambda sensor: sensor[1] - sensor[2])
    fact = f"{name}: {degrees:.0f} °C"
    if degrees >= limit:
        return warning(f"{fact}, which is hot (from {limit:.0f} °C)", COOL)
    return ok(f"{fact}, hot from {limit:.0f} °C")


def _sensors(machine: Machine) -> Iterator[tuple[str, float, float]]:
    """Yield name, degrees Celsius and the degrees from which it is hot, of each sensor."""
    for zone in sorted(machine.path("/sys/class/thermal").glob("thermal_zone*")):
        limits = [
            machine.read(zone / f"{kind.name.removesuffix('_type')}_temp")
            for kind in zone.glob("trip_point_*_type")
            if machine.read(kind) in ("hot", "critical")
        ]
        yield from _sensor(machine.read(zone / "type"), machine.read(zone / "temp"), limits)
    for folder in sorted(machine.path("/sys/class/hwmon").glob("hwmon*")):
        for reading in sorted(folder.glob("temp*_input")):
            limit = machine.read(folder / reading.name.replace("_input", "_crit"))
            yield from _sensor(machine.read(folder / "name"), machine.read(reading), [limit])


def _sensor(name: str, reading: str, limits: list[str]) -> Iterator[tuple[str, float, float]]:
    """Yield a sensor if its reading, in thousandths of a degree, is one."""
    degrees, ends = _degrees(reading), [end for limit in limits if (end := _degrees(limit)) is not None]
    if degrees is not None:
        yield name, degrees, min(ends) - CLOSE if ends else HOT


def _degrees(text: str) -> float | None:
    degrees = int(text) / 1000 if re.fullmatch(r"\d{1,9}", text) else 0.0
    return degrees if 0 < degrees < ABSURD else None


def check_throttling(case: Case) -> Finding:
    """Look whether heat, a weak power supply or a setting slows down processor or GPU."""
    machine = case.machine
    if not machine.is_linux:
        return not_applicable("looked up on Linux alone")
    known = False
    for found in (_frequency_limit(machine), _thermal_throttle(machine), _raspberry_pi(machine), _nvidia(machine)):
        if found is not None:
            known = True
            if found.state != "ok":
                return found
    return ok("nothing slows the processor down") if known else not_applicable("this machine does not tell")


def _frequency_limit(machine: Machine) -> Finding | None:
    shares = []
    for folder in machine.path("/sys/devices/system/cpu").glob("cpu[0-9]*/cpufreq"):
        allowed, most = (machine.read(folder / name) for name in ("scaling_max_freq", "cpuinfo_max_freq"))
        if allowed.isdecimal() and most.isdecimal() and int(most):
            shares.append((int(allowed) / int(most), int(allowed), int(most)))
    if not shares:
        return None
    share, allowed_khz, most_khz = min(shares)
    if share < 0.99:
        return warning(
            f"a setting holds the processor at {allowed_khz / 1e6:.1f} of {most_khz / 1e6:.1f} GHz",
            f"powerprofilesctl set performance, or sudo cpupower frequency-set -u {most_khz // 1000}MHz",
        )
    return ok("")


def _thermal_throttle(machine: Machine) -> Finding | None:
    counts = [
        machine.read(path)
        for path in machine.path("/sys/devices/system/cpu").glob("cpu[0-9]*/thermal_throttle/*_throttle_count")
    ]
    if not counts:
        return None
    most = max((int(count) for count in counts if count.isdecimal()), default=0)
    return warning(f"heat has slowed the processor {most} times since the machine started", COOL) if most else ok("")


def _raspberry_pi(machine: Machine) -> Finding | None:
    said = machine.ask("vcgencmd", "get_throttled")
    found = re.fullmatch(r"throttled=0x([0-9a-fA-F]{1,8})", said or "")
    if not found:
        return None
    # Bits 0 and 16: too little voltage, now and since the start. Those beside them: slowed down by it or by heat.
    bits = int(found[1], 16)
    if bits & 0x10001:
        return warning("too little voltage has slowed this Raspberry Pi", "use the power supply made for it")
    return warning("heat has slowed this Raspberry Pi", COOL) if bits else ok("")


def _nvidia(machine: Machine) -> Finding | None:
    said = machine.ask("nvidia-smi", f"--query-gpu={GPU_FIELDS}", "--format=csv,noheader,nounits")
    for line in (said or "").splitlines():
        name, degrees, *reasons = (word.strip() for word in line.split(","))
        if "Active" in reasons:
            return warning(f"heat slows {name} down at {degrees} °C", COOL)
    return ok("") if said else None
