"""What plays the show besides its keys: OSC and MIDI, each only if it was asked for."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from live.console import say
from live.controls.midi import MidiInput, PygamePorts
from live.controls.midi_map import MidiMap
from live.controls.options import RemoteSettings
from live.controls.osc import OscServer
from live.controls.pending import PendingControls


class RemoteControls:
    """The wishes of OSC and MIDI, and what is known of the two."""

    def __init__(self) -> None:
        self.wishes = PendingControls()
        self.osc: OscServer | None = None
        self.midi: MidiInput | None = None
        self.midi_map: MidiMap | None = None

    def learning(self) -> bool:
        """True while the MIDI map waits for a control and a knob."""
        return self.midi_map is not None and self.midi_map.learning()

    def learn(self, wanted: bool | None) -> None:
        """Have the MIDI map learn, or (None: the other way) no longer."""
        if self.midi_map:
            self.midi_map.learn(wanted)
        else:
            say("there is no MIDI to learn from; begin with --midi")

    def touch(self, control: str) -> None:
        """Tell the MIDI map, which is learning, which control is meant."""
        if self.midi_map:
            self.midi_map.touch(control)

    def osc_summary(self) -> dict[str, int] | None:
        """What came over OSC; None if OSC is off. Wishes that were replaced or came too soon are MIDI's too."""
        if self.osc is None:
            return None
        counts, wishes = self.osc.counts, self.wishes
        return {
            "messages": counts.messages,
            "refused": counts.refused + wishes.refused,
            "coalesced": wishes.coalesced,
        }


@contextmanager
def open_remote_controls(settings: RemoteSettings) -> Iterator[RemoteControls]:
    """Listen to what was asked for until the end of the block. Raises `ControlError` if that cannot be."""
    hands = RemoteControls()
    with ExitStack() as stack:
        if settings.osc_address:
            hands.osc = OscServer(*settings.osc_address, hands.wishes)
            stack.callback(hands.osc.close)
        if settings.midi:
            hands.midi_map = MidiMap(settings.midi_map_path, hands.wishes)
            device = settings.midi if isinstance(settings.midi, str) else ""
            hands.midi = MidiInput(device, hands.midi_map.receive, PygamePorts())
            stack.callback(hands.midi.close)
        yield hands
