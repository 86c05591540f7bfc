"""Sink that shows the frames on a virtual camera: to OBS, to browsers and to any other reader of webcams."""

from collections.abc import Callable
from fractions import Fraction

from live.outputs.devices.sink import RETRY_SECONDS, STALL_SECONDS, START_SECONDS, DeviceSink, Rates
from live.outputs.options import VirtualCameraOptions
from live.outputs.virtual_camera_messages import advice
from live.outputs.virtual_camera_process import run

# Frames a second that readers are promised, unless --virtual-camera-rate says otherwise: at most, and with pictures in
# between.
MOST_PER_SECOND = 30.0


class VirtualCamera(DeviceSink):
    """Shows the newest frame that it was offered on a virtual camera, at most about thirty a second.

    Args:
        options: Device, size and resize mode.
        frame_rate: Frames a second of the show, for devices that want to know.
        smooth: True to cross-fade the pictures even if the options ask for no rate of their own.
        retry_seconds: Pause after a failure.
        start_seconds: Time that the process may take to start.
        stall_seconds: Time that the process may take for one picture.
        target: Runs in the process, which must be able to import it.
    """

    def __init__(
        self,
        options: VirtualCameraOptions,
        frame_rate: Fraction,
        *,
        smooth: bool = False,
        retry_seconds: float = RETRY_SECONDS,
        start_seconds: float = START_SECONDS,
        stall_seconds: float = STALL_SECONDS,
        target: Callable[..., None] = run,
    ) -> None:
        device = None if options.virtual_camera is True else options.virtual_camera
        wanted = options.virtual_camera_rate
        fades = smooth or wanted is not None
        rate = float(wanted or (MOST_PER_SECOND if smooth else min(float(frame_rate), MOST_PER_SECOND)))
        super().__init__(
            "virtual camera",
            target,
            (device, options.virtual_camera_size, rate, options.virtual_camera_fit),
            Rates(float(frame_rate), rate if fades else MOST_PER_SECOND, fades),
            advice,
            retry_seconds=retry_seconds,
            start_seconds=start_seconds,
            stall_seconds=stall_seconds,
        )
