"""One model of a show: its network, its film and continuation, its camera, and its pace."""

from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from live.bundle.bundle import Bundle
from live.camera.camera_input import CameraFollower
from live.frame import Frame, Pixels
from live.geometry import ResizeMode
from live.inference.generator import Generator
from live.inference.model_slot import ModelSlot
from live.playback.options import TimelineOptions
from live.playback.timeline import Timeline
from live.timings import Timings


@dataclass(frozen=True)
class ShowForm:
    """Form of all pictures of a show: that of the first model's."""

    size: tuple[int, int]
    """(height, width)."""
    frame_rate: Fraction
    """Frames a second at speed 1."""
    fit: ResizeMode
    """Handling of pictures of another shape."""

    def fitted(self, pixels: Pixels) -> Pixels:
        """Return a picture, uint8 [h, w, 3], in the show's size: the very same one if it has it."""
        if pixels.shape[:2] == self.size:
            return pixels
        # Imported here because OpenCV takes a while to load, and a show of one model does not need it.
        from live.images.scaling import scaled

        return scaled(pixels, self.size, self.fit)


class PlayedModel:
    """A model that can be played. With the same seed it makes the frames that it makes in a show of its own.

    They come in the show's size, and at the model's own pace: where the show is faster, a picture is shown again, and
    where it is slower, some are left out.

    Args:
        number: Place among the models of the show, from 1.
        bundle: The film, and facts of the network.
        model: The network.
        camera: Camera that the continuation may follow.
        options: Lengths of tail, episodes and continuation.
        form: Size and frame rate of the show.
        seed: Random seed of the show.
        timings: Timings of the show.
    """

    def __init__(
        self,
        number: int,
        bundle: Bundle,
        model: ModelSlot,
        camera: CameraFollower,
        options: TimelineOptions,
        *,
        form: ShowForm,
        seed: int,
        timings: Timings,
    ) -> None:
        # The first noise is that of a rollout in the studio with the same seed. Everything else that is random has a
        # stream of its own: reseeding must not shift the noise.
        random_seed = np.random.SeedSequence(seed)
        self.number = number
        """Place among the models of the show, from 1."""
        self.inputs = bundle.graph.inputs
        """Names of the graph's inputs."""
        self.model = model
        self.camera = camera
        self.generator = Generator(model, random_seed, timings, float(bundle.frame_rate))
        self.timeline = Timeline(bundle, self.generator, camera, options, random_seed.spawn(1)[0])
        self._form = form
        self._pace = bundle.frame_rate / form.frame_rate
        # Steps that are due, with their fraction: the first frame takes exactly one.
        self._due = 1 - self._pace
        self._newest: Frame | None = None

    @property
    def newest(self) -> Pixels:
        """Picture of the newest frame, of which there must be one: uint8 [height, width, 3] in the show's size."""
        assert self._newest is not None
        return self._newest.pixels

    def frame(self, index: int) -> Frame | None:
        """Return frame `index` of the show; None when the continuation is over.

        Raises:
            NetworkFailedError: The network failed again and again.
        """
        self._due += self._pace
        steps = int(self._due)
        self._due -= steps
        if self._newest and not steps:
            return replace(self._newest, index=index, captured_at=None, cut=False)
        frames = [frame for _ in range(steps) if (frame := self._step(index))]
        if len(frames) < steps:
            return None
        frame, cut = frames[-1], any(each.cut for each in frames)
        pixels = self._form.fitted(frame.pixels)
        if pixels is not frame.pixels or cut is not frame.cut:
            frame = replace(frame, pixels=pixels, cut=cut)
        self._newest = frame
        return frame

    def _step(self, index: int) -> Frame | None:
        self.timeline.index = index
        return self.timeline.step()
