"""Check ZIP archives before anything is read out of them."""

from __future__ import annotations

from pathlib import Path
from zipfile import ZIP_STORED, ZipFile


def check_stored(archive: ZipFile, path: Path) -> None:
    """Check that an archive's records are stored as they are, and lie beside each other.

    Compressed or overlapping ones might hold a thousand times the size of the file.

    Args:
        archive: opened for reading.
        path: its file.

    Raises:
        ValueError: they are not.
    """
    records = archive.infolist()
    if any(record.compress_type != ZIP_STORED for record in records):
        raise ValueError("a record is compressed")
    if sum(record.file_size for record in records) > path.stat().st_size:
        raise ValueError("records overlap")
