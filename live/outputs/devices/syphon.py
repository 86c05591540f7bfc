"""Syphon out: the picture for other programs of a Mac. It runs in a process of its own."""

from multiprocessing.connection import Connection

from live.frame import Pixels
from live.outputs.devices.process import serve
from live.outputs.devices.sender import Sender


def run(connection: Connection, name: str) -> None:
    """Send every picture that comes through `connection`. This is the process's target.

    Args:
        connection: Delivers pictures, uint8 [height, width, 3] RGB. The process ends when it is closed.
        name: Name of the server.
    """
    serve(connection, lambda _: Sender(lambda size: SyphonSender(name, size)))


class SyphonSender:
    """An open server; see `OpenSender`."""

    def __init__(self, name: str, size: tuple[int, int]) -> None:
        import syphon
        from syphon.utils.raw import create_mtl_texture

        self.name = name
        self._server = syphon.SyphonMetalServer(name)
        self._texture = create_mtl_texture(self._server.device, size[1], size[0])
        # Clients that come later ask who is there. The process's run loop answers them, and nothing else runs it.
        self._directory = syphon.SyphonServerDirectory()
        self._directory.run_loop_interval = 0.0

    def send(self, picture: Pixels) -> None:
        """See `OpenSender`."""
        from syphon.utils.numpy import copy_image_to_mtl_texture

        copy_image_to_mtl_texture(picture, self._texture)
        # The first row of the picture is the upper one.
        self._server.publish_frame_texture(self._texture, is_flipped=True)
        self._directory.update_run_loop()

    def close(self) -> None:
        """See `OpenSender`."""
        self._directory.close()
        self._server.stop()
