"""Names of the pictures of other programs, such as `ndi:STUDIO (Camera 1)`."""

import sys
from importlib.util import find_spec

from live.camera.devices import Device
from live.camera.programs import ndi, spout, syphon
from live.camera.webcam_process import OpenCapture
from live.errors import CameraError

# The module that must be there, its name on PyPI, and the only system that has it.
LIBRARIES = {
    "ndi": ("cyndilib", "cyndilib", ""),
    "spout": ("SpoutGL", "SpoutGL", "win32"),
    "syphon": ("syphon", "syphon-python", "darwin"),
}
OPENERS: dict[str, OpenCapture] = {"ndi": ndi.open_source, "spout": spout.open_source, "syphon": syphon.open_source}


def is_program(name: str) -> bool:
    """Return True if `--camera` names the picture of another program."""
    way, colon, _ = name.partition(":")
    return bool(colon) and way in LIBRARIES


def program_source(name: str, system: str = sys.platform) -> tuple[Device, OpenCapture]:
    """Return a source as a webcam's process takes it: the device, and what opens it there.

    Args:
        name: `ndi:`, `spout:` or `syphon:`, and a part of the source's name; nothing more for the first one found.
        system: Operating system, as `sys.platform` names it.

    Raises:
        CameraError: The system or its library is missing.
    """
    way = name.partition(":")[0]
    library, package, only = LIBRARIES[way]
    if only and only != system:
        where = {"win32": "Windows", "darwin": "macOS"}[only]
        raise CameraError(f"--camera {name}: {way.capitalize()} is of {where} alone; give another camera")
    if find_spec(library) is None:
        raise CameraError(f'--camera {name} needs {package}; pip install -e ".[{way}]" brings it')
    return Device(0, "", name, name), OPENERS[way]
