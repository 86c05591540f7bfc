"""Checks of the camera and the sound that the show follows. No webcam and no audio input is switched on."""

import os
from dataclasses import dataclass
from importlib.util import find_spec

from live.audio.open_input import INSTALL, sound_file
from live.audio.sound_file import SoundFile
from live.bundle.bundle import Bundle
from live.camera.options import CameraOptions
from live.doctor.case import Case
from live.doctor.finding import Finding, failed, not_applicable, ok, warning
from live.doctor.holders import holders
from live.outputs.virtual_camera_messages import advice
from live.process.bounded import in_process

# Windows takes long to list its webcams.
LISTING_SECONDS = 40.0
AUDIO_SECONDS = 10.0


@dataclass(frozen=True)
class CameraFacts:
    """Webcams of a machine, and the source that the show asks for."""

    webcams: tuple[tuple[str, str], ...]
    """(path, maker's name) of each."""
    source: str
    """Path of the webcam that the show asks for; empty if it asks for a file or none."""
    file: str
    """File or folder that the show asks for; empty if it asks for none."""
    program: str = ""
    """Picture of another program that the show asks for; empty if it asks for none."""


def check_camera(case: Case) -> Finding:
    """Check that the source is there, and name the programs that have a webcam open."""
    settings, machine = case.settings, case.machine
    if case.bundle is None and settings.camera.camera is not None:
        return not_applicable("without a model, no camera can be tried")
    facts = in_process(look_for_cameras, settings.camera, case.bundle, settings.headless, seconds=LISTING_SECONDS)
    if facts.file:
        return ok(f"{facts.file} can be played")
    if facts.program:
        return ok(f"{facts.program} is looked for during the show")
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
    from live.camera.programs.sources import is_program, program_source

    name = options.camera
    if name is not None and is_program(name) and not headless:
        program_source(name)
        return CameraFacts((), "", "", name)
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


def check_audio(case: Case) -> Finding:
    """Check that the sound is there, and name the audio inputs that are plugged in."""
    wanted = case.settings.audio.audio
    if wanted is False:
        return not_applicable("not asked for (--audio)")
    path = sound_file(case.settings.audio)
    if path:
        SoundFile(path, channels=1, option="--audio")
        return ok(f"{path} can be played")
    if case.settings.headless:
        return failed("--headless cannot listen to an audio input", "give --audio a sound file")
    if find_spec("miniaudio") is None:
        return failed("miniaudio is not installed", INSTALL)
    names = in_process(input_names, seconds=AUDIO_SECONDS)
    found = [name for name in names if not isinstance(wanted, str) or wanted.lower() in name.lower()]
    others = f"; there are {', '.join(names)}" if names else ""
    if not found:
        what = f"no audio input {wanted}" if isinstance(wanted, str) else "no audio input"
        return warning(f"{what}{others}", "plug it in, now or during the show")
    return ok(found[0] if isinstance(wanted, str) else f"the system's own{others}")


def input_names() -> list[str]:
    """Return the names of the audio inputs that are plugged in."""
    # It loads miniaudio, which only this process needs.
    from live.audio.inputs import list_inputs

    return list_inputs()
