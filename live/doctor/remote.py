"""Checks of what joins a show to others: presets, OSC, MIDI, health, and the libraries of Link, NDI and the like."""

import errno
from importlib.util import find_spec
from socket import AF_INET, SO_REUSEADDR, SOCK_DGRAM, SOCK_STREAM, SOL_SOCKET, SocketKind, getaddrinfo, socket

from live.controls.midi.midi_map import read_midi_map
from live.controls.presets import read_preset
from live.doctor.case import Case
from live.doctor.finding import Finding, failed, not_applicable, ok, warning, warning_of
from live.errors import PresetError
from live.outputs.devices.sharing import WAYS, check_way
from live.process.bounded import in_process

MIDI_SECONDS = 20.0


def check_presets(case: Case) -> Finding:
    """Read the preset to begin with, and those of the keys 1…9."""
    options = case.settings.remote
    if options.preset:
        read_preset(options.preset)
    stored = []
    for number in range(1, 10):
        path = options.presets / f"{number}.toml"
        if path.exists():
            try:
                read_preset(path)
            except PresetError as error:
                return warning_of(error)
            stored.append(str(number))
    begins = f"begins with {options.preset}; " if options.preset else ""
    return ok(f"{begins}stored in {options.presets}: {', '.join(stored) or 'none'}")


def check_osc(case: Case) -> Finding:
    """Check that the port of OSC is free, and that the surface that follows has an address."""
    address, surface = case.settings.remote.osc_address, case.settings.remote.osc_feedback_address
    if address is None and surface is None:
        return not_applicable("not asked for (--osc)")
    if find_spec("pythonosc") is None:
        return failed("python-osc is not installed", 'pip install -e ".[osc]"')
    if surface:
        try:
            getaddrinfo(*surface, AF_INET, SOCK_DGRAM)
        except (OSError, UnicodeError) as error:
            return warning(f"--osc-feedback: the address of {surface[0]} is not known ({error})", "give its number")
    if address is None:
        return ok(f"sends to {case.settings.remote.osc_feedback}")
    return _port(case, SOCK_DGRAM, "UDP", "--osc", address)


def check_osc_query(case: Case) -> Finding:
    """Check that the port of --osc-query is free."""
    address = case.settings.remote.osc_query_address
    if address is None:
        return not_applicable("not asked for (--osc-query)")
    return _port(case, SOCK_STREAM, "TCP", "--osc-query", address)


def check_health(case: Case) -> Finding:
    """Check that the port of --health is free."""
    address = case.settings.monitoring.health_address
    if address is None:
        return not_applicable("not asked for (--health)")
    return _port(case, SOCK_STREAM, "TCP", "--health", address)


def _port(case: Case, kind: SocketKind, protocol: str, option: str, address: tuple[str, int]) -> Finding:
    host, port = address
    with socket(AF_INET, kind) as listener:
        # As the show's server does, so that a connection that has just ended is in nobody's way.
        if kind == SOCK_STREAM:
            listener.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)
        try:
            listener.bind(address)
        except OSError as error:
            # A show with --wait waits for everything else.
            found = warning if case.settings.wait and error.errno != errno.EACCES else failed
            if error.errno == errno.EADDRINUSE:
                seen = "ss -lunp" if kind == SOCK_DGRAM else "ss -ltnp"
                return found(
                    f"{protocol} port {port} is taken", f"give {option} another; `{seen}` names the program that has it"
                )
            return found(f"cannot listen at {host}:{port} ({error.strerror})", f"give {option} another address")
    return ok(f"{protocol} port {port} is free, for {'this machine alone' if host == '127.0.0.1' else host}")


def check_extras(case: Case) -> Finding:
    """Check that the libraries of --link, --ndi, --spout and --syphon are there, as far as the show asks for them."""
    settings = case.settings
    asked = [way for way in WAYS if getattr(settings.sharing, way.option)]
    for way in asked:
        check_way(way, case.machine.system)
    names = [way.name for way in asked]
    if settings.remote.link:
        if find_spec("link") is None:
            return failed("LinkPython-extern is not installed", 'pip install -e ".[link]"')
        names.append("Ableton Link")
    if not names:
        return not_applicable("not asked for (--link, --ndi, --spout, --syphon)")
    return ok(f"{', '.join(names)}: installed, and tried during the show alone")


def check_midi(case: Case) -> Finding:
    """Look for the MIDI input, and read the map."""
    options = case.settings.remote
    if not options.midi:
        return not_applicable("not asked for (--midi)")
    read_midi_map(options.midi_map_path)
    if case.machine.is_linux and not case.machine.path("/dev/snd/seq").exists():
        return warning("this system has no MIDI: /dev/snd/seq is missing", "sudo modprobe snd-seq")
    names = in_process(midi_names, seconds=MIDI_SECONDS)
    wanted = options.midi.lower() if isinstance(options.midi, str) else ""
    found = [name for name in names if wanted in name.lower()]
    if found:
        return ok(found[0])
    others = f"; there are {', '.join(names)}" if names else ""
    what = f"no MIDI device {options.midi}" if wanted else "no MIDI device"
    return warning(f"{what}{others}", "plug it in, now or during the show")


def midi_names() -> list[str]:
    """Return the names of the MIDI inputs that are plugged in."""
    # It loads pygame, which only this process needs.
    from live.controls.midi.ports import PygamePorts

    ports = PygamePorts()
    try:
        return ports.names()
    finally:
        ports.close()
