"""Life of a supervised show: its signs to the supervisor, and the state that its next process takes up."""

import numpy as np

from live.display.presenter import Presenter
from live.show.parts import ShowParts
from live.stats import OVERDUE_FRAMES, ShowStats
from live.supervision.show_state import ShowState

# One with each beat.
MOST_FOCUS_REQUESTS = 20


class Heartbeat:
    """Tells the supervisor that frames are presented in time, or that a paused show is alive.

    Args:
        parts: Parts of the show. Without a supervisor among them, nothing is done.
        presenter: What the window shows.
        stats: Measurements of the show.
    """

    def __init__(self, parts: ShowParts, presenter: Presenter, stats: ShowStats) -> None:
        self._parts = parts
        self._stats = stats
        self._presenter = presenter
        self._focus_requests = MOST_FOCUS_REQUESTS

    def beat(self) -> None:
        """Give a sign of life, if the last one is some time ago and no frame is overdue."""
        supervisor, newest, window = self._parts.supervisor, self._presenter.newest, self._parts.window
        if supervisor is None or newest is None or not supervisor.due or self._is_overdue():
            return
        pixels = np.ascontiguousarray(self._presenter.visible(newest).pixels)
        if self._focus_requests and window.fullscreen:
            # A window manager may have left it under the backdrop, which had the keys until now. A single request may
            # come too early; later ones would be in the way of somebody who uses the desktop.
            self._focus_requests = 0 if window.has_focus else self._focus_requests - 1
            if self._focus_requests:
                window.take_focus(above=True)
        state = present_state(self._parts, self._presenter)
        supervisor.beat(state.as_json(), pixels.data, pixels.shape[:2], fullscreen=window.fullscreen)

    def _is_overdue(self) -> bool:
        since = self._stats.seconds_since_frame()
        # A slow show is alive between its frames.
        return since is None or since > OVERDUE_FRAMES / self._parts.playback.clock.rate


def present_state(parts: ShowParts, presenter: Presenter) -> ShowState:
    """Return the controls as they are now."""
    playback = parts.playback
    preset, other_preset = parts.presets.recalled
    return ShowState(
        parameters=playback.parameters.values(),
        modulation={name: binding.table() for name, binding in playback.parameters.bindings.items()},
        tempo=parts.remote.beat.bpm if parts.remote.beat.origin else None,
        preset=preset,
        other_preset=other_preset,
        follows_camera=playback.camera.mode == "camera",
        mirror=playback.camera.chosen_mirror,
        guard=playback.timeline.guarded,
        blackout=presenter.blackout or presenter.fade.to_black,
        model=playback.models.leading.number,
        network=playback.model.label,
    )


def take_up(state: ShowState, parts: ShowParts, presenter: Presenter) -> None:
    """Set the controls as the process before left them. The player does not run yet."""
    playback = parts.playback
    playback.camera.set_mode(state.follows_camera)
    if state.mirror is not None:
        playback.camera.set_mirror(state.mirror)
    playback.timeline.guard(state.guard)
    if state.tempo is not None:
        parts.remote.beat.set_tempo(state.tempo)
    presenter.toggle_blackout(state.blackout)
