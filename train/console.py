"""Text for consoles and files whose encoding cannot hold every character."""

from __future__ import annotations

import io
import sys
from pathlib import Path


def accept_any_text() -> None:
    """Let stdout replace characters that its encoding cannot hold, which is often so where it is redirected."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")


def command_names() -> tuple[str, str]:
    """Return the commands of the studio and of the show: those of an installation, or those of a checkout."""
    if Path(sys.argv[0]).stem == "ninety-seconds-train":
        return "ninety-seconds-train", "ninety-seconds"
    return "python -m train", "python run_live.py"
