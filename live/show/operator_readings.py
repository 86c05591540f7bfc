"""Readings of a show for the operator window, taken in the window's thread."""

import time
from collections import deque
from collections.abc import Callable, Iterator

import numpy as np

from live.audio.levels import FIGURES
from live.controls.table import HELP, PARAMETERS
from live.display.operator.view import Meter, OperatorView
from live.display.panels.hud import hud_rows
from live.display.presenter import Presenter
from live.frame import Pixels
from live.images.scaling import letterboxed
from live.playback.player import Player
from live.show.hud_readings import read_for_hud
from live.show.parts import ShowParts
from live.stats import FPS_FRAMES, ShowFacts, ShowStats

# Most pixels of a picture's width: what a window of a large display has room for.
PICTURE_WIDTH = 480
# Time over which late frames are counted, and the share of them that is too many.
LATE_SECONDS, MOST_LATE = 10.0, 0.01
PRESETS_SECONDS = 2.0


class OperatorReadings:
    """Reads the state of a show. Everything that it reads may be read in any thread.

    Args:
        parts: Parts of the show.
        facts: Facts of the show.
        stats: Measurements of the show.
        presenter: What the audience's window shows.
        player: Makes the frames.
        notices: Returns the lines that tell the performer something now.
    """

    def __init__(
        self,
        parts: ShowParts,
        facts: ShowFacts,
        stats: ShowStats,
        presenter: Presenter,
        player: Player,
        notices: Callable[[], tuple[str, ...]],
    ) -> None:
        self._parts = parts
        self._facts = facts
        self._stats = stats
        self._presenter = presenter
        self._player = player
        self._notices = notices
        self._counts: deque[tuple[float, int, int]] = deque()
        self._stored: frozenset[int] = frozenset()
        self._looking = False
        self._look_at = 0.0

    def read(self) -> OperatorView | None:
        """Return the state of the show; None before the first frame."""
        parts, presenter, newest = self._parts, self._presenter, self._presenter.newest
        if newest is None:
            return None
        self._look_for_presets()
        camera = parts.playback.camera
        seen = camera.newest
        readings = read_for_hud(
            parts, self._facts, self._stats, newest, paused=self._player.paused, blackout=presenter.is_dark
        )
        return OperatorView(
            picture=_reduced(presenter.visible(newest).pixels),
            camera=_reduced(seen.pixels) if seen else None,
            camera_status=camera.status,
            hud=tuple(hud_rows(readings, machine=True)),
            machine=self._machine(),
            parameters=self._parameters(),
            stored_presets=self._stored,
            recalled_preset=parts.presets.recalled[0],
            notices=self._notices(),
            help=HELP if presenter.shows_help else (),
        )

    def _machine(self) -> tuple[Meter, ...]:
        stats, wanted = self._stats, self._parts.playback.clock.rate
        sections = {"step": "step", "effects": "effects", "window": "present", "outputs": "sinks"}
        times = [(label, stats.timings[section].newest(FPS_FRAMES)) for label, section in sections.items()]
        meters = [
            Meter(
                label,
                f"{np.median(newest) * 1000:.1f} of {1000 / wanted:.1f} ms",
                float(np.median(newest)) * wanted,
                trouble=bool(np.median(newest) * wanted > 1),
            )
            for label, newest in times
            if len(newest)
        ]
        fps, late = stats.newest_fps(), self._late_share()
        return (
            *meters,
            Meter("frames/s", f"{fps:.1f} of {wanted:.4g}", fps / wanted),
            Meter(f"late, {LATE_SECONDS:g} s", f"{late:.1%}", late, trouble=late > MOST_LATE),
            *self._audio(),
        )

    def _audio(self) -> Iterator[Meter]:
        """Yield a meter for each figure of the sound that the show listens to."""
        audio = self._parts.playback.audio
        if audio:
            levels = audio.levels
            for figure in FIGURES:
                value = getattr(levels, figure)
                yield Meter(f"audio {figure}", f"{value:.2f}", value)

    def _late_share(self) -> float:
        """Return the share of the newest frames that were late or dropped."""
        now, stats = time.monotonic(), self._stats
        self._counts.append((now, stats.late_frames + stats.dropped_frames, stats.frames + stats.dropped_frames))
        while now - self._counts[0][0] > LATE_SECONDS:
            self._counts.popleft()
        _, late, frames = self._counts[0]
        return (self._counts[-1][1] - late) / max(1, self._counts[-1][2] - frames)

    def _parameters(self) -> tuple[Meter, ...]:
        parameters = self._parts.playback.parameters
        moved = {name: present for name, (_, present) in parameters.modulated().items()}
        return tuple(
            Meter(
                each.name.replace("_", " "),
                # A wave stands for a modulation.
                each.text(round(value, 3)) + (" ~" if each.name in moved else ""),
                each.share(value),
                each.share(each.default),
            )
            for each in PARAMETERS
            if each.name not in parameters.unused
            for value in (moved.get(each.name, parameters[each.name]),)
        )

    def _look_for_presets(self) -> None:
        """Look for the files of presets now and then, one look at a time."""
        if self._looking or time.monotonic() < self._look_at:
            return
        self._looking = self._parts.files.submit(
            "a look at the presets", self._parts.presets.stored, self._keep_presets
        )
        self._look_at = time.monotonic() + PRESETS_SECONDS

    def _keep_presets(self, stored: frozenset[int]) -> None:
        self._stored, self._looking = stored, False


def _reduced(pixels: Pixels) -> Pixels:
    height, width = pixels.shape[:2]
    if width <= PICTURE_WIDTH:
        return pixels
    return letterboxed(pixels, (max(1, round(height * PICTURE_WIDTH / width)), PICTURE_WIDTH))
