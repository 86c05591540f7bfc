"""What a live source is, and how the one that `--camera` names is opened.

A camera is only ever opened if it was asked for, and nothing that it sees is stored.
"""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Protocol

from live.camera.options import CameraSettings
from live.errors import CameraError
from live.frame import Pixels

FRESH_SECONDS = 1.0
"""A source from which nothing fresh has come for so long is silent."""


@dataclass(frozen=True, slots=True, eq=False)
class CapturedFrame:
    """One picture of a live source, in the bundle's size."""

    pixels: Pixels
    """uint8 [height, width, 3], RGB."""
    captured_at: float
    """When the driver handed it over (or it was taken from its file), in seconds of `time.perf_counter`."""


class Source(Protocol):
    """Something live that the film can follow. Its methods never wait for long, and never again and again."""

    name: str
    """What the HUD calls it."""
    mirror: bool
    """Whether left and right are exchanged; may be changed between two frames."""

    def picture(self, index: int) -> CapturedFrame | None:
        """The picture for frame `index` of the show, which never falls; None: silence, there is no fresh one."""
        ...

    @property
    def trouble(self) -> str:
        """Why it is silent ("is not plugged in"); empty if it is not."""
        ...

    def close(self) -> None:
        """Let go of it."""
        ...


def open_source(
    settings: CameraSettings, *, size: tuple[int, int], frame_rate: Fraction, headless: bool
) -> Source | None:
    """The source that the settings ask for, pictures of `size` (height, width) for `frame_rate` frames a second.

    None if they ask for none. A name is a webcam's number or name, else a file or a folder's; without a name,
    `--mode camera` takes the first webcam. Raises `CameraError` if there is no such source, if nothing in it is a
    picture, or if it is a webcam and the show is `headless`.
    """
    if settings.camera is None and settings.mode == "film":
        return None
    # Here, because they take a while to load and most shows have no camera.
    from live.camera.devices import find_device, is_device_name
    from live.camera.media_files import MediaFiles
    from live.camera.webcam import Webcam

    name = settings.camera
    try:
        is_file = name is not None and Path(name).exists() and not is_device_name(name)
    except OSError as error:
        raise CameraError(f"--camera {name} cannot be looked for ({error.strerror}); give another name") from error
    if name is not None and is_file:
        return MediaFiles(
            Path(name),
            size=size,
            frame_rate=frame_rate,
            mirror=settings.mirror is True,
            # Without a window nobody waits for a frame, and the frames must be the same every time.
            patience=None if headless else FRESH_SECONDS,
        )
    if headless:
        asked = "the first webcam"
        if name is not None:
            asked = f"--camera {name} ({'a webcam' if is_device_name(name) else 'there is no such file'})"
        raise CameraError(
            f"--headless makes frames as fast as they come, faster than {asked} could; "
            "give --camera a video, a picture or a folder"
        )
    return Webcam(
        find_device(name),
        size=size,
        frame_rate=frame_rate,
        mirror=settings.mirror is not False,
        lock_exposure=settings.lock_exposure,
    )
