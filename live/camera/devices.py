"""The webcams of this machine, and the name by which each is known again after its plug was pulled."""

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
from cv2_enumerate_cameras import enumerate_cameras

from live.errors import CameraError

# The interface of each system whose numbers, names and paths belong together; DirectShow is also the one where
# Windows lets a programme choose format and rate.
BACKENDS = {"linux": cv2.CAP_V4L2, "win32": cv2.CAP_DSHOW, "darwin": cv2.CAP_AVFOUNDATION}
BACKEND = BACKENDS.get(sys.platform, cv2.CAP_ANY)

# Links that Linux makes: by maker, model and serial number, and by socket.
BY_ID, BY_SOCKET = Path("/dev/v4l/by-id"), Path("/dev/v4l/by-path")
# What Linux knows of each: its USB interface, one folder below the USB device.
KNOWN = Path("/sys/class/video4linux")


@dataclass(frozen=True)
class Device:
    """A webcam."""

    index: int
    """Its present number, which OpenCV opens it by. After a replug it may be another's."""
    path: str
    """Where it is at present: on Linux /dev/videoN, elsewhere what the system identifies it by."""
    stable_name: str
    """What stays when it is plugged in again: on Linux a link below /dev/v4l, without a serial number its socket's."""
    name: str
    """What its maker calls it."""


def list_devices() -> list[Device]:
    """The webcams that are plugged in, by number. None of them is switched on for it."""
    cameras = sorted(enumerate_cameras(BACKEND), key=lambda camera: camera.index)
    by_id, by_socket = _links(BY_ID), _links(BY_SOCKET)
    # Of two of one make without serial numbers (or with the same) only one has its link, and which one may change with
    # every plug; that there are two may turn out later.
    doubtful = {camera.name for camera in cameras if camera.path not in by_id or not _has_serial_number(camera.path)}
    devices = []
    for camera in cameras:
        path = camera.path or camera.name
        links = by_socket if camera.name in doubtful else by_id
        devices.append(Device(camera.index, path, links.get(path, path), camera.name))
    return devices


def device_lines() -> Iterator[str]:
    """What `--list-devices` prints: number, stable name and maker's name, each of which `--camera` takes."""
    for device in list_devices():
        yield f"{device.index}  {device.stable_name}  {device.name}"


def is_device_name(name: str) -> bool:
    """Whether `name` can only be a webcam's: a number, or the path of a device."""
    return name.isdecimal() or Path(name).is_char_device()


def find_device(name: str | None) -> Device:
    """The one webcam that is called `name` (number, stable name, path or maker's name); the first if None.

    Raises `CameraError` if there is none, or more than one.
    """
    devices = list_devices()
    if name is None:
        found = devices[:1]
    elif name.isdecimal():
        found = [device for device in devices if device.index == int(name)]
    else:
        found = [device for device in devices if name == device.name or _leads_to(name, device)]
    if len(found) == 1:
        return found[0]
    if found:
        names = " or ".join(device.stable_name for device in found)
        raise CameraError(f"--camera {name}: {len(found)} webcams are called so; give {names}")
    if not devices:
        missing = "there is no webcam" if name is None else f"--camera {name}: no such file, and there is no webcam"
        raise CameraError(f"{missing}; plug one in, or give --camera a video, a picture or a folder")
    raise CameraError(f"--camera {name}: there is no such file or webcam; --list-devices says what there is")


def find_again(device: Device) -> Device | None:
    """The same webcam under its present number; None if it is not plugged in now, whatever else may be."""
    for present in list_devices():
        if present.name == device.name and _leads_to(device.stable_name, present):
            return present
    return None


def _leads_to(name: str, device: Device) -> bool:
    return name == device.stable_name or os.path.realpath(name) == device.path


def _has_serial_number(path: str) -> bool:
    return (KNOWN / Path(path).name / "device").resolve().with_name("serial").exists()


def _links(folder: Path) -> dict[str, str]:
    """Device path → the link in `folder` that leads to it."""
    return {os.path.realpath(link): str(link) for link in sorted(folder.glob("*"))}
