"""Parts of a bundle: files of a folder, or of a .zip of that folder. Nothing of an archive is written to the disk."""

import errno
import lzma
import zipfile
import zlib
from pathlib import Path

from live.reading.regular_file import check_regular_file, read_regular_file

LARGEST_ARCHIVE_BYTES = 2**30
_DAMAGE = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, NotImplementedError, RuntimeError, ValueError, EOFError)


def read_part(path: Path, most_bytes: int) -> bytes:
    """Return a part of a bundle of at most `most_bytes`: `path` is in a folder, or in a .zip that stands for it.

    Raises:
        OSError: It cannot be read, or is larger. Its `strerror` says why.
    """
    if not _is_archive(path.parent):
        return read_regular_file(path, most_bytes)
    try:
        with zipfile.ZipFile(path.parent) as archive, archive.open(_entry(archive, path)) as file:
            data = file.read(most_bytes + 1)
    except _DAMAGE as error:
        raise OSError(errno.EINVAL, f"the archive is damaged or encrypted: {error}", str(path)) from error
    if len(data) > most_bytes:
        raise OSError(errno.EFBIG, "it is larger than such a part may be", str(path))
    return data


def has_part(path: Path) -> bool:
    """Return True if a bundle has this part."""
    try:
        if not _is_archive(path.parent):
            return path.is_file()
        with zipfile.ZipFile(path.parent) as archive:
            _entry(archive, path)
    except (*_DAMAGE, OSError):
        return False
    return True


def _is_archive(folder: Path) -> bool:
    if folder.suffix.lower() != ".zip" or folder.is_dir():
        return False
    check_regular_file(folder, LARGEST_ARCHIVE_BYTES)
    return True


def _entry(archive: zipfile.ZipFile, path: Path) -> zipfile.ZipInfo:
    """Return the entry of a part, at the top or in the one folder that was packed."""
    found = [entry for entry in archive.infolist() if entry.filename.split("/")[-1] == path.name]
    found = [entry for entry in found if entry.filename.count("/") <= 1]
    if not found:
        raise FileNotFoundError(errno.ENOENT, "it is not in the archive", str(path))
    if len(found) > 1:
        raise OSError(errno.EINVAL, "it is in the archive more than once", str(path))
    return found[0]
