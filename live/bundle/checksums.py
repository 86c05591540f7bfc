"""SHA-256 of a bundle's files. `export` writes them in the form of sha256sum, into a file beside the others."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from live.bundle.archive import read_part
from live.errors import BundleError
from live.files import text_of

FILE = "SHA256SUMS"
LARGEST_BYTES = 64 * 2**10
_LINE = re.compile(r"([0-9a-f]{64}) [ *](.+)")


@dataclass(frozen=True)
class Checksums:
    """SHA-256 of files in hex, by name. Bundles of 0.1.0 have none."""

    by_name: Mapping[str, str]

    def check(self, path: Path, data: bytes) -> None:
        """Check the content of a file, if there is a sum of it.

        Raises:
            BundleError: It is not what `export` wrote.
        """
        wanted = self.by_name.get(path.name)
        if wanted is not None and hashlib.sha256(data).hexdigest() != wanted:
            raise BundleError(f"{path} is damaged or was replaced ({FILE} names another); export the model again")


NO_CHECKSUMS = Checksums({})


def read_checksums(folder: Path) -> Checksums:
    """Read the sums of a bundle; none if it has no such file.

    Raises:
        BundleError: The file cannot be read, or holds something else.
    """
    path = folder / FILE
    try:
        lines = text_of(read_part(path, LARGEST_BYTES)).splitlines()
    except FileNotFoundError:
        return NO_CHECKSUMS
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no text"
        raise BundleError(f"{path} cannot be read ({reason}); export the model again") from error
    matches = [_LINE.fullmatch(line) for line in lines]
    sums = {match[2]: match[1] for match in matches if match}
    if None in matches:
        raise BundleError(f"{path} is not a list of SHA-256 sums; export the model again")
    return Checksums(sums)
