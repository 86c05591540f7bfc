"""Spout out: the picture for other programs of a Windows machine. It runs in a process of its own."""

from multiprocessing.connection import Connection

from live.frame import Pixels
from live.outputs.devices.process import serve
from live.outputs.devices.sender import Sender


def run(connection: Connection, name: str) -> None:
    """Send every picture that comes through `connection`. This is the process's target.

    Args:
        connection: Delivers pictures, uint8 [height, width, 3] RGB. The process ends when it is closed.
        name: Name of the sender.
    """
    serve(connection, lambda _: Sender(lambda size: SpoutSender(name)))


class SpoutSender:
    """An open sender; see `OpenSender`. Spout itself takes pictures of any size."""

    def __init__(self, name: str) -> None:
        import SpoutGL
        from SpoutGL.enums import GL_RGBA

        self.name = name
        self._format = GL_RGBA
        self._sender = SpoutGL.SpoutSender()
        self._sender.setSenderName(name)

    def send(self, picture: Pixels) -> None:
        """See `OpenSender`."""
        height, width = picture.shape[:2]
        # The last two: do not turn it upside down; no framebuffer of ours is bound.
        if not self._sender.sendImage(picture, width, height, self._format, False, 0):
            raise RuntimeError("a picture was refused")
        self._sender.setFrameSync(self.name)

    def close(self) -> None:
        """See `OpenSender`."""
        self._sender.releaseSender()
