"""Injects one fault into one show, and measures what comes of it."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.campaign.stage import Stage, wait_until

# A show has recovered when it has shown frames without a longer gap for so long.
STEADY_SECONDS, STEADY_GAP_SECONDS = 2.0, 0.75
# A show ends within so many seconds, whatever it does.
ENDING_SECONDS = 3.0
TERMINATED = 143


@dataclass(frozen=True)
class Bar:
    """Most seconds that something may take."""

    seconds: float
    why: str = ""
    """Reason by design for another bar than the usual one; empty for the usual one."""


LIVING_GAP, RESTARTED_GAP = Bar(1.0), Bar(5.0)
NOT_LOST = Bar(0.5)
"""No frame. The frames on the screen can be counted with this error."""
NOT_DARK = Bar(0.1)
KILLED = Bar(1.0, "a kill takes what waits for the encoder")


def nothing(_: Stage) -> None:
    """Do nothing."""


def light(stage: Stage) -> None:
    """Start the screen."""
    stage.screen.start()


def no_options(_: Stage) -> Sequence[object]:
    """Return no options."""
    return ()


def no_streams(_: Stage) -> Mapping[str, int]:
    """Return no descriptors."""
    return {}


def always(_: Stage) -> bool:
    """Return True."""
    return True


@dataclass(frozen=True)
class Fault:
    """Kind of a fault: how it is made, and what is expected of a show. It can be pickled."""

    name: str
    inject: Callable[[Stage], None]
    """Makes the fault."""
    said: str = ""
    """Regular expression of a line that the log must have; empty if nothing is to be said."""
    cure: Callable[[Stage], None] = nothing
    """Ends the fault, as somebody does who plugs in a cable; nobody touches the show."""
    seconds: float = 2.0
    """Time from the fault, or if that was there before from the first frames, to its end."""
    restarts: bool = False
    """True if the show's process must be replaced."""
    ends: int | None = None
    """Exit code with which the show must end; None if it must go on."""
    gap: Bar | None = None
    """Bar of the time without a new frame; None for the usual one, which depends on `restarts`."""
    dark: Bar = NOT_DARK
    """Bar of the time in which the desktop is seen."""
    lost: Bar = NOT_LOST
    """Bar of the time that no recording holds."""
    takes_recording: bool = False
    """True if the fault removes what was recorded before it. Then only what follows can be lost."""
    recovered: Callable[[Stage], bool] = always
    """Returns whether the part in question works again."""
    options: Callable[[Stage], Sequence[object]] = no_options
    """Options of the show that the fault needs. They are asked for before the show starts."""
    environment: Mapping[str, str] = field(default_factory=dict)
    streams: Callable[[Stage], Mapping[str, int]] = no_streams
    """Descriptors of the supervisor's stdin, stdout and stderr."""
    at_start: bool = False
    """True if the fault is made before the show starts, and before there is a screen."""

    @property
    def gap_bar(self) -> Bar:
        """Bar of the time without a new frame, or for a fault that ends the show, of the time to its end."""
        if self.ends is not None:
            return Bar(ENDING_SECONDS)
        return self.gap or (RESTARTED_GAP if self.restarts else LIVING_GAP)


@dataclass(frozen=True)
class Outcome:
    """Result of one fault."""

    lived: bool
    """True if the process of the show lived on."""
    recovered: bool
    """True if everything was well again, or the show ended as it should."""
    said: bool
    gap: float
    """Longest time without a new frame on the screen, in seconds; for a show that had to end, the time that it took."""
    dark: float
    """Seconds in which the desktop was seen."""
    lost: float
    """Seconds of frames that were shown and that no recording holds."""
    troubles: tuple[str, ...]
    """A line for everything that was not as expected."""


def attempt(fault: Fault, folder: Path, bundle: Path) -> Outcome:
    """Start a show, make the fault, and return what came of it."""
    stage = Stage(folder, bundle)
    try:
        return _attempt(fault, stage)
    finally:
        stage.close()


def _attempt(fault: Fault, stage: Stage) -> Outcome:
    options = fault.options(stage)
    if fault.at_start:
        fault.inject(stage)
    else:
        stage.screen.start()
    stage.start(options, fault.environment, fault.streams(stage))
    if not (stage.shows() and (fault.at_start or wait_until(stage.is_whole))):
        return Outcome(False, False, False, 0.0, 0.0, 0.0, ("the show never began",))
    wait_until(lambda: stage.pid is not None)
    first, began = stage.pid, time.monotonic()
    if not fault.at_start:
        fault.inject(stage)
    if fault.ends is not None:
        # The end is asked for at the end of the fault.
        return _ended(fault, stage, time.monotonic())
    time.sleep(fault.seconds)
    fault.cure(stage)
    replaced = (first, None) if fault.restarts else ()
    recovered = wait_until(lambda: stage.pid not in replaced and _is_steady(stage) and fault.recovered(stage))
    lived, recovered_at = stage.pid == first, time.monotonic()
    stage.end()
    code = stage.exit_code()
    ending_seconds = time.monotonic() - recovered_at
    gap, dark = stage.wall.longest_gap(began, recovered_at), stage.wall.dark_seconds(began, recovered_at)
    said, lost = stage.count_said(fault.said) > 0, stage.lost_seconds(began if fault.takes_recording else 0.0)
    troubles = {
        "it did not recover": not recovered,
        "its process was replaced": not fault.restarts and not lived,
        "its process was not replaced": fault.restarts and lived,
        f"the log has no line {fault.said!r}": not said,
        **_beyond("no new frame for", gap, fault.gap_bar),
        **_beyond("the desktop was seen for", dark, fault.dark),
        **_beyond("the recording lost", lost, fault.lost),
        f"it ended with {code}": code != TERMINATED,
        **_beyond("its end took", ending_seconds, Bar(ENDING_SECONDS)),
    }
    return Outcome(lived, recovered, said, gap, dark, lost, _true(troubles))


def _ended(fault: Fault, stage: Stage, began: float) -> Outcome:
    """Return what came of a fault that ends the show."""
    code, seconds = stage.exit_code(), time.monotonic() - began
    said, lost = stage.count_said(fault.said) > 0, stage.lost_seconds()
    troubles = {
        f"it ended with {code}": code != fault.ends,
        **_beyond("its end took", seconds, fault.gap_bar),
        "there are no statistics": not (stage.folder / "stats.json").exists(),
        f"the log has no line {fault.said!r}": not said,
        **_beyond("the recording lost", lost, fault.lost),
    }
    return Outcome(False, code == fault.ends, said, seconds, 0.0, lost, _true(troubles))


def _beyond(what: str, seconds: float, bar: Bar) -> dict[str, bool]:
    return {f"beyond its bar: {what} {seconds:.1f} s of at most {bar.seconds:.1f} s": seconds > bar.seconds}


def _true(troubles: Mapping[str, bool]) -> tuple[str, ...]:
    return tuple(text for text, true in troubles.items() if true)


def _is_steady(stage: Stage) -> bool:
    now = time.monotonic()
    return stage.wall.longest_gap(now - STEADY_SECONDS, now) < STEADY_GAP_SECONDS
