"""Errors that a user can fix. Each is shown as one line: what is wrong; what to do.

    ShowError
    ├── SettingsError
    ├── BundleError
    ├── ProviderError
    ├── UnusableError
    ├── NetworkFailedError
    ├── CameraError
    ├── AudioError
    ├── DisplayError
    │   └── DisplayLostError
    ├── BenchmarkError
    ├── PresetError
    ├── ControlError
    └── OutputError
        ├── RecordingError
        └── VirtualCameraError

Everything else that is raised is a defect of this programme and keeps its traceback.
"""

from live.reading.text import one_line


class ShowError(Exception):
    """The show cannot go on as asked. Its message is one line, whatever names and values of files it quotes.

    Args:
        message: What is wrong; what to do.
        may_pass: True if something is missing that may come, so that waiting may help.
    """

    def __init__(self, message: str = "", *, may_pass: bool = False) -> None:
        super().__init__(one_line(message))
        self.may_pass = may_pass


class SettingsError(ShowError):
    """A setting does not exist, has the wrong type or lies outside its range."""


class BundleError(ShowError):
    """A model folder is missing, damaged or breaks the contract of `docs/bundle.md`."""


class ProviderError(ShowError):
    """A provider or a precision that was asked for by name cannot be used on this machine, or with this model."""


class UnusableError(ShowError):
    """A provider does not work on this machine. The message is the reason; the show uses another one."""


class NetworkFailedError(ShowError):
    """The network failed in the show, and again each time that it was opened anew."""


class CameraError(ShowError):
    """There is no live source as `--camera` names it, or none that this show or model can use."""


class AudioError(ShowError):
    """There is no sound as an option names it, or none that can be read."""


class DisplayError(ShowError):
    """There is no display to open a window on, or not the one that was asked for."""


class DisplayLostError(DisplayError):
    """The display was lost during the show, and its window with it."""


class BenchmarkError(ShowError):
    """A show cannot be measured."""


class PresetError(ShowError):
    """A preset is missing or holds something else than parameters in their range."""


class ControlError(ShowError):
    """OSC or MIDI cannot be listened to, or a map of MIDI controls cannot be used."""


class OutputError(ShowError):
    """An output of the show (recording, snapshot, statistics, virtual camera) cannot be written."""


class RecordingError(OutputError):
    """A recording cannot begin, or ended early. What was written until then stays playable."""


class DeviceError(OutputError):
    """What hands the picture on to other programs cannot be opened, or accepts no more pictures."""


class VirtualCameraError(DeviceError):
    """The virtual camera cannot be opened, or accepts no more pictures."""
