"""Errors of virtual cameras: shortened to one line, and what to do about each."""

import re
import sys

INSTALL = {
    "linux": 'sudo modprobe v4l2loopback exclusive_caps=1 card_label="Ninety Seconds After" '
    "(from the package v4l2loopback-dkms) makes one",
    "win32": "install OBS 26 or newer, and start and stop its virtual camera once",
    "darwin": "install OBS 30 or newer, start and stop its virtual camera once, and allow the extension it asks for",
}


def first_sentences(message: str) -> str:
    """Return the first sentence of each of pyvirtualcam's backends, which report their errors one to a line."""
    lines = [line.partition("backend: ")[2] or line for line in message.splitlines()]
    return ", ".join(re.split(r"(?<=[.!?])\s", line)[0].rstrip(".!?") for line in lines)


def advice(reason: str, system: str = sys.platform) -> str:
    """Return what to do about a failure.

    Args:
        reason: Message of the `VirtualCameraError`.
        system: Operating system, as `sys.platform` names it.
    """
    if "permission" in reason:
        return "add yourself to the group `video` (sudo usermod -a -G video $USER) and log in again"
    if re.search(r"busy|in use|could not be started|Invalid argument|took no picture|ended", reason):
        return "close any other program that writes to it, or name another device"
    return INSTALL.get(system, "see pyvirtualcam's documentation for what this system needs")
