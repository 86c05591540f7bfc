"""Stand-in for syphon-python 0.2, which exists on Macs alone: the parts that the show calls, with the same arguments.

What is published is received in the same process, in BGRA, as Syphon's own textures are. A client sees the servers that
the run loop has announced.
"""

import sys
from dataclasses import dataclass
from types import ModuleType

import numpy as np
from numpy.typing import NDArray

RGBA, BGRA = 70, 80

SERVERS: dict[str, "SyphonMetalServer"] = {}
run_loops = 0


@dataclass
class Texture:
    """A Metal texture."""

    pixels: NDArray[np.uint8]
    format: int = RGBA

    def pixelFormat(self) -> int:
        """Return the format."""
        return self.format


class SyphonMetalServer:
    """A server."""

    def __init__(
        self, name: str, device: object = None, command_queue: object = None, *, is_private: bool = False
    ) -> None:
        self.name, self.device = name, device or "the default device"
        self.published: NDArray[np.uint8] | None = None
        self.number = 0
        SERVERS[name] = self

    def publish_frame_texture(
        self,
        texture: Texture,
        region: object = None,
        size: object = None,
        is_flipped: bool = False,
        command_buffer: object = None,
        auto_commit: bool = True,
    ) -> None:
        """Publish a picture."""
        assert is_flipped, "the first row is the upper one"
        self.published, self.number = texture.pixels.copy(), self.number + 1

    def stop(self) -> None:
        """End."""
        SERVERS.pop(self.name)


@dataclass
class SyphonServerDescription:
    """A server as others see it."""

    name: str
    app_name: str


class SyphonServerDirectory:
    """The servers of the machine."""

    def __init__(self) -> None:
        self.run_loop_interval = 1.0

    @property
    def servers(self) -> list[SyphonServerDescription]:
        """Return the servers."""
        self.update_run_loop()
        return [SyphonServerDescription(name, "Python") for name in SERVERS]

    def update_run_loop(self) -> None:
        """Run the run loop."""
        global run_loops
        run_loops += 1

    def close(self) -> None:
        """End."""


class SyphonMetalClient:
    """A client."""

    def __init__(self, description: SyphonServerDescription, device: object = None) -> None:
        self._server = SERVERS[description.name]
        self._number = 0

    @property
    def has_new_frame(self) -> bool:
        """Return True if the newest picture was not fetched."""
        return self._server.number != self._number

    @property
    def new_frame_image(self) -> Texture | None:
        """Fetch the newest picture."""
        self._number = self._server.number
        published = self._server.published
        return None if published is None else Texture(published[:, :, [2, 1, 0, 3]], BGRA)


def create_mtl_texture(device: object, width: int, height: int, pixel_format: int = RGBA) -> Texture:
    """Create a texture."""
    assert device == "the default device"
    return Texture(np.zeros((height, width, 4), np.uint8), pixel_format)


def copy_image_to_mtl_texture(image: NDArray[np.uint8], texture: Texture) -> None:
    """Copy a picture into a texture."""
    assert image.shape == texture.pixels.shape
    texture.pixels[:] = image


def copy_mtl_texture_to_image(texture: Texture) -> NDArray[np.uint8]:
    """Return the picture of a texture."""
    return texture.pixels


def _module(name: str, **contents: object) -> None:
    module = ModuleType(name)
    module.__dict__.update(contents, __path__=[])
    sys.modules[name] = module


__path__: list[str] = []
_module("syphon.utils")
_module("syphon.utils.raw", create_mtl_texture=create_mtl_texture)
_module(
    "syphon.utils.numpy",
    copy_image_to_mtl_texture=copy_image_to_mtl_texture,
    copy_mtl_texture_to_image=copy_mtl_texture_to_image,
)
_module("Metal", MTLPixelFormatBGRA8Unorm=BGRA)
