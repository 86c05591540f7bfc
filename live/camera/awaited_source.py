"""A source that comes during the show: until then it is silent."""

import threading
from collections.abc import Callable

from live.camera.source import CapturedFrame, Source
from live.waiting import BackgroundSearch


class AwaitedSource:
    """A `Source` that opens another one as soon as that is there.

    Args:
        name: Name in messages, and in the HUD until it is there.
        open: Opens the source; raises a `CameraError` that may pass while it is missing.

    Raises:
        CameraError: It cannot be opened, and waiting does not help.
    """

    def __init__(self, name: str, open: Callable[[], Source]) -> None:
        self.name = name
        """Name in the HUD."""
        self._lock = threading.Lock()
        self._source: Source | None = None
        self._mirror: bool | None = None
        self._resting = False
        self._search = BackgroundSearch(name, open, self._take)

    @property
    def mirror(self) -> bool:
        """True if left and right are exchanged."""
        return self._source.mirror if self._source else bool(self._mirror)

    @mirror.setter
    def mirror(self, mirror: bool) -> None:
        with self._lock:
            self._mirror = mirror
            if self._source:
                self._source.mirror = mirror

    def read(self, index: int) -> CapturedFrame | None:
        """See `Source`."""
        return self._source.read(index) if self._source else None

    @property
    def trouble(self) -> str:
        """Reason for the silence; empty if the source is not silent."""
        return self._source.trouble if self._source else "is missing"

    def rest(self, wanted: bool) -> None:
        """See `Source`."""
        with self._lock:
            self._resting = wanted
            if self._source:
                self._source.rest(wanted)

    def close(self) -> None:
        """End the search and release the source."""
        self._search.close()
        if self._source:
            self._source.close()

    def _take(self, source: Source) -> None:
        """Use the source from now on, in the state that was asked for meanwhile."""
        with self._lock:
            if self._mirror is not None:
                source.mirror = self._mirror
            source.rest(self._resting)
            self.name, self._source = source.name, source
