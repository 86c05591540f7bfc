"""Facts of the displays, in a module that loads no library: they are read in another process."""

from dataclasses import dataclass

# Names of OpenGL's devices that draw on the processor.
SOFTWARE_GPUS = ("llvmpipe", "softpipe", "swrast", "software", "microsoft basic render")


@dataclass(frozen=True)
class DisplayFacts:
    """Displays of a machine, and what draws a window on one of them."""

    driver: str
    """SDL's driver: "x11", "wayland", "KMSDRM", …"""
    number: int
    """Number of the display on which the window was opened."""
    names: tuple[str, ...]
    """Number, name, size and rate of each display, in words."""
    renderer: str
    """SDL's renderer: "opengl", "software", …; empty if it does not tell."""
    software: bool
    """True if SDL itself draws on the processor."""
    gpu: str
    """Name of OpenGL's device; empty if OpenGL does not draw, or does not tell."""


def draws_on_processor(gpu: str) -> bool:
    """Return True if an OpenGL device of this name draws on the processor."""
    return any(word in gpu.lower() for word in SOFTWARE_GPUS)
