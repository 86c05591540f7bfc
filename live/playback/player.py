"""Plays an episode in a thread of its own, each frame at its time, and takes wishes between two frames."""

import queue
import threading
from collections.abc import Callable

from live.frame import Frame
from live.latest_slot import LatestSlot
from live.playback.frame_clock import FrameClock
from live.playback.timeline import Timeline


class Player:
    """Puts an episode's frames into a mailbox at the clock's pace, until it is over or stopped.

    Frames are made when they are due and not before, so that a wish is seen in the very next one. `before_frame` is
    called in the thread before each. What goes wrong in the thread is raised again by `check` and `stop`, in the
    caller's thread.
    """

    def __init__(
        self,
        episode: Timeline,
        clock: FrameClock,
        mailbox: LatestSlot[Frame],
        before_frame: Callable[[], None] = lambda: None,
    ) -> None:
        self._episode = episode
        self._clock = clock
        self._mailbox = mailbox
        self._before_frame = before_frame
        self._wishes: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="player", daemon=True)
        self._playing = True
        self._paused = False
        self._single_steps = 0
        self._error: BaseException | None = None

    def start(self) -> None:
        """Begin: the first frame is due now."""
        self._thread.start()

    def do(self, wish: Callable[[], None]) -> None:
        """Have `wish` called in the player's thread, between two frames."""
        self._wishes.put(wish)

    @property
    def paused(self) -> bool:
        """True while frames are made by single steps only."""
        return self._paused

    def pause(self, wanted: bool | None = None) -> None:
        """Pause, or go on; None: the other way. To be wished for with `do`."""
        if wanted == self._paused:
            return
        self._paused = not self._paused
        self._single_steps = 0
        self._clock.restart()

    def single_step(self) -> None:
        """Pause, and make one frame. To be wished for with `do`."""
        self._paused = True
        self._single_steps += 1

    def check(self) -> None:
        """Raise here what went wrong in the thread, if anything did."""
        if self._error is not None:
            raise self._error

    def stop(self) -> None:
        """End after the frame that is being made, and wait for it. Raises like `check`."""
        self.do(self._leave)
        self._thread.join()
        self.check()

    def _leave(self) -> None:
        self._playing = False

    def _run(self) -> None:
        try:
            self._clock.restart()
            while self._await_due():
                self._before_frame()
                frame = self._episode.step()
                if frame is None:
                    break
                self._mailbox.put(frame)
                if not self._paused:
                    self._clock.tick()
        except BaseException as error:
            self._error = error
        finally:
            self._mailbox.close()

    def _await_due(self) -> bool:
        """Grant wishes until a frame is due; False when the player is to stop."""
        while self._playing:
            waiting = None if self._paused else self._clock.remaining()
            if self._single_steps:
                self._single_steps -= 1
                return True
            try:
                wish = (
                    self._wishes.get(timeout=waiting) if waiting is None or waiting > 0 else self._wishes.get_nowait()
                )
            except queue.Empty:
                return True
            wish()
        return False
