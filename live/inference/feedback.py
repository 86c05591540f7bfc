"""Video feedback: changes to the state before the next step, as from a camera that films its own screen."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from live.controls.table import DEFAULTS
from live.frame import Pixels


@dataclass
class Feedback:
    """Transformation of a state. It treats all frames alike, so that nothing in it looks like motion to the network.

    Every value is a rate per second of the show, and therefore the same at every frame rate.
    """

    frame_rate: float
    """Steps for one second of the show."""
    zoom: float = DEFAULTS["zoom"]
    """Doublings of the picture's size."""
    rotation: float = DEFAULTS["rotation"]
    """Degrees, clockwise."""
    shift_x: float = DEFAULTS["shift_x"]
    """Widths of the picture, to the right."""
    shift_y: float = DEFAULTS["shift_y"]
    """Heights of the picture, downwards."""
    hue_drift: float = DEFAULTS["hue_drift"]
    """Degrees of the colour circle, red to green to blue."""
    contrast_drift: float = DEFAULTS["contrast_drift"]
    """Doublings of the contrast, around mid grey."""
    camera_blend: float = DEFAULTS["camera_blend"]
    """Share of the picture, 0…1, that is the camera's after one second."""

    def changes(self, camera: Pixels | None = None) -> bool:
        """Return False if `apply` would return the very state that it is given."""
        return self._moves or self._recolours or self._blends(camera)

    @property
    def _moves(self) -> bool:
        return any((self.zoom, self.rotation, self.shift_x, self.shift_y))

    @property
    def _recolours(self) -> bool:
        return any((self.hue_drift, self.contrast_drift))

    def _blends(self, camera: Pixels | None) -> bool:
        return camera is not None and self.camera_blend > 0

    def apply(self, state: NDArray[np.float32], camera: Pixels | None = None) -> NDArray[np.float32]:
        """Return the state after one step's share of all changes.

        Args:
            state: float32 [1, 3K, H, W], −1…1. It is not written to.
            camera: uint8 [H, W, 3] RGB; None if there is no camera.
        """
        if self._moves:
            state = self._move(state)
        if self._recolours:
            # One product for each pixel: a gain, and a rotation of the colours around grey, which lies at 0.
            frames = state.reshape(-1, 3, state.shape[2] * state.shape[3])
            state = np.clip(self._colour_matrix() @ frames, -1, 1).reshape(state.shape)
        if camera is not None and self._blends(camera):
            share = 1 - (1 - self.camera_blend) ** (1 / self.frame_rate)
            seen = camera.transpose(2, 0, 1).astype(np.float32) / 127.5 - 1
            repeated = np.tile(seen, (state.shape[1] // 3, 1, 1))[None]
            state = state + np.float32(share) * (repeated - state)
        return state

    def _move(self, state: NDArray[np.float32]) -> NDArray[np.float32]:
        # Imported here because OpenCV takes a while to load, and a show without feedback does not need it.
        import cv2

        height, width = state.shape[2:]
        matrix = self._motion_matrix(height, width)
        moved = [
            cv2.warpAffine(plane, matrix, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
            for plane in state[0]
        ]
        return np.stack(moved, dtype=np.float32)[None]

    def _motion_matrix(self, height: int, width: int) -> NDArray[np.float64]:
        """Return one step's motion of a pixel: [2, 3], x to the right, y downwards, around the picture's middle."""
        scale = 2 ** (self.zoom / self.frame_rate)
        angle = math.radians(self.rotation / self.frame_rate)
        # With y downwards this rotates clockwise.
        turn = scale * np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
        middle = np.array([(width - 1) / 2, (height - 1) / 2])
        shift = np.array([self.shift_x * width, self.shift_y * height]) / self.frame_rate
        return np.column_stack([turn, middle + shift - turn @ middle])

    def _colour_matrix(self) -> NDArray[np.float32]:
        """Return the change of red, green and blue in one step: [3, 3]."""
        angle = math.radians(self.hue_drift / self.frame_rate)
        # Rodrigues' rotation around the axis of the greys, (1, 1, 1) / √3.
        across = np.array([[0, -1, 1], [1, 0, -1], [-1, 1, 0]]) / math.sqrt(3)
        turn = math.cos(angle) * np.eye(3) + math.sin(angle) * across + (1 - math.cos(angle)) / 3
        return (2 ** (self.contrast_drift / self.frame_rate) * turn).astype(np.float32)

    def warm_up(self) -> None:
        """Load the library that the first movement would otherwise wait for."""
        self._move(np.zeros((1, 1, 2, 2), np.float32))
