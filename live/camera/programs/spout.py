"""Spout in: a picture of another program of a Windows machine."""

import numpy as np

from live.camera.devices import Device
from live.camera.programs.capture import ProgramCapture, found
from live.camera.webcam_process import Capture
from live.frame import Pixels


def open_source(device: Device, size: tuple[int, int], frame_rate: float) -> Capture:
    """Open the sender that was asked for, or the active one. This is an `OpenCapture`.

    Args:
        device: Its name is `spout:` and the sender's, in full.
        size: Not used: the sender decides.
        frame_rate: Not used.

    Raises:
        FileNotFoundError: There is no such sender.
    """
    import SpoutGL
    from SpoutGL.enums import GL_BGR_EXT

    receiver, buffer = SpoutGL.SpoutReceiver(), np.zeros(0, np.uint8)
    if name := device.name.partition(":")[2]:
        receiver.setReceiverName(name)

    def read() -> Pixels | None:
        nonlocal buffer
        # Without a buffer, it only looks for the sender.
        received = receiver.receiveImage(buffer if buffer.size else None, GL_BGR_EXT, False, 0)
        height, width = receiver.getSenderHeight(), receiver.getSenderWidth()
        if receiver.isUpdated() or buffer.size != 3 * height * width:
            buffer = np.zeros(3 * height * width, np.uint8)
            return None
        if not (received and buffer.size and receiver.isFrameNew()):
            return None
        return buffer.reshape(height, width, 3).copy()

    def connected() -> bool | None:
        read()
        return receiver.isConnected() or None

    found(device.name, connected)
    return ProgramCapture(read)
