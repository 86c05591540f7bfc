"""Checks of the virtual camera: the driver's module, and that it is there after a restart of the machine."""

import os
from collections.abc import Iterable
from importlib.util import find_spec

from live.doctor.case import Case, Machine
from live.doctor.finding import Finding, failed, not_applicable, ok, warning
from live.doctor.holders import holders
from live.outputs.virtual_camera_messages import INSTALL, advice

MODULE = "v4l2loopback"
OPTIONS = 'exclusive_caps=1 card_label="Ninety Seconds After"'
LOAD = f"sudo modprobe {MODULE} {OPTIONS}"
CONFIGURATIONS = ("/etc", "/run", "/usr/local/lib", "/usr/lib")
LOAD_FOLDERS = tuple(f"{place}/modules-load.d" for place in CONFIGURATIONS)
OPTION_FOLDERS = tuple(f"{place}/modprobe.d" for place in CONFIGURATIONS)
NOT_ASKED = not_applicable("not asked for (--virtual-camera)")


def check_module(case: Case) -> Finding:
    """Check that there is a virtual camera to show the picture on."""
    machine, wanted = case.machine, case.settings.virtual_camera.virtual_camera
    if not wanted:
        return NOT_ASKED
    if find_spec("pyvirtualcam") is None:
        return failed("pyvirtualcam is not installed", "pip install -e .")
    if not machine.is_linux:
        return not_applicable(f"looked up on Linux alone; here, {INSTALL.get(machine.system, 'see pyvirtualcam')}")
    if not machine.path(f"/sys/module/{MODULE}").is_dir():
        if machine.ask("modinfo", "-n", MODULE):
            return failed(f"the module {MODULE} is not loaded", LOAD)
        return failed(f"the module {MODULE} is not installed", f"sudo apt install {MODULE}-dkms && {LOAD}")
    devices = _devices(machine)
    if not devices:
        return failed(f"the module {MODULE} has made no device", f"sudo modprobe -r {MODULE} && {LOAD}")
    if isinstance(wanted, str):
        devices = {path: name for path, name in devices.items() if wanted in (path, name)}
        if not devices:
            return failed(f"there is no virtual camera {wanted}", f"--virtual-camera {next(iter(_devices(machine)))}")
    path, name = next(iter(devices.items()))
    if not os.access(machine.path(path), os.R_OK | os.W_OK):
        return failed(f"{path} may not be written to", advice("permission", machine.system))
    if held_by := holders(machine, path):
        return warning(
            f"{path} ({name}) is open in {', '.join(held_by)}", "close it, if it writes to the device as the show would"
        )
    if "Y" not in machine.read(f"/sys/module/{MODULE}/parameters/exclusive_caps"):
        return warning(
            f"{path} ({name}) is no camera to Chrome without exclusive_caps=1", f"sudo modprobe -r {MODULE} && {LOAD}"
        )
    return ok(f"{path} ({name})")


def check_module_at_start(case: Case) -> Finding:
    """Check that the module is loaded when the machine starts, with its options."""
    machine = case.machine
    if not case.settings.virtual_camera.virtual_camera:
        return NOT_ASKED
    if not machine.is_linux:
        return not_applicable("the driver of this system stays")
    missing, remedies = [], []
    if [MODULE] not in _lines(machine, LOAD_FOLDERS, "/etc/modules"):
        missing.append("it is not loaded")
        remedies.append(f"echo {MODULE} | sudo tee /etc/modules-load.d/{MODULE}.conf")
    options = [line[2:] for line in _lines(machine, OPTION_FOLDERS) if line[:2] == ["options", MODULE]]
    if not any(option.startswith("exclusive_caps=1") for line in options for option in line):
        missing.append("exclusive_caps=1 is not set")
        remedies.append(f"echo 'options {MODULE} {OPTIONS}' | sudo tee /etc/modprobe.d/{MODULE}.conf")
    if missing:
        return warning(f"after a restart of the machine, {' and '.join(missing)}", " && ".join(remedies))
    return ok("loaded when the machine starts, with exclusive_caps=1")


def _lines(machine: Machine, folders: Iterable[str], *files: str) -> list[list[str]]:
    """Return the lines of all *.conf in `folders`, and of `files`, as words."""
    paths = [path for folder in folders for path in sorted(machine.path(folder).glob("*.conf"))]
    texts = [machine.read(path) for path in (*paths, *map(machine.path, files))]
    return [line.split() for text in texts for line in text.splitlines()]


def _devices(machine: Machine) -> dict[str, str]:
    """Return device path → name of each video device that no hardware stands behind."""
    found = {}
    for folder in sorted(machine.path("/sys/class/video4linux").glob("video*")):
        if "virtual" in folder.resolve().parts:
            found[f"/dev/{folder.name}"] = machine.read(folder / "name")
    return found
