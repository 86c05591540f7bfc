"""NDI in: a picture that another machine of the network sends."""

import numpy as np

from live.camera.devices import Device
from live.camera.programs.capture import ProgramCapture, found, wanted_name
from live.camera.webcam_process import Capture
from live.frame import Pixels

# Of one look for sources.
LOOKING_SECONDS = 0.5


def open_source(device: Device, size: tuple[int, int], frame_rate: float) -> Capture:
    """Open the first source of the network whose name contains the one that was asked for. This is an `OpenCapture`.

    Args:
        device: Its name is `ndi:` and the source's.
        size: Not used: the sender decides.
        frame_rate: Not used.

    Raises:
        FileNotFoundError: There is no such source.
    """
    from cyndilib.finder import Finder
    from cyndilib.receiver import Receiver
    from cyndilib.video_frame import VideoFrameSync
    from cyndilib.wrapper import RecvBandwidth, RecvColorFormat

    finder, wanted = Finder(), wanted_name(device.name)
    finder.open()

    def look() -> str | None:
        finder.wait_for_sources(LOOKING_SECONDS)
        names: list[str] = finder.get_source_names()
        return next((name for name in names if wanted in name.lower()), None)

    source = finder.get_source(found(device.name, look))
    receiver = Receiver(color_format=RecvColorFormat.BGRX_BGRA, bandwidth=RecvBandwidth.highest)
    frame, newest = VideoFrameSync(), 0.0
    receiver.frame_sync.set_video_frame(frame)
    receiver.set_source(source)

    def read() -> Pixels | None:
        nonlocal newest
        receiver.frame_sync.capture_video()
        width, height = frame.get_resolution()
        sent_at = frame.get_timestamp_posix()
        if not (width and height) or sent_at == newest:
            return None
        newest = sent_at
        rows = np.array(frame.get_array(), np.uint8).reshape(height, -1)
        return np.ascontiguousarray(rows[:, : 4 * width].reshape(height, width, 4)[:, :, :3])

    return ProgramCapture(read, finder)
