"""Interface of every sound that a show listens to."""

from typing import Protocol

from live.audio.levels import AudioLevels


class AudioInput(Protocol):
    """A sound that is analysed while the show plays. Nothing of it is kept, and its methods never wait for long."""

    @property
    def levels(self) -> AudioLevels:
        """Newest figures."""
        ...

    def read(self, seconds: float) -> AudioLevels:
        """Return the figures of a moment, in seconds since the show began, which never goes back."""
        ...

    @property
    def status(self) -> str:
        """Line for the HUD: the name, and the reason if it is silent."""
        ...

    def rest(self, wanted: bool) -> None:
        """Release the device for a while, or open it again."""
        ...

    def close(self) -> None:
        """Release the sound."""
        ...
