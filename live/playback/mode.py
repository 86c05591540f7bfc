"""The mode of a show, and whether a model can play it."""

from live.bundle.bundle import Bundle
from live.camera.options import Mode
from live.errors import BundleError


def check_mode(bundle: Bundle, mode: Mode) -> None:
    """Check that a model can play a mode.

    Raises:
        BundleError: It cannot.
    """
    if "context" not in bundle.graph.inputs and mode == "film":
        raise BundleError(
            f"{bundle.folder} has no memory (no input `context`), so it cannot continue a film; "
            "play it with --mode camera"
        )
    if "camera" not in bundle.graph.inputs and mode == "camera":
        raise BundleError(f"{bundle.folder} cannot follow a camera (no input `camera`); play it without --mode camera")
