"""Input of each step from the camera: the picture, and how closely the step follows it."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from fractions import Fraction

from live.camera.options import Mode
from live.camera.source import CapturedFrame, Source
from live.controls.table import DEFAULTS
from live.frame import Pixels

# Time in which a camera that was silent comes back to its full mix.
GLIDE_SECONDS = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class CameraInput:
    """Input of one step from the camera."""

    pixels: Pixels | None = None
    """uint8 [height, width, 3] RGB; None if there is none (or the one of the step before still holds)."""
    mix: float = 0.0
    """0…1: how closely the step follows the camera; at 0 the film continues freely."""
    captured_at: float | None = None
    """Capture time of the frame that the step follows, in seconds of `time.perf_counter`; None if it follows none."""


NO_CAMERA = CameraInput()


@dataclass
class _Following:
    """Source of a show, and how it is followed: the same for all models."""

    source: Source | None
    mode: Mode
    camera_mix: float = DEFAULTS["camera_mix"]
    chosen_mirror: bool | None = None
    resting: bool = False


class CameraFollower:
    """Camera side of a show. Mode, mix and mirror may change between any two frames.

    While the source is silent the film continues freely. When the source is back, its mix rises from 0 within
    `GLIDE_SECONDS`. A model without the input `context` has no film to continue and keeps to the last picture. A
    model without the input `camera` stays in the mode "film"; a reseed can still start from the source.

    Each model of a show has a follower. Source, mode, mix and mirror are the same for all.

    Args:
        source: The source; None if the show has none.
        mode: Mode to begin in.
        frame_rate: Frames a second of the show.
        inputs: Names of the graph's inputs.
    """

    def __init__(self, source: Source | None, *, mode: Mode, frame_rate: Fraction, inputs: Collection[str]) -> None:
        self._following = _Following(source, mode)
        self._size: tuple[int, int] | None = None
        self._has_memory = "context" in inputs
        self._can_follow = "camera" in inputs
        self._has_mix = "camera_mix" in inputs
        self._glide_step = float(1 / (frame_rate * Fraction(GLIDE_SECONDS)))
        self._presence = 1.0
        self.newest: CapturedFrame | None = None
        """Result of the last `capture`; None while the source is released."""

    def beside(self, *, size: tuple[int, int], frame_rate: Fraction, inputs: Collection[str]) -> "CameraFollower":
        """Return the follower of another model of the show, which gets the source's pictures in its own size.

        Args:
            size: (height, width) of its pictures.
            frame_rate: Its frames a second.
            inputs: Names of its graph's inputs.
        """
        other = CameraFollower(None, mode="film", frame_rate=frame_rate, inputs=inputs)
        other._following, other._size = self._following, size
        return other

    @property
    def _source(self) -> Source | None:
        return self._following.source

    @property
    def mode(self) -> Mode:
        """Present mode."""
        return self._following.mode if self._can_follow else "film"

    @property
    def camera_mix(self) -> float:
        """0…1: how closely the mode "camera" follows the camera."""
        return self._following.camera_mix

    @camera_mix.setter
    def camera_mix(self, mix: float) -> None:
        self._following.camera_mix = mix

    @property
    def chosen_mirror(self) -> bool | None:
        """True if left and right of the source were exchanged, False if not, None if `set_mirror` was never called."""
        return self._following.chosen_mirror

    def capture(self, index: int) -> CapturedFrame | None:
        """Return the source's frame for frame `index` of the show; None if the source is silent.

        `index` never decreases from one call to the next.
        """
        captured = self._source.read(index) if self._source else None
        if captured and self._size and captured.pixels.shape[:2] != self._size:
            # Imported here because OpenCV takes a while to load, and the first model gets the source's own size.
            from live.images.scaling import filled

            captured = replace(captured, pixels=filled(captured.pixels, self._size))
        self.newest = captured
        return captured

    def input_for(self, index: int) -> CameraInput:
        """Return the input of the step that makes frame `index` of the show."""
        if self._source is None:
            return NO_CAMERA
        # In the mode "film" too, so that a video keeps its place in time.
        captured = self.capture(index)
        mix = self.camera_mix
        if self._has_memory:
            self._presence = min(1.0, self._presence + self._glide_step) if captured else 0.0
            mix *= self._presence
            if mix == 0 or self.mode == "film":
                # The feedback may still blend the picture in.
                return CameraInput(captured.pixels) if captured else NO_CAMERA
        if captured is None:
            return CameraInput(mix=mix)
        return CameraInput(captured.pixels, mix, captured.captured_at)

    def set_mode(self, follows: bool | None = None) -> None:
        """Change to the mode "camera" (True), "film" (False) or the other one (None).

        Without a source, or with a model that cannot follow one, nothing changes.
        """
        if self._source is not None and self._can_follow:
            self._following.mode = "camera" if (self.mode == "film" if follows is None else follows) else "film"

    def set_mirror(self, mirror: bool | None = None) -> None:
        """Exchange left and right of the source (True), or not (False), or change it (None)."""
        if self._source is not None:
            self._source.mirror = not self._source.mirror if mirror is None else mirror
            self._following.chosen_mirror = self._source.mirror

    @property
    def mirrored(self) -> bool | None:
        """True if left and right of the source are exchanged; None if there is no source."""
        return self._source.mirror if self._source is not None else None

    def rest(self, wanted: bool) -> None:
        """Release the source for a while, or open it again."""
        self._following.resting, self.newest = wanted, None
        if self._source is not None:
            self._source.rest(wanted)

    @property
    def status(self) -> str:
        """Line about the source for the HUD; empty if there is no source."""
        if self._source is None:
            return ""
        if self._following.resting:
            return f"{self._source.name}, released"
        if self._source.trouble:
            consequence = "the film goes on" if self._has_memory else "its last picture stays"
            return f"{self._source.name} {self._source.trouble}: {consequence}"
        if not self._can_follow:
            return f"{self._source.name}, which this model was not trained to follow"
        if self.mode == "film" and self._has_memory:
            return f"{self._source.name}, not followed"
        if not self._has_mix:
            return self._source.name
        return f"{self._source.name}, mix {self.camera_mix:.2f}"

    @property
    def trouble(self) -> str:
        """Name of the source and the reason for its silence; empty if it is not silent or there is none."""
        if self._source is None or self._following.resting or not self._source.trouble:
            return ""
        return f"{self._source.name} {self._source.trouble}"

    def close(self) -> None:
        """Release the source."""
        if self._source is not None:
            self._source.close()
