"""Remote controls, OSC and MIDI, and the beat with its clocks. Each is opened only if it was asked for."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import partial

from live.console import say
from live.controls.midi.feedback import MidiFeedback
from live.controls.midi.midi_map import MidiMap
from live.controls.midi.ports import SEARCH_SECONDS, MidiDevice, Ports, PygamePorts
from live.controls.options import RemoteOptions
from live.controls.osc.access import OscAccess
from live.controls.osc.feedback import OscFeedback, State
from live.controls.osc.query import OscQueryServer
from live.controls.osc.server import OscServer
from live.controls.pending import PendingControls
from live.controls.table import CONTROLS, SAFE_CONTROLS
from live.process.file_worker import FileWorker
from live.tempo.beat import Beat
from live.tempo.link_session import LinkSession
from live.tempo.midi_clock import PULSE, MidiClock
from live.tempo.quantizer import Quantize, Quantizer
from live.waiting import BackgroundSearch


class RemoteControls:
    """OSC and MIDI of a show, what they asked for, and the beat.

    Args:
        quantize: The beat or bar for which some of the requests wait.
    """

    def __init__(self, quantize: Quantize = "none") -> None:
        self.beat = Beat()
        self.quantizer = Quantizer(self.beat, quantize)
        self._midi_clock = MidiClock(self.beat)
        self.pending = PendingControls()
        self.osc: OscServer | None = None
        self.osc_query: OscQueryServer | None = None
        self.searches: list[BackgroundSearch[OscServer] | BackgroundSearch[OscQueryServer]] = []
        self.osc_feedback: OscFeedback | None = None
        self.midi: MidiDevice | None = None
        self.midi_map: MidiMap | None = None
        self.midi_feedback: MidiFeedback | None = None
        self.link: LinkSession | None = None
        self._read: Callable[[], State] = dict

    @property
    def missing(self) -> str:
        """Reason why OSC or OSCQuery is waited for; empty if neither is."""
        return next((search.missing for search in self.searches if search.missing), "")

    def listen(self, server: OscServer) -> None:
        """Hear OSC from now on."""
        self.osc = server

    def answer(self, server: OscQueryServer) -> None:
        """Answer OSCQuery from now on."""
        self.osc_query = server
        server.read = self._read

    def close_osc(self) -> None:
        """End the searches for an address of OSC, and stop listening."""
        for search in self.searches:
            search.close()
        if self.osc:
            self.osc.close()
        if self.osc_query:
            self.osc_query.close()

    def heard_at(self) -> Mapping[str, float]:
        """Return the times of `time.monotonic` at which OSC moved controls last, by their names."""
        return self.osc.heard_at if self.osc else {}

    def refresh(self) -> None:
        """Send the state of all controls to the surfaces that follow."""
        surfaces = [surface for surface in (self.osc_feedback, self.midi_feedback) if surface]
        for surface in surfaces:
            surface.refresh()
        if not surfaces:
            say("there is no surface to send to; begin with --osc-feedback HOST:PORT or --midi-feedback")

    def follow(self, read: Callable[[], State]) -> None:
        """Let the surfaces follow. `read` returns the present state; other threads call it."""
        self._read = read
        if self.osc_query:
            self.osc_query.read = read
        if self.osc_feedback:
            self.osc_feedback.start(read)
        if self.midi_feedback:
            self.midi_feedback.start(read)

    def receive_midi(self, status: int, data1: int, data2: int) -> None:
        """Take one message of the MIDI device: status, first and second data byte."""
        if status >= PULSE:
            self._midi_clock.receive(status, time.monotonic())
        elif self.midi_map and (self.midi_feedback is None or self.midi_feedback.hear(status, data1, data2)):
            self.midi_map.receive(status, data1, data2)

    def learning(self) -> bool:
        """Return whether the MIDI map waits for a control and a knob."""
        return self.midi_map is not None and self.midi_map.learning()

    def learn(self, wanted: bool | None) -> None:
        """Make the MIDI map learn, or stop; None: the other one of the two."""
        if self.midi_map:
            self.midi_map.learn(wanted)
        else:
            say("there is no MIDI to learn from; begin with --midi")

    def touch(self, control: str) -> None:
        """Tell the learning MIDI map which control the performer touched."""
        if self.midi_map:
            self.midi_map.touch(control)

    def osc_summary(self) -> dict[str, int] | None:
        """Return counts of what came over OSC; None if OSC is off.

        Requests that came too often or were replaced count here even if they came from MIDI.
        """
        if self.osc is None:
            return None
        counts, pending = self.osc.counts, self.pending
        return {
            "messages": counts.messages,
            "refused": counts.refused + pending.refused,
            "coalesced": pending.coalesced,
            "dropped": counts.dropped,
        }


@contextmanager
def open_remote_controls(
    options: RemoteOptions,
    files: FileWorker,
    *,
    wait: bool = False,
    map_required: bool = True,
    ports: Ports | None = None,
    search_seconds: float = SEARCH_SECONDS,
) -> Iterator[RemoteControls]:
    """Open the remote controls that the options ask for, until the end of the block.

    Args:
        options: The options of presets, OSC and MIDI.
        files: Writes the MIDI map.
        wait: True if an address of OSC or OSCQuery that is not available is waited for.
        map_required: False if a MIDI map that cannot be used is left out.
        ports: MIDI inputs and outputs of the machine; None for those that pygame finds.
        search_seconds: Interval between two searches for a missing MIDI device.

    Raises:
        ControlError: One of them cannot be opened, and is not waited for.
    """
    remote = RemoteControls(options.quantize)
    with ExitStack() as stack:
        if address := options.osc_address:
            access = OscAccess(options.osc_networks, CONTROLS if options.osc_all else SAFE_CONTROLS)
            open_osc = partial(OscServer, *address, remote.pending, access)
            stack.callback(remote.close_osc)
            if wait:
                remote.searches.append(BackgroundSearch("OSC", open_osc, remote.listen))
            else:
                remote.listen(open_osc())
            if query := options.osc_query_address:
                open_query = partial(OscQueryServer, *query, address, access)
                if wait:
                    remote.searches.append(BackgroundSearch("OSCQuery", open_query, remote.answer))
                else:
                    remote.answer(open_query())
        if surface := options.osc_feedback_address:
            remote.osc_feedback = OscFeedback(*surface, remote.heard_at)
            stack.callback(remote.osc_feedback.close)
        if options.midi:
            remote.midi_map = MidiMap(options.midi_map_path, remote.pending, files, required=map_required)
            device = options.midi if isinstance(options.midi, str) else ""
            output = options.midi_feedback if isinstance(options.midi_feedback, str) else device
            if options.midi_feedback:
                remote.midi_feedback = MidiFeedback(remote.midi_map)
            remote.midi = MidiDevice(
                device,
                remote.receive_midi,
                ports or PygamePorts(),
                remote.midi_feedback,
                output,
                search_seconds=search_seconds,
            )
            stack.callback(remote.midi.close)
        if options.link:
            remote.link = LinkSession(remote.beat)
            stack.callback(remote.link.close)
        yield remote
