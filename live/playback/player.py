"""Plays a timeline in a thread of its own, each frame at its time."""

import queue
import threading
from collections.abc import Callable
from typing import Protocol

from live.console import warn
from live.frame import Frame
from live.latest_slot import LatestSlot
from live.playback.frame_clock import FrameClock

# A step takes a fraction of it. A longer one hangs, and the show ends without it.
ENDING_SECONDS = 2.0


class FrameSource(Protocol):
    """The part of a timeline that the player needs."""

    def step(self) -> Frame | None:
        """Return the next frame; None when there are no more."""
        ...


class Player:
    """Puts frames into a slot at the clock's pace, until there are no more or it is stopped.

    A frame is made when it is due and not before, so that every change is seen in the very next frame.

    Args:
        source: Makes the frames.
        clock: Says when each is due.
        slot: Receives the frames. It is closed at the end.
        before_frame: Called in the player's thread before each frame.
        ending_seconds: Time that `stop` waits for the frame that is being made.
    """

    def __init__(
        self,
        source: FrameSource,
        clock: FrameClock,
        slot: LatestSlot[Frame],
        before_frame: Callable[[], None] = lambda: None,
        *,
        ending_seconds: float = ENDING_SECONDS,
    ) -> None:
        self._source = source
        self._clock = clock
        self._slot = slot
        self._before_frame = before_frame
        self._ending_seconds = ending_seconds
        self._tasks: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="player", daemon=True)
        self._playing = True
        self._paused = False
        self._resting = False
        self._single_steps = 0
        self._error: BaseException | None = None

    def start(self) -> None:
        """Begin: the first frame is due now."""
        self._thread.start()

    def do(self, task: Callable[[], None]) -> None:
        """Have `task` called in the player's thread, between two frames."""
        self._tasks.put(task)

    @property
    def paused(self) -> bool:
        """True while frames are made by single steps only."""
        return self._paused

    def pause(self, wanted: bool | None = None) -> None:
        """Pause or continue; None: the other one of the two. For the player's thread: call it with `do`."""
        if wanted == self._paused:
            return
        self._paused = not self._paused
        self._single_steps = 0
        self._clock.restart()

    def single_step(self) -> None:
        """Pause, and make one frame. For the player's thread: call it with `do`."""
        self._paused = True
        self._single_steps += 1

    def rest(self, wanted: bool) -> None:
        """Make no frames at all, not even single steps; or go on, paused before or not.

        For the player's thread: call it with `do`.
        """
        self._resting = wanted
        self._paused = False
        self._single_steps = 0
        self._clock.restart()

    def stop(self) -> None:
        """End after the frame that is being made, and wait for it, but not for long.

        Raises:
            BaseException: Whatever was raised in the player's thread.
        """
        self.do(self._leave)
        self._thread.join(self._ending_seconds)
        if self._thread.is_alive():
            warn(f"a frame took longer than {self._ending_seconds:g} s; the show ends without it")
        if self._error is not None:
            raise self._error

    def _leave(self) -> None:
        self._playing = False

    def _run(self) -> None:
        try:
            self._clock.restart()
            while self._wait_until_due():
                self._before_frame()
                frame = self._source.step()
                if frame is None:
                    break
                self._slot.put(frame)
                if not self._paused:
                    self._clock.tick()
        except BaseException as error:
            self._error = error
        finally:
            self._slot.close()

    def _wait_until_due(self) -> bool:
        """Run tasks until a frame is due; return False when the player is to stop."""
        while self._playing:
            waiting = None if self._paused or self._resting else self._clock.remaining()
            if self._single_steps and not self._resting:
                self._single_steps -= 1
                return True
            try:
                task = self._tasks.get(timeout=waiting) if waiting is None or waiting > 0 else self._tasks.get_nowait()
            except queue.Empty:
                return True
            task()
        return False
