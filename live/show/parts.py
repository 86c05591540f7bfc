"""Parts that a show in a window is made of."""

from collections.abc import Sequence
from dataclasses import dataclass

from live.controls.presets import Presets
from live.controls.remote import RemoteControls
from live.display.no_window import ShowWindow
from live.display.operator.operator_window import OperatorWindow
from live.outputs.devices.sink import DeviceSink
from live.outputs.recordings import Recordings
from live.outputs.virtual_camera import VirtualCamera
from live.playback.opening_hours import OpeningHours
from live.playback.playback import Playback
from live.process.file_worker import FileWorker
from live.supervision.link import SupervisorLink


@dataclass(frozen=True)
class ShowParts:
    """Parts of a show in a window. `live.show.window_show` builds them."""

    playback: Playback
    window: ShowWindow
    remote: RemoteControls
    presets: Presets
    recordings: Recordings
    virtual_camera: VirtualCamera | None
    files: FileWorker
    """Reads and writes the files of presets, snapshots, recordings and the MIDI map."""
    operator: OperatorWindow | None = None
    """The performer's own window; None if none was asked for."""
    supervisor: SupervisorLink | None = None
    hours: OpeningHours | None = None
    """Hours of the day in which the show plays; None for always."""
    shared: Sequence[DeviceSink] = ()
    """Sinks for other programs."""

    @property
    def devices(self) -> Sequence[DeviceSink]:
        """Virtual camera, and sinks for other programs."""
        return [*([self.virtual_camera] if self.virtual_camera else []), *self.shared]
