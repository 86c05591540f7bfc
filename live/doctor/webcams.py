"""Check of the camera that the show follows, and of all webcams. None is switched on."""

import os
from dataclasses import dataclass

from live.bundle.bundle import Bundle
from live.camera.options import CameraOptions
from live.doctor.case import Case
from live.doctor.finding import Finding, failed, not_applicable, ok, warning
from live.doctor.holders import holders
from live.outputs.virtual_camera_messages import advice
from live.process.bounded import in_process

# Windows takes long to list its webcams.
LISTING_SECONDS = 40.0


@dataclass(frozen=True)
class CameraFacts:
    """Webcams of a machine, and the source that the show asks for."""

    webcams: tuple[tuple[str, str], ...]
    """(path, maker's name) of each."""
    source: str
    """Path of the webcam that the show asks for; empty if it asks for a file or none."""
    file: str
    """File or folder that the show asks for; empty if it asks for none."""


def check_camera(case: Case) -> Finding:
    """Check that the source is there, and name the programs that have a webcam open."""
    settings, machine = case.settings, case.machine
    if case.bundle is None and settings.camera.camera is not None:
        return not_applicable("without a model, no camera can be tried")
    facts = in_process(look_for_cameras, settings.camera, case.bundle, settings.headless, seconds=LISTING_SECONDS)
    if facts.file:
        return ok(f"{facts.file} can be played")
    used = {path: ", ".join(holders(machine, path)) for path, _ in facts.webcams} if machine.is_linux else {}
    if not facts.source:
        names = [f"{name} (open in {used[path]})" if used.get(path) else name for path, name in facts.webcams]
        return ok(f"not asked for; plugged in: {', '.join(names)}") if names else not_applicable("none, and none asked")
    name = dict(facts.webcams)[facts.source]
    if machine.is_linux and not os.access(machine.path(facts.source), os.R_OK | os.W_OK):
        return failed(f"{name} may not be opened", advice("permission", machine.system))
    if held_by := used.get(facts.source):
        return warning(f"{name} is open in {held_by}", "close it: most webcams serve one program at a time")
    return ok(f"{name} ({facts.source})")


def look_for_cameras(options: CameraOptions, bundle: Bundle | None, headless: bool) -> CameraFacts:
    """Look for the source that the options ask for, and list all webcams.

    Args:
        options: The options of the camera.
        bundle: The bundle, for the size of a file's pictures; not needed for webcams.
        headless: True if the show has no window.

    Raises:
        CameraError: There is no such source.
    """
    # They take a while to load, and only this process needs them.
    from live.camera.devices import find_device, list_devices
    from live.camera.open_source import is_media, open_source

    name = options.camera
    asked = name is not None or options.mode == "camera"
    if bundle is not None and asked and (headless or (name is not None and is_media(name))):
        # With --headless, a webcam is refused here.
        source = open_source(
            options, size=(bundle.graph.height, bundle.graph.width), frame_rate=bundle.frame_rate, headless=headless
        )
        if source is not None:
            source.close()
        return CameraFacts((), "", str(name))
    devices = list_devices()
    found = find_device(name, devices).path if asked else ""
    return CameraFacts(tuple((device.path, device.name) for device in devices), found, "")
