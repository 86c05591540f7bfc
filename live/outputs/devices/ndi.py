"""NDI out: the picture for other machines of the network. It runs in a process of its own."""

from fractions import Fraction
from multiprocessing.connection import Connection

from live.frame import Pixels
from live.outputs.devices.process import serve
from live.outputs.devices.sender import Sender


def run(connection: Connection, name: str, rate: Fraction) -> None:
    """Send every picture that comes through `connection`. This is the process's target.

    Args:
        connection: Delivers pictures, uint8 [height, width, 3] RGB. The process ends when it is closed.
        name: Name of the stream. The network adds that of the machine.
        rate: Frames a second that receivers are told.
    """
    serve(connection, lambda _: Sender(lambda size: NdiSender(name, rate, size)))


class NdiSender:
    """An open stream; see `OpenSender`."""

    def __init__(self, name: str, rate: Fraction, size: tuple[int, int]) -> None:
        from cyndilib.sender import Sender as Stream
        from cyndilib.video_frame import VideoSendFrame
        from cyndilib.wrapper import FourCC

        frame = VideoSendFrame()
        frame.set_resolution(size[1], size[0])
        frame.set_frame_rate(rate)
        frame.set_fourcc(FourCC.RGBX)
        # The show keeps the time.
        self._stream = Stream(name, clock_video=False)
        self._stream.set_video_frame(frame)
        self._stream.open()
        self.name: str = self._stream.name

    def send(self, picture: Pixels) -> None:
        """See `OpenSender`."""
        if not self._stream.write_video(picture.reshape(-1)):
            raise RuntimeError("a picture was refused")

    def close(self) -> None:
        """See `OpenSender`."""
        self._stream.close()
