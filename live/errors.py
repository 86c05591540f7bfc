"""What can go wrong through no fault of the programme: each is shown as one line that says what to do.

`ShowError` and its children are for things a user can mend. Everything else that is raised is a defect of
ours and keeps its traceback.

What the show says, and what it reports of errors, may be lost (a log on a full disk) but never ends it.
"""


class ShowError(Exception):
    """The show cannot go on as asked. The message is one line: what is wrong; what to do."""


class SettingsError(ShowError):
    """A setting that does not exist, has the wrong type or lies outside its range."""


class BundleError(ShowError):
    """A model folder that is missing, damaged or breaks the contract of `docs/bundle.md`."""


class ProviderError(ShowError):
    """A provider or a precision that was asked for by name cannot be used on this machine, or with this model."""


class UnusableError(ShowError):
    """A provider, or what it needs, does not work on this machine; the message is the reason. The show has others."""


class CameraError(ShowError):
    """There is no live source as `--camera` names it, or none that this show or model could use."""


class DisplayError(ShowError):
    """There is no display to open a window on, or not the one that was asked for."""


class BenchmarkError(ShowError):
    """A show that is to be measured cannot be run."""


class PresetError(ShowError):
    """A preset that is missing or holds something else than parameters in their range."""


class ControlError(ShowError):
    """OSC cannot be listened to, or a map of MIDI controls cannot be used."""


class OutputError(ShowError):
    """Something the show writes to (recording, snapshot, statistics, virtual camera) cannot be written."""


class RecordingError(OutputError):
    """A recording cannot begin, or ended early; what was written until then stays playable."""


class VirtualCameraError(OutputError):
    """The virtual camera cannot be opened, or takes no more pictures."""
