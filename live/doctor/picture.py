"""Checks of the picture on the wall: session, display, renderer, screen blanking, look-up table."""

import re

from live.display.screens.display_facts import DisplayFacts, draws_on_processor
from live.doctor.case import Case
from live.doctor.finding import Finding, not_applicable, ok, warning
from live.process.bounded import in_process

WINDOW_SECONDS = 40.0
WINDOWLESS = not_applicable("the show opens no window")
GNOMES = ("gnome", "unity", "ubuntu", "budgie")


def check_session(case: Case) -> Finding:
    """Name the kind of session that the show would begin in."""
    machine, environment = case.machine, case.machine.environment
    if not case.settings.opens_window:
        return WINDOWLESS
    if not machine.is_linux:
        return not_applicable("every session of this system has a desktop")
    if environment.get("WAYLAND_DISPLAY"):
        return ok(f"Wayland ({environment['WAYLAND_DISPLAY']})")
    if environment.get("DISPLAY"):
        return ok(f"X11 (DISPLAY={environment['DISPLAY']})")
    if environment.get("SDL_VIDEODRIVER"):
        return ok(f"none, but SDL_VIDEODRIVER={environment['SDL_VIDEODRIVER']}")
    if environment.get("SSH_CONNECTION"):
        return warning("a remote shell, without the desktop", "export DISPLAY=:0, or start it at the machine")
    return warning("a console, without X11 or Wayland", "start it from the desktop, or export DISPLAY=:0")


def check_lut(case: Case) -> Finding:
    """Read the look-up table."""
    options = case.settings.effects
    return ok(f"{options.lut} can be read") if options.lookup_table() else not_applicable("not asked for (--lut)")


def check_display(case: Case) -> Finding:
    """Open a hidden window on the display of the show."""
    if not case.settings.opens_window:
        return WINDOWLESS
    wanted = case.settings.window.display
    facts = case.display = in_process(_probe_display, wanted, seconds=WINDOW_SECONDS)
    others = [name for number, name in enumerate(facts.names) if number != facts.number]
    fact = f"{facts.driver}, display {facts.names[facts.number]}"
    if others:
        fact += f"; the others: {', '.join(others)}"
    if facts.driver in ("dummy", "offscreen"):
        return warning(f"{fact}, which nobody can see", "unset SDL_VIDEODRIVER")
    return ok(fact)


def _probe_display(wanted: str) -> DisplayFacts:
    # It loads pygame, which only this process needs.
    from live.display.screens.probe import probe_display

    return probe_display(wanted)


def check_renderer(case: Case) -> Finding:
    """Tell whether a GPU or the processor draws the window."""
    if not case.settings.opens_window:
        return WINDOWLESS
    facts = case.display
    if facts is None:
        return not_applicable("without a display, nothing is drawn")
    if not facts.renderer:
        return not_applicable("this pygame does not tell")
    name = f"{facts.renderer} on {facts.gpu}" if facts.gpu else facts.renderer
    if facts.software or draws_on_processor(facts.gpu):
        return warning(
            f"the processor draws ({name}), which takes cores from the network",
            "install the graphics driver of this machine and log in again; or use a small window",
        )
    return ok(f"a GPU draws ({name})")


def check_blanking(case: Case) -> Finding:
    """Check that the screen stays on."""
    machine, environment = case.machine, case.machine.environment
    if not case.settings.opens_window:
        return WINDOWLESS
    if not machine.is_linux:
        return not_applicable("looked up on Linux alone; set sleep and screen saver to never in the settings")
    is_gnome = any(name in environment.get("XDG_CURRENT_DESKTOP", "").lower() for name in GNOMES)
    delay = machine.ask("gsettings", "get", "org.gnome.desktop.session", "idle-delay") if is_gnome else None
    if delay is not None and not delay.endswith(" 0"):
        return warning(
            f"the desktop blanks the screen after {delay.split()[-1]} s",
            "gsettings set org.gnome.desktop.session idle-delay 0",
        )
    if environment.get("WAYLAND_DISPLAY"):
        if delay is not None:
            return ok("the desktop never blanks the screen")
        return warning("unknown on this Wayland desktop", "set screen blanking to never in the desktop's settings")
    if environment.get("DISPLAY"):
        return _blanking_of_x(case)
    seconds = machine.read("/sys/module/kernel/parameters/consoleblank")
    if seconds not in ("", "0"):
        return warning(f"the console blanks the screen after {seconds} s", "sudo setterm --blank 0")
    return ok("the console never blanks the screen") if seconds else not_applicable("no screen is known")


def _blanking_of_x(case: Case) -> Finding:
    if not case.machine.has_program("xset"):
        return warning("unknown, because xset is not installed", "sudo apt install x11-xserver-utils")
    said = case.machine.ask("xset", "q")
    if said is None:
        return warning("unknown, because the X server does not answer `xset q`", "xset q says why")
    timeout = re.search(r"timeout:\s*(\d+)", said)
    causes, switches = [], []
    if timeout and int(timeout[1]):
        causes.append(f"after {timeout[1]} s by the screen saver")
        switches.append("s off")
    if "DPMS is Enabled" in said:
        # Standby, suspend and off; 0 never happens.
        times = [int(time) for time in re.findall(r"(?:Standby|Suspend|Off):\s*(\d+)", said)]
        if any(times):
            causes.append(f"after {min(time for time in times if time)} s by DPMS")
            switches.append("-dpms")
    if causes:
        return warning(f"X11 blanks the screen {' and '.join(causes)}", f"xset {' '.join(switches)}")
    return ok("X11 never blanks the screen")
