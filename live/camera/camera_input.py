"""What of a live source goes into each step, and how closely it is followed."""

from collections.abc import Collection
from dataclasses import dataclass
from fractions import Fraction

from live.camera.options import Mode
from live.camera.source import CapturedFrame, Source
from live.frame import Pixels

# A camera that comes back takes so long to lead again as before.
GLIDE_SECONDS = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class CameraInput:
    """What one step is given of the camera."""

    pixels: Pixels | None = None
    """uint8 [height, width, 3] RGB; None if there is none (or no other than at the step before)."""
    mix: float = 0.0
    """0…1: how closely it is followed; 0 is the film alone."""
    captured_at: float | None = None
    """When it was captured, in seconds of `time.perf_counter`."""


NO_CAMERA = CameraInput()


class CameraFollower:
    """The live side of a show. Its attributes may be changed between any two frames.

    While the source is silent the film goes on by itself, and when it speaks again it leads again within a second.
    `inputs` are the graph's: a model without `context` has no film to go on with, and keeps to the last picture there
    was; one without `camera` stays in the mode "film", where the source may still be what the film goes on from.
    """

    def __init__(self, source: Source | None, *, mode: Mode, frame_rate: Fraction, inputs: Collection[str]) -> None:
        self.mode = mode
        """"film" or "camera"."""
        self.camera_mix = 1.0
        """How closely the camera is followed in the mode "camera", 0…1."""
        self._source = source
        self._has_memory = "context" in inputs
        self._can_follow = "camera" in inputs
        self._has_mix = "camera_mix" in inputs
        self._glide_step = float(1 / (frame_rate * Fraction(GLIDE_SECONDS)))
        self._presence = 1.0

    @property
    def mirror(self) -> bool:
        """Whether left and right of the source are exchanged."""
        return self._source is not None and self._source.mirror

    @mirror.setter
    def mirror(self, mirror: bool) -> None:
        if self._source is not None:
            self._source.mirror = mirror

    def see(self, index: int) -> CapturedFrame | None:
        """What the source shows at frame `index` of the show, which never falls; None if it is silent."""
        return self._source.picture(index) if self._source else None

    def look(self, index: int) -> CameraInput:
        """What the step that makes frame `index` of the show is given."""
        if self._source is None:
            return NO_CAMERA
        # In the film's mode, too: a video then is where it would have been.
        picture = self.see(index)
        mix = self.camera_mix
        if self._has_memory:
            self._presence = min(1.0, self._presence + self._glide_step) if picture else 0.0
            mix *= self._presence
            if mix == 0 or self.mode == "film":
                # The picture may still be blended into the feedback.
                return CameraInput(picture.pixels) if picture else NO_CAMERA
        if picture is None:
            return CameraInput(mix=mix)
        return CameraInput(picture.pixels, mix, picture.captured_at)

    def follow(self, wanted: bool | None = None) -> None:
        """Go to the mode "camera" or, if `wanted` is False, "film"; None: to the other.

        Without a source, or with a model that cannot follow one, stay.
        """
        if self._source is not None and self._can_follow:
            self.mode = "camera" if (self.mode == "film" if wanted is None else wanted) else "film"

    def reflect(self, wanted: bool | None = None) -> None:
        """Exchange left and right, or not; None: the other way."""
        self.mirror = not self.mirror if wanted is None else wanted

    @property
    def status(self) -> str:
        """What the HUD says of it; empty if there is no source."""
        if self._source is None:
            return ""
        if self._source.trouble:
            then = "the film goes on" if self._has_memory else "its last picture stays"
            return f"{self._source.name} {self._source.trouble}: {then}"
        if not self._can_follow:
            return f"{self._source.name}, which this model was not trained to follow"
        if self.mode == "film" and self._has_memory:
            return f"{self._source.name}, not followed"
        if not self._has_mix:
            return self._source.name
        return f"{self._source.name}, mix {self.camera_mix:.2f}"

    def close(self) -> None:
        """Let go of the source."""
        if self._source is not None:
            self._source.close()
