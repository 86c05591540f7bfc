"""Video feedback of the network's memory: changes to its state before the next step."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from live.controls.table import DEFAULTS
from live.effects.transform import REST, Transform
from live.frame import Pixels


@dataclass
class MemoryFeedback:
    """Transformation of a state. It treats all frames alike, so that nothing in it looks like motion to the network."""

    frame_rate: float
    """Steps for one second of the show."""
    transform: Transform = REST
    """Change of the state."""
    camera_blend: float = DEFAULTS["camera_blend"]
    """Share of the state, 0…1, that is the camera's after one second."""

    def changes(self, camera: Pixels | None = None) -> bool:
        """Return False if `apply` would return the very state that it is given."""
        return self.transform.moves or self.transform.recolours or self._blends(camera)

    def _blends(self, camera: Pixels | None) -> bool:
        return camera is not None and self.camera_blend > 0

    def apply(self, state: NDArray[np.float32], camera: Pixels | None = None) -> NDArray[np.float32]:
        """Return the state after one step's share of all changes.

        Args:
            state: float32 [1, 3K, H, W], −1…1. It is not written to.
            camera: uint8 [H, W, 3] RGB; None if there is no camera.
        """
        if self.transform.moves:
            state = self._move(state)
        if self.transform.recolours:
            # One product for each pixel: a gain, and a rotation of the colours around grey, which lies at 0.
            frames = state.reshape(-1, 3, state.shape[2] * state.shape[3])
            matrix = self.transform.colour_matrix(self.frame_rate).astype(np.float32)
            state = np.clip(matrix @ frames, -1, 1).reshape(state.shape)
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
        matrix = self.transform.motion_matrix(self.frame_rate, (height, width))
        moved = [
            cv2.warpAffine(plane, matrix, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
            for plane in state[0]
        ]
        return np.stack(moved, dtype=np.float32)[None]
