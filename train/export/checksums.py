"""SHA-256 of a bundle's files, by which the stage notices damaged or exchanged ones."""

from __future__ import annotations

import hashlib
from pathlib import Path


def write_checksums(folder: Path) -> None:
    """Write SHA256SUMS, in the form of sha256sum, of the files of a bundle that the stage plays."""
    lines = [
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n"
        for path in sorted(folder.iterdir())
        if path.suffix in {".onnx", ".mkv"}
    ]
    (folder / "SHA256SUMS").write_text("".join(lines), encoding="utf-8", newline="\n")
