"""State of every control that has one, for a surface that follows the show."""

from live.controls.control import Value
from live.controls.preset_keys import PresetKeys
from live.display.presenter import Presenter
from live.playback.player import Player
from live.show.parts import ShowParts
from live.stats import ShowFacts


class ControlState:
    """Reads the state of the controls. Everything that it reads may be read in any thread.

    Args:
        parts: Parts of the show.
        facts: Facts of the show.
        player: Makes the frames.
        presenter: What the window shows.
        preset_keys: Recalls presets, and fades between two of them.
    """

    def __init__(
        self, parts: ShowParts, facts: ShowFacts, player: Player, presenter: Presenter, preset_keys: PresetKeys
    ) -> None:
        self._parts = parts
        self._facts = facts
        self._player = player
        self._presenter = presenter
        self._preset_keys = preset_keys

    def read(self) -> dict[str, Value]:
        """Return the state by the controls' names: all parameters, toggles and faders, and the numbers asked for last.

        None stands for a number that was never asked for.
        """
        parts, presenter = self._parts, self._presenter
        playback = parts.playback
        timeline, camera = playback.timeline, playback.camera
        return {
            **playback.parameters.values(),
            # That of a MIDI clock is never quite the same.
            "tempo": round(parts.remote.beat.bpm, 1),
            "shot": timeline.shot,
            "model": playback.models.number,
            "model_mix": playback.models.share,
            "seed": self._facts.seed if timeline.given_seed is None else timeline.given_seed,
            "mode": camera.mode == "camera",
            "mirror": camera.mirrored,
            "freeze": self._player.paused,
            "guard": timeline.guarded,
            "blackout": presenter.blackout,
            "fade": presenter.fade.to_black,
            "recall": parts.presets.recalled[0],
            "crossfade": self._preset_keys.position,
            "learn": parts.remote.learning(),
            "hud": presenter.hud_size != "off",
            "help": presenter.shows_help,
        }
