"""Link of a show to the process that supervises it: a pipe of JSON lines and the memory of the last picture."""

import contextlib
import json
import os
import time
from collections.abc import Mapping
from typing import Any, Self

from live.supervision.kept_settings import KeptSettings
from live.supervision.shared_picture import SharedPicture

VARIABLE = "NINETY_SECONDS_AFTER_SUPERVISED"
"""Environment variable that tells a show that it is supervised, and by which descriptors."""

BEAT_SECONDS = 0.5
# The show begins without a backdrop if that one takes longer.
BACKDROP_SECONDS = 5.0
POLLING_SECONDS = 0.01


class SupervisorLink:
    """Tells the supervisor that frames are presented, and keeps there what the next process begins with.

    Nothing of it waits. While the supervisor is stopped and the pipe is full, messages are lost. A message has at most
    4096 bytes, which a pipe takes as a whole or not at all.

    Args:
        pipe: Descriptor to write to.
        picture: The last picture.
        settings: Settings file that played last.
        as_before: True if those settings are to be used, because the process before refused the file as it is now.
        restarts: Number of processes of this show before this one.
        state: State that the process before left; empty if there was none.
    """

    def __init__(
        self,
        pipe: int,
        picture: SharedPicture,
        settings: KeptSettings,
        *,
        as_before: bool,
        restarts: int,
        state: Mapping[str, Any],
    ) -> None:
        self.restarts = restarts
        self.state = state
        self.settings_before = settings.take() if as_before else None
        """Text to use in the place of the settings file; None to read the file."""
        self.settings_text: str | None = None
        """Text of the settings file of this process, which is kept when a frame was presented; None for none."""
        self.lost = False
        """True when the supervisor has ended."""
        self._pipe = pipe
        self._picture = picture
        self._settings = settings
        self._due_at = 0.0
        os.set_blocking(pipe, False)

    @classmethod
    def connect(cls) -> Self | None:
        """Return the link of this process; None if it is not supervised."""
        given = os.environ.pop(VARIABLE, None)
        if given is None:
            return None
        link = json.loads(given)
        for name in ("pipe", "picture", "settings"):
            os.set_inheritable(link[name], False)
        picture, settings = SharedPicture(link.pop("picture")), KeptSettings(link.pop("settings"))
        return cls(link.pop("pipe"), picture, settings, **link)

    def tell(self, **message: Any) -> None:
        """Send a message."""
        try:
            with contextlib.suppress(BlockingIOError):
                os.write(self._pipe, (json.dumps(message) + "\n").encode())
        except BrokenPipeError:
            self.lost = True

    def ask_for_backdrop(self, first: memoryview, size: tuple[int, int], **look: Any) -> None:
        """Ask for a window behind that of the show, if there is none yet.

        Args:
            first: Picture for it if none was shown before: uint8 RGB, contiguous.
            size: (height, width) of the pictures.
            look: Arguments of `live.supervision.backdrop.run`.
        """
        stored = self._picture.take()
        # Again even if it is the same one: the process before may have left fullscreen, and this one begins in it.
        pixels = memoryview(stored.pixels) if stored and stored.size == size else first
        self._picture.put(pixels, size, fullscreen=True)
        self.tell(backdrop={"size": size, **look})

    def wait_for_backdrop(self) -> None:
        """Wait until the window that was asked for is open, but not for long. The show's own must open above it."""
        end = time.monotonic() + BACKDROP_SECONDS
        while not self._picture.ready and time.monotonic() < end:
            time.sleep(POLLING_SECONDS)

    @property
    def due(self) -> bool:
        """True if the last beat is so long ago that the next presented frame is worth one."""
        return time.monotonic() >= self._due_at

    def beat(self, state: Mapping[str, Any], pixels: memoryview, size: tuple[int, int], *, fullscreen: bool) -> None:
        """Say that a frame was presented.

        Args:
            state: State for the next process, as JSON values.
            pixels: The picture as it is visible: uint8 RGB, contiguous.
            size: (height, width) of the picture.
            fullscreen: True if the window is in fullscreen.
        """
        self._due_at = time.monotonic() + BEAT_SECONDS
        self._picture.put(pixels, size, fullscreen=fullscreen)
        if self.settings_text is not None:
            self._settings.put(self.settings_text)
            self.settings_text = None
        self.tell(state=state)
