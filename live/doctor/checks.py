"""The list of all checks, in their order, and the run of one: it neither raises nor hangs."""

import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass

from live.doctor.case import Case
from live.doctor.finding import Finding, failed, failed_with, warning, warning_of
from live.doctor.model import PROOF_SECONDS, check_bundle, check_network
from live.doctor.picture import WINDOW_SECONDS, check_blanking, check_display, check_lut, check_renderer, check_session
from live.doctor.plugins import PLUGIN_SECONDS, check_plugins
from live.doctor.processor import check_cores, check_temperature, check_throttling
from live.doctor.remote import (
    MIDI_SECONDS,
    check_extras,
    check_health,
    check_midi,
    check_osc,
    check_osc_query,
    check_presets,
)
from live.doctor.sources import AUDIO_SECONDS, LISTING_SECONDS, check_audio, check_camera
from live.doctor.storage import check_files, check_recordings, check_snapshots
from live.doctor.system import check_autostart, check_clock, check_telemetry
from live.doctor.virtual_camera import check_module, check_module_at_start
from live.errors import ShowError
from live.inference.plugins import PLUGINS
from live.process.bounded import NoAnswerError, in_thread

SECONDS = 20.0
# A process that is out of time is also ended.
ENDING_SECONDS = 10.0


@dataclass(frozen=True)
class Check:
    """One check."""

    name: str
    examine: Callable[[Case], Finding]
    """A `ShowError` of it is a failure, unless the show would wait."""
    essential: bool = False
    """True if the show cannot run where this check hangs or crashes."""
    seconds: float = SECONDS
    """Time for it."""


# Later checks use what earlier ones learned: the bundle, and the display.
CHECKS = (
    Check("model", check_bundle, essential=True, seconds=60.0),
    Check("network", check_network, essential=True, seconds=PROOF_SECONDS + ENDING_SECONDS),
    Check("plug-ins", check_plugins, seconds=PLUGIN_SECONDS * len(PLUGINS) + ENDING_SECONDS),
    Check("session", check_session),
    Check("display", check_display, essential=True, seconds=WINDOW_SECONDS + ENDING_SECONDS),
    Check("renderer", check_renderer),
    Check("screen blanking", check_blanking),
    Check("virtual camera", check_module),
    Check("module at start", check_module_at_start),
    Check("extras", check_extras),
    Check("camera", check_camera, seconds=LISTING_SECONDS + ENDING_SECONDS),
    Check("audio", check_audio, seconds=AUDIO_SECONDS + ENDING_SECONDS),
    Check("look-up table", check_lut),
    Check("presets", check_presets),
    Check("OSC", check_osc),
    Check("OSCQuery", check_osc_query),
    Check("MIDI", check_midi, seconds=MIDI_SECONDS + ENDING_SECONDS),
    Check("health", check_health),
    Check("recordings", check_recordings),
    Check("snapshots", check_snapshots),
    Check("log and status", check_files),
    Check("cores", check_cores),
    Check("temperature", check_temperature),
    Check("throttling", check_throttling),
    Check("clock", check_clock),
    Check("telemetry", check_telemetry),
    Check("autostart", check_autostart),
)


def run_check(check: Check, case: Case) -> Finding:
    """Return the finding of a check, whatever it does. With --debug, the traceback of a defect is shown."""
    bad = failed if check.essential else warning
    try:
        return in_thread(lambda: check.examine(case), check.seconds)
    except ShowError as error:
        return warning_of(error) if error.may_pass and case.settings.wait else failed_with(error)
    except NoAnswerError as error:
        return bad(str(error), "restart the machine; if it stays so, a driver or a disk is broken")
    except Exception as error:
        if case.settings.debug:
            traceback.print_exc(file=sys.stderr)
        return bad(f"cannot be checked ({type(error).__name__}: {error})", "add --debug, and report what it shows")
