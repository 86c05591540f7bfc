"""Open the source that `--camera` names.

A camera is opened only if an option asks for it, and nothing that it sees is stored.
"""

from fractions import Fraction
from functools import partial
from pathlib import Path

from live.camera.awaited_source import AwaitedSource
from live.camera.options import CameraOptions
from live.camera.source import FRESH_SECONDS, Source
from live.errors import CameraError


def open_source(
    options: CameraOptions, *, size: tuple[int, int], frame_rate: Fraction, headless: bool, wait: bool = False
) -> Source | None:
    """Open the source that the options ask for.

    A name is the number or name of a webcam, the name of another program's picture, or the path of a file or folder.
    Without a name, `--mode camera` takes the first webcam.

    Args:
        options: The options of the camera.
        size: (height, width) of the frames to deliver.
        frame_rate: Frames a second of the show.
        headless: True if the show has no window, which excludes webcams.
        wait: True if a source that is missing is waited for: until it comes, it is silent.

    Returns:
        The source; None if the options ask for none.

    Raises:
        CameraError: There is no such source, which may pass; it holds no picture; its library is missing; or it is no
            file and the show is headless.
    """
    if options.camera is None and options.mode == "film":
        return None
    open_now = partial(_open_present, options, size=size, frame_rate=frame_rate, headless=headless)
    if wait:
        return AwaitedSource(f"camera {options.camera}" if options.camera else "the first webcam", open_now)
    return open_now()


def _open_present(options: CameraOptions, *, size: tuple[int, int], frame_rate: Fraction, headless: bool) -> Source:
    """Open a source that is there; see `open_source`."""
    # Imported here because they take a while to load and most shows have no camera.
    from live.camera.devices import find_device, is_device_name, list_devices
    from live.camera.media_files import MediaFiles
    from live.camera.programs.sources import is_program, program_source
    from live.camera.webcam import Webcam

    name = options.camera
    if name is not None and is_program(name):
        if headless:
            raise CameraError(f"--camera {name} sends pictures as they happen; leave out --headless")
        device, open_capture = program_source(name)
        return Webcam(
            device,
            size=size,
            frame_rate=frame_rate,
            mirror=options.mirror is True,
            lock_exposure=False,
            open_capture=open_capture,
        )
    if name is not None and is_media(name):
        if not (Path(name).is_file() or Path(name).is_dir()):
            raise CameraError(f"--camera {name} is a pipe or a device; give a video, a picture, a folder or a webcam")
        return MediaFiles(
            Path(name),
            size=size,
            frame_rate=frame_rate,
            mirror=options.mirror is True,
            # A headless show has time to wait, and its frames must be the same every time.
            timeout=None if headless else FRESH_SECONDS,
        )
    if headless:
        asked = "the first webcam"
        if name is not None:
            asked = f"--camera {name} ({'a webcam' if is_device_name(name) else 'there is no such file'})"
        raise CameraError(
            f"--headless renders frames faster than {asked} could deliver them; "
            "give --camera a video, a picture or a folder"
        )
    return Webcam(
        find_device(name, list_devices()),
        size=size,
        frame_rate=frame_rate,
        mirror=options.mirror is not False,
        lock_exposure=options.lock_exposure,
    )


def is_media(name: str) -> bool:
    """Return True if `--camera` names a file or folder; False if it names a webcam.

    Raises:
        CameraError: The name cannot be looked up.
    """
    from live.camera.devices import is_device_name

    try:
        return Path(name).exists() and not is_device_name(name)
    except OSError as error:
        raise CameraError(f"--camera {name} cannot be looked up ({error.strerror}); give another name") from error
