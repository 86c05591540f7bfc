"""Actions of the table, connected to the parts of a show that do them."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from live.console import answer, report, say
from live.controls.dispatcher import Dispatcher
from live.controls.preset_keys import PresetKeys
from live.display.presenter import Presenter
from live.errors import OutputError
from live.frame import Pixels
from live.outputs.snapshot import save_snapshot
from live.playback.player import Player
from live.show.parts import ShowParts


def connect_actions(
    parts: ShowParts,
    player: Player,
    presenter: Presenter,
    presets: PresetKeys,
    *,
    take_snapshot: Callable[[], None],
    quit: Callable[[], None],
) -> Dispatcher:
    """Connect every action of the table. What changes the frames runs in the player's thread.

    Args:
        parts: Parts of the show.
        player: Makes the frames.
        presenter: What the window shows.
        presets: Recalls and stores presets.
        take_snapshot: Saves the newest picture.
        quit: Ends the show.
    """
    beat = parts.remote.beat
    playback, models, parameters = parts.playback, parts.playback.models, parts.playback.parameters

    def do(task: Callable[[], object], done: str | Callable[[], str]) -> None:
        """Run a task in the player's thread, and tell the performer what is so then."""

        def run() -> None:
            task()
            answer(done if isinstance(done, str) else done())

        player.do(run)

    def reseed_from_camera() -> None:
        found = playback.timeline.reseed_from_camera()
        answer("from the camera" if found else "the camera has no picture to continue from")

    def leave() -> None:
        """Leave the help, learning or fullscreen, whichever comes first, or ask whether to quit."""
        if presenter.shows_help:
            presenter.toggle_help(False)
        elif parts.remote.learning():
            parts.remote.learn(False)
        elif parts.window.fullscreen:
            parts.window.toggle_fullscreen()
        elif dispatcher.confirmed():
            quit()

    def toggle_blackout(wanted: bool | None) -> None:
        presenter.toggle_blackout(wanted)
        # A frozen picture, too, must turn black on the devices at once, and come back.
        repeat_on_devices(parts, presenter)

    def go_to_shot(number: int) -> None:
        if playback.timeline.go_to_shot(number):
            answer(f"shot {number}")
        else:
            answer(f"there is no shot {number} to continue; the tail has {playback.timeline.shots}")

    def toggle_fade(wanted: bool | None) -> None:
        presenter.fade.toggle(wanted)
        answer("fades to black" if presenter.fade.to_black else "fades back")

    def tell_tempo(changed: bool) -> None:
        answer(f"tempo {beat}" if changed else f"{beat.leader} sets the tempo")

    def toggle_hud(wanted: bool | None) -> None:
        if parts.operator and parts.operator.is_open:
            answer("the operator window always has all figures")
        else:
            presenter.toggle_hud(wanted)

    dispatcher = Dispatcher(
        {
            "reseed_from_end": lambda: do(lambda: playback.timeline.reseed_from_end(), "from the last film frame"),
            "reseed_from_tail": lambda: do(
                lambda: playback.timeline.reseed_from_tail(), "from a random frame of the tail"
            ),
            "shot": lambda number: player.do(lambda: go_to_shot(number)),
            "seed": lambda number: do(lambda: models.renew(number), f"seed {number}"),
            "reseed_from_camera": lambda: player.do(reseed_from_camera),
            "model": lambda number: player.do(lambda: playback.choose_model(number)),
            "model_mix": lambda share: player.do(lambda: models.crossfade(share)),
            "mode": lambda wanted: do(
                lambda: playback.camera.set_mode(wanted),
                lambda: "follows the camera" if playback.camera.mode == "camera" else "follows the film alone",
            ),
            "mirror": lambda wanted: do(
                lambda: playback.camera.set_mirror(wanted),
                lambda: "camera mirrored" if playback.camera.chosen_mirror else "camera not mirrored",
            ),
            "freeze": lambda wanted: do(
                lambda: player.pause(wanted), lambda: "frozen" if player.paused else "continues"
            ),
            "single_step": lambda: do(player.single_step, "one frame"),
            "tap": lambda: tell_tempo(beat.tap()),
            "tempo": lambda bpm: tell_tempo(beat.set_tempo(bpm)),
            "guard": lambda wanted: do(
                lambda: models.guard(wanted),
                lambda: f"collapse guard {'on' if playback.timeline.guarded else 'off'}",
            ),
            "blackout": toggle_blackout,
            "fade": toggle_fade,
            "crossfade": presets.crossfade,
            "recall": presets.recall,
            "store": presets.store,
            "other_preset": presets.recall_other,
            "reset": lambda: do(parameters.reset, "all parameters at their defaults"),
            "refresh": parts.remote.refresh,
            "learn": parts.remote.learn,
            "snapshot": take_snapshot,
            "record": parts.recordings.toggle,
            "hud": toggle_hud,
            "help": presenter.toggle_help,
            "fullscreen": parts.window.toggle_fullscreen,
            "leave": leave,
            "quit": quit,
        },
        parameters,
        do=player.do,
        learning=parts.remote.learning,
        touch=parts.remote.touch,
        quantizer=parts.remote.quantizer,
    )
    return dispatcher


def repeat_on_devices(parts: ShowParts, presenter: Presenter) -> None:
    """Offer the newest frame to the devices again, as it is visible now: no next one may come soon."""
    if parts.devices and presenter.newest:
        visible = presenter.visible(presenter.newest)
        for device in parts.devices:
            device.offer(visible, parts.playback.clock.rate)


def submit_snapshot(parts: ShowParts, presenter: Presenter, folder: Path, stem: str) -> None:
    """Let the newest frame be saved as it is visible.

    Args:
        parts: Parts of the show.
        presenter: What the window shows.
        folder: Folder of the snapshots.
        stem: Beginning of the file's name.
    """
    if presenter.newest:
        pixels = presenter.visible(presenter.newest).pixels
        parts.files.submit("a snapshot", partial(_save_snapshot, pixels, folder, stem))


def _save_snapshot(pixels: Pixels, folder: Path, stem: str) -> None:
    """Save a picture, and say so or report why not."""
    try:
        path = save_snapshot(pixels, folder, stem)
    except OutputError as error:
        report(error)
    else:
        say(f"snapshot {path}")
