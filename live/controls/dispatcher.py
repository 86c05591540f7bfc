"""From what hands do to what the show does: keys, OSC and MIDI find their actions and parameters here."""

import math
import time
from collections.abc import Callable, Mapping
from functools import partial

from live.controls.parameters import Parameters
from live.controls.pending import PendingControls, Value
from live.controls.table import ACTIONS, CONTROLS, PARAMETERS, SHIFT, Action, Control, Parameter

# How often OSC and MIDI may have the same done that uses a file.
FILES_SECONDS = 1 / 4
# A knob must not end the show because somebody wanted to leave the learning.
NOT_LEARNED = ("learn", "quit")


class Dispatcher:
    """Does what keys ask for at once, and what OSC and MIDI wished for when `grant` is called.

    `handlers` has one function for each action of the table, by its name: a trigger's takes nothing, a toggle's takes
    True, False or None (the other way), a number's takes 1…9. Parameters are turned between two frames, with `do`.
    While `learning` says so, a control that is touched is handed to `touch` (its name, and the number if it has one)
    instead of being moved; `learn` itself is always done. `quit` is never learned: its keys then end the learning.
    """

    def __init__(
        self,
        handlers: Mapping[str, Callable[..., None]],
        parameters: Parameters,
        do: Callable[[Callable[[], None]], None],
        learning: Callable[[], bool] = lambda: False,
        touch: Callable[[str], None] = lambda _: None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        names = {action.name for action in ACTIONS}
        if names != handlers.keys():
            raise ValueError(f"actions without handler or handlers without action: {names ^ handlers.keys()}")
        self._handlers = handlers
        self._parameters = parameters
        self._do = do
        self._learning = learning
        self._touch = touch
        self._now = now
        self._granted_at: dict[str, float] = {}
        self._by_key: dict[str, tuple[Control, int]] = {
            **{key: (action, 0) for action in ACTIONS for key in action.keys},
            **{key: (parameter, -1) for parameter in PARAMETERS for key in parameter.less},
            **{key: (parameter, +1) for parameter in PARAMETERS for key in parameter.more},
        }

    def press(self, key: str) -> None:
        """Do what belongs to `key` (a name as `StageWindow.poll` gives it); other keys do nothing.

        With Shift, a key that means nothing else then means what it means without.
        """
        control, direction = self._by_key.get(key) or self._by_key.get(key.removeprefix(SHIFT)) or (None, 0)
        if control and control.name == "quit" and self._learning():
            self._handlers["learn"](False)
        elif isinstance(control, Action):
            self._perform(control, control.key_value(key))
        elif control and not self._touched(control.name):
            self._do(partial(self._step, control, direction))

    def grant(self, wishes: PendingControls) -> None:
        """Do what was wished for since the last call; what uses files and came too soon after the same is refused."""
        for name, value in wishes.take():
            control = CONTROLS[name]
            if isinstance(control, Action):
                if control.uses_files and not self._is_time(control.named(value)):
                    wishes.refused += 1
                    continue
                self._perform(control, value)
            elif value is not None and not self._touched(name):
                self._do(partial(self._parameters.turn, {name: value}))

    def _is_time(self, name: str) -> bool:
        """Whether `name` was granted long enough ago, and so is granted now."""
        now = self._now()
        if now - self._granted_at.get(name, -math.inf) < FILES_SECONDS:
            return False
        self._granted_at[name] = now
        return True

    def _perform(self, action: Action, value: Value) -> None:
        if action.name not in NOT_LEARNED and self._touched(action.named(value)):
            return
        handler = self._handlers[action.name]
        if action.kind == "trigger":
            handler()
        else:
            handler(value)

    def _touched(self, name: str) -> bool:
        if self._learning():
            self._touch(name)
            return True
        return False

    def _step(self, parameter: Parameter, direction: int) -> None:
        value = parameter.next_step(self._parameters[parameter.name], direction)
        self._parameters.turn({parameter.name: value})
