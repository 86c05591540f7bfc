"""Webcams of this machine, and the stable name of each, which survives a replug."""

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
from cv2_enumerate_cameras import CameraInfo, enumerate_cameras

from live.errors import CameraError

# The interface of each system whose numbers, names and paths belong together. On Windows, DirectShow is also the one
# that lets a program choose format and rate.
BACKENDS = {"linux": cv2.CAP_V4L2, "win32": cv2.CAP_DSHOW, "darwin": cv2.CAP_AVFOUNDATION}
BACKEND = BACKENDS.get(sys.platform, cv2.CAP_ANY)


@dataclass(frozen=True)
class Device:
    """A webcam."""

    index: int
    """Present number, by which OpenCV opens it. After a replug it may be another webcam's."""
    path: str
    """Present place: on Linux /dev/videoN, elsewhere the system's identifier."""
    stable_name: str
    """Name that survives a replug: on Linux a link below /dev/v4l, without a serial number that of its socket."""
    name: str
    """Maker's name."""


@dataclass(frozen=True)
class LinuxFolders:
    """Folders in which Linux describes webcams."""

    by_id: Path = Path("/dev/v4l/by-id")
    """Links by maker, model and serial number."""
    by_socket: Path = Path("/dev/v4l/by-path")
    """Links by socket."""
    interfaces: Path = Path("/sys/class/video4linux")
    """USB interface of each webcam, one folder below its USB device."""


LINUX_FOLDERS = LinuxFolders()


def list_devices(
    *,
    enumerate_backend: Callable[[int], Sequence[CameraInfo]] = enumerate_cameras,
    folders: LinuxFolders = LINUX_FOLDERS,
) -> list[Device]:
    """Return the webcams that are plugged in, by number, without switching one on.

    Args:
        enumerate_backend: Lists the webcams of an OpenCV backend.
        folders: Folders in which Linux describes webcams.
    """
    cameras = sorted(enumerate_backend(BACKEND), key=lambda camera: camera.index)
    by_id, by_socket = _links(folders.by_id), _links(folders.by_socket)
    # If two webcams of one make have no serial numbers (or the same), only one has its link, and each replug may
    # change which one. The second of the two may also be plugged in later.
    ambiguous = {
        camera.name
        for camera in cameras
        if camera.path not in by_id or not _has_serial_number(camera.path, folders.interfaces)
    }
    devices = []
    for camera in cameras:
        path = camera.path or camera.name
        links = by_socket if camera.name in ambiguous else by_id
        devices.append(Device(camera.index, path, links.get(path, path), camera.name))
    return devices


def device_lines(devices: Sequence[Device]) -> Iterator[str]:
    """Yield a line for each webcam: number, stable name and maker's name, each of which `--camera` accepts."""
    for device in devices:
        yield f"{device.index}  {device.stable_name}  {device.name}"


def is_device_name(name: str) -> bool:
    """Return True if `name` can only be a webcam's: a number, or the path of a device."""
    return name.isdecimal() or Path(name).is_char_device()


def find_device(name: str | None, devices: Sequence[Device]) -> Device:
    """Return the one webcam that has this name.

    Args:
        name: Number, stable name, path or maker's name; None for the first webcam.
        devices: Webcams that are plugged in.

    Raises:
        CameraError: No webcam has this name, which may come; or more than one.
    """
    if name is None:
        found = list(devices[:1])
    elif name.isdecimal():
        found = [device for device in devices if device.index == int(name)]
    else:
        found = [device for device in devices if name == device.name or _leads_to(name, device)]
    if len(found) == 1:
        return found[0]
    if found:
        names = " or ".join(device.stable_name for device in found)
        raise CameraError(f"--camera {name}: {len(found)} webcams have this name; give {names}")
    if not devices:
        missing = "there is no webcam" if name is None else f"--camera {name}: no such file, and there is no webcam"
        raise CameraError(f"{missing}; plug one in, or give --camera a video, a picture or a folder", may_pass=True)
    raise CameraError(
        f"--camera {name}: there is no such file or webcam; --list-devices lists the webcams", may_pass=True
    )


def find_again(device: Device, devices: Sequence[Device]) -> Device | None:
    """Return the same webcam under its present number; None if it is not among `devices`."""
    for present in devices:
        if present.name == device.name and _leads_to(device.stable_name, present):
            return present
    return None


def _leads_to(name: str, device: Device) -> bool:
    return name == device.stable_name or os.path.realpath(name) == device.path


def _has_serial_number(path: str, interfaces: Path) -> bool:
    return (interfaces / Path(path).name / "device").resolve().with_name("serial").exists()


def _links(folder: Path) -> dict[str, str]:
    """Return device path → the link in `folder` that leads to it."""
    return {os.path.realpath(link): str(link) for link in sorted(folder.glob("*"))}
