"""Syphon in: a picture of another program of a Mac."""

from typing import Any

import numpy as np

from live.camera.devices import Device
from live.camera.programs.capture import ProgramCapture, found, wanted_name
from live.camera.webcam_process import Capture
from live.frame import Pixels

# Other programs announce themselves through the run loop of this process, which nothing else runs.
LOOKING_SECONDS, READING_SECONDS = 0.1, 0.0


def open_source(device: Device, size: tuple[int, int], frame_rate: float) -> Capture:
    """Open the first server whose name or program contains the one that was asked for. This is an `OpenCapture`.

    Args:
        device: Its name is `syphon:` and the server's.
        size: Not used: the server decides.
        frame_rate: Not used.

    Raises:
        FileNotFoundError: There is no such server.
    """
    import syphon
    from Metal import MTLPixelFormatBGRA8Unorm
    from syphon.utils.numpy import copy_mtl_texture_to_image

    directory, wanted = syphon.SyphonServerDirectory(), wanted_name(device.name)
    directory.run_loop_interval = LOOKING_SECONDS

    def look() -> Any:
        names = ((server, f"{server.app_name} {server.name}".lower()) for server in directory.servers)
        return next((server for server, name in names if wanted in name), None)

    client = syphon.SyphonMetalClient(found(device.name, look))
    directory.run_loop_interval = READING_SECONDS

    def read() -> Pixels | None:
        directory.update_run_loop()
        texture = client.new_frame_image if client.has_new_frame else None
        if texture is None:
            return None
        picture = copy_mtl_texture_to_image(texture)
        is_bgra = texture.pixelFormat() == MTLPixelFormatBGRA8Unorm
        return np.ascontiguousarray(picture[:, :, :3] if is_bgra else picture[:, :, 2::-1])

    return ProgramCapture(read)
