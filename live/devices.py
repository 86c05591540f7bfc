"""The webcams of this machine, and the name by which each is known again after its plug was pulled."""

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

# The names that Linux makes of maker, model and serial number; by the socket, for webcams without a serial number.
STABLE_NAMES = (Path("/dev/v4l/by-id"), Path("/dev/v4l/by-path"))


@dataclass(frozen=True)
class Device:
    """A webcam."""

    index: int
    """Its present number, which OpenCV opens it by. After a replug it may be another's."""
    stable_name: str
    """What stays: on Linux a path below /dev/v4l, elsewhere what the system identifies it by."""
    name: str
    """What its maker calls it."""


def list_devices() -> list[Device]:
    """The webcams that are plugged in, by number. None of them is switched on for it."""
    links = _stable_links()
    found = [
        Device(camera.index, links.get(camera.path or "", camera.path or camera.name), camera.name)
        for camera in enumerate_cameras(BACKEND)
    ]
    return sorted(found, key=lambda device: device.index)


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
        path = str(Path(name).resolve())
        found = [
            device
            for device in devices
            if name in (device.stable_name, device.name) or path == str(Path(device.stable_name).resolve())
        ]
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
        if (present.stable_name, present.name) == (device.stable_name, device.name):
            return present
    return None


def _stable_links() -> dict[str, str]:
    """Device path → stable name, as far as there is one."""
    links: dict[str, str] = {}
    for folder in STABLE_NAMES:
        for link in sorted(folder.glob("*")):
            links.setdefault(str(link.resolve()), str(link))
    return links
