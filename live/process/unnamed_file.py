"""Memory that processes share by a file descriptor, and that outlives each of them."""

import os
import sys
import tempfile


def create_unnamed_file(name: str) -> int:
    """Return the descriptor of new, empty memory. Elsewhere than on Linux it is a file without a name.

    Args:
        name: Shown by the system's tools.
    """
    if sys.platform == "linux":
        return os.memfd_create(name)
    with tempfile.TemporaryFile() as file:
        return os.dup(file.fileno())
