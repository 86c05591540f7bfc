"""Open the sound that `--audio` names. An input opens only if the option asks for it, and nothing of it is kept."""

import re
from importlib.util import find_spec
from pathlib import Path

from live.audio.audio_input import AudioInput
from live.audio.options import AudioOptions
from live.errors import AudioError

INSTALL = 'pip install -e ".[audio]"'
# End of a file's name, and not of "USB 2.0".
_SUFFIX = re.compile(r"\.[A-Za-z][A-Za-z0-9]{1,4}")


def sound_file(options: AudioOptions) -> Path | None:
    """Return the file that the option names; None if it names an input or nothing.

    Raises:
        AudioError: The name cannot be looked up.
    """
    if not isinstance(options.audio, str):
        return None
    path = Path(options.audio)
    try:
        return path if path.exists() or _SUFFIX.fullmatch(path.suffix) else None
    except OSError as error:
        raise AudioError(f"--audio {path} cannot be looked up ({error.strerror}); give another name") from error


def open_audio(options: AudioOptions, *, headless: bool) -> AudioInput | None:
    """Open the sound that the option asks for; return None if it asks for none.

    Args:
        options: The option.
        headless: True if the show is rendered, which only a file can follow.

    Raises:
        AudioError: There is no such file, or no library for inputs. An input that is missing is searched for.
    """
    if options.audio is False:
        return None
    path = sound_file(options)
    if path:
        from live.audio.file_input import FileInput

        return FileInput(path, wait=headless)
    if headless:
        raise AudioError(
            "--headless renders frames faster than an audio input could deliver its sound; give --audio a sound file"
        )
    if find_spec("miniaudio") is None:
        raise AudioError(f"--audio needs miniaudio, which is not installed; {INSTALL}")
    from live.audio.device_input import DeviceInput
    from live.audio.inputs import OpenInput

    return DeviceInput(options.audio if isinstance(options.audio, str) else "", OpenInput)
