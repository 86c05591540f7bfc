"""Process that owns the virtual camera's device."""

from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING

from live.errors import VirtualCameraError
from live.frame import Pixels
from live.geometry import ResizeMode
from live.outputs.devices.process import serve
from live.outputs.virtual_camera_messages import first_sentences

if TYPE_CHECKING:
    import pyvirtualcam


def run(
    connection: Connection, device: str | None, size: tuple[int, int], rate: float, resize_mode: ResizeMode
) -> None:
    """Show every picture that comes through `connection`. This is the process's target.

    Args:
        connection: Delivers pictures, uint8 [height, width, 3] RGB. The process ends when it is closed.
        device: Name of the device; None for the first one found.
        size: (width, height) of the device's picture.
        rate: Frames a second that the device is told.
        resize_mode: Letterboxes or fills the device's picture.
    """
    serve(connection, lambda said: _Device(said, device, size, rate, resize_mode))


class _Device:
    """The device, opened when the first picture is shown and again after every failure."""

    def __init__(
        self, said: Callable[[], str], device: str | None, size: tuple[int, int], rate: float, resize_mode: ResizeMode
    ) -> None:
        self._said = said
        self._device, self._size, self._rate, self._resize_mode = device, size, rate, resize_mode
        self._camera: pyvirtualcam.Camera | None = None

    def show(self, picture: Pixels) -> str:
        """Show a picture and return the device's name.

        Raises:
            VirtualCameraError: The device cannot be opened, or refused the picture.
        """
        from live.images.scaling import scaled

        try:
            camera = self._camera = self._camera or self._open()
            camera.send(scaled(picture, self._size[::-1], self._resize_mode))
        except (ImportError, RuntimeError) as error:
            self.close()
            raise VirtualCameraError(first_sentences(str(error))) from error
        name: str = camera.device
        # The only report of a refused picture is this line on stderr.
        _, refused, reason = self._said().partition("error writing frame: ")
        if refused:
            self.close()
            raise VirtualCameraError(f"{name} refused a picture ({reason.splitlines()[0]})")
        return name

    def close(self) -> None:
        """Close the device if it is open."""
        if self._camera is not None:
            self._camera.close()
            self._camera = None

    def _open(self) -> "pyvirtualcam.Camera":
        import pyvirtualcam

        # In RGB. Each backend converts it to what its device likes best: I420 (v4l2loopback), NV12 (OBS on Windows),
        # UYVY (OBS on macOS), RGBA (Unity Capture); in BT.601 with limited range, as readers expect it.
        return pyvirtualcam.Camera(*self._size, self._rate, device=self._device)
