"""Faults of what a show hears and sees: webcams, camera files, OSC."""

import random
import socket
import time
from collections.abc import Sequence
from fractions import Fraction
from functools import partial

import av
import numpy as np

from tests.campaign.runner import Bar, Fault, light
from tests.campaign.stage import Stage

SEED = 16
DATAGRAMS = 20_000


def _webcam(deed: str, stage: Stage) -> None:
    stage.webcam(deed)


def _broken_webcam(name: str, deed: str, said: str, seconds: float = 4.0) -> Fault:
    return Fault(
        f"the webcam {name}",
        partial(_webcam, deed),
        said,
        partial(_webcam, "deliver"),
        seconds=seconds,
        recovered=Stage.webcam_leads,
    )


def _clip(stage: Stage, *, size: tuple[int, int], rate: int, frames: int) -> Sequence[object]:
    """Write a film, and return the options that put it before the camera."""
    path = stage.folder / "clip.mp4"
    with av.open(path, "w") as container:
        stream = container.add_stream("libx264", rate=Fraction(rate), options={"preset": "ultrafast"})
        stream.height, stream.width, stream.pix_fmt = *size, "yuv420p"
        stream.time_base = Fraction(1, rate)
        for number in range(frames):
            picture = av.VideoFrame.from_ndarray(np.full((*size, 3), number * 9 % 256, np.uint8), "rgb24")
            picture.pts, picture.time_base = number, Fraction(1, rate)
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))
    return ("--camera", path)


def _noise(stage: Stage) -> None:
    chance = random.Random(SEED)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for _ in range(DATAGRAMS):
            sender.sendto(chance.randbytes(chance.randrange(1, 200)), ("127.0.0.1", stage.port))


def _flood(addresses: Sequence[str], stage: Stage) -> None:
    end = time.monotonic() + 2.0
    while time.monotonic() < end:
        for address in addresses:
            stage.osc(address)
        time.sleep(0.002)


def _own_address() -> str:
    """Return the address by which other machines know this one; a show takes its messages for theirs."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        # Nothing is sent: the system only chooses the address from which it would be.
        probe.connect(("192.0.2.1", 9))
        return str(probe.getsockname()[0])


def _in_public(stage: Stage) -> Sequence[object]:
    return ("--osc", f"0.0.0.0:{stage.port}", "--osc-allow", _own_address())


def _quit_from_outside(stage: Stage) -> None:
    for _ in range(100):
        stage.osc("/quit", host=_own_address())


def _few_files(stage: Stage) -> bool:
    """Return whether a flood wrote no more than a few files."""
    return len([*(stage.folder / "out").iterdir(), *(stage.folder / "snapshots").iterdir()]) < 15


FAULTS = (
    _broken_webcam("hangs", "hang", r"camera: .*hangs", 6.0),
    _broken_webcam("kills its process", "die", r"camera: .*"),
    _broken_webcam("is unplugged", "unplug", r"camera: .*"),
    _broken_webcam("is black", "black", r"camera: .*is black", 6.0),
    _broken_webcam("repeats its last picture", "repeat", r"camera: .*repeats", 6.0),
    Fault(
        "a camera file of 4K and 60 frames/s",
        light,
        options=partial(_clip, size=(2160, 3840), rate=60, frames=60),
        at_start=True,
        seconds=5.0,
    ),
    Fault(
        "a camera file of 1,000,000 frames/s",
        light,
        r"clip\.mp4 is slow to read",
        options=partial(_clip, size=(48, 64), rate=1_000_000, frames=2000),
        at_start=True,
        seconds=5.0,
    ),
    Fault("20,000 random datagrams to OSC", _noise),
    Fault("OSC: a flood of /fullscreen", partial(_flood, ["/fullscreen"])),
    Fault(
        "OSC: a flood of /record and /snapshot",
        partial(_flood, ["/record", "/snapshot"]),
        recovered=_few_files,
        lost=Bar(9.0, "a recording that a message switched off takes no frames"),
    ),
    Fault("OSC in public: /quit", _quit_from_outside, r"quit", options=_in_public),
)
