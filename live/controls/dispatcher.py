"""Dispatcher: runs the actions and parameters that keys, OSC and MIDI ask for."""

import time
from collections.abc import Callable, Mapping
from functools import partial

from live.console import OnceEach
from live.controls.control import SHIFT, Action, Control, Parameter, Value
from live.controls.parameters import Parameters
from live.controls.pending import PendingControls
from live.controls.table import ACTIONS, CONTROLS, PARAMETERS
from live.controls.token_bucket import TokenBucket

# A knob paired with these could end the show while the performer only wants to leave the learning.
NOT_LEARNED = ("learn", "quit")


class Dispatcher:
    """Runs what keys ask for at once, and what OSC and MIDI asked for when `run_pending` is called.

    No action is done more often than its `rate`. Keys are counted apart, so that a flood of messages does not lock out
    the keyboard.

    Args:
        handlers: One function for each action, by its name. A trigger's takes nothing; a toggle's takes True, False
            or None (the other state); a number's takes 1…9.
        parameters: The values that parameter keys and messages change.
        do: Runs a function between two frames. Parameters change only there.
        learning: Says whether the MIDI map is learning. Then a control is handed to `touch` instead of being
            moved. `learn` is always run. `quit` is never learned: its keys end the learning.
        touch: Takes the name of a control, with its number if it has one.
        now: A monotonic clock in seconds.

    Raises:
        ValueError: Actions and handlers do not match.
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
        began = now()
        self._key_limits = {action.name: TokenBucket(action.rate, began) for action in ACTIONS}
        self._remote_limits = {action.name: TokenBucket(action.rate, began) for action in ACTIONS}
        self._notices = OnceEach(most=len(ACTIONS))
        self._by_key: dict[str, tuple[Control, int]] = {
            **{key: (action, 0) for action in ACTIONS for key in action.keys},
            **{key: (parameter, -1) for parameter in PARAMETERS for key in parameter.less},
            **{key: (parameter, +1) for parameter in PARAMETERS for key in parameter.more},
        }

    def press(self, key: str) -> None:
        """Run the control of `key`, a name as `StageWindow.poll` returns it. Other keys do nothing.

        With Shift, a key without a meaning of its own has the meaning that it has without Shift.
        """
        control, direction = self._by_key.get(key) or self._by_key.get(key.removeprefix(SHIFT)) or (None, 0)
        if control and control.name == "quit" and self._learning():
            self._handlers["learn"](False)
        elif isinstance(control, Action):
            self._perform(control, control.key_value(key), self._key_limits)
        elif control and not self._learned(control.name):
            self._do(partial(self._step, control, direction))

    def run_pending(self, pending: PendingControls) -> None:
        """Run the requests since the last call. Actions that come too often are refused.

        A toggle's state is set later instead, so that the last one that was asked for holds in the end.
        """
        for name, value in pending.take():
            control = CONTROLS[name]
            if isinstance(control, Action):
                if self._perform(control, value, self._remote_limits):
                    continue
                if control.kind == "toggle" and value is not None:
                    pending.put_back(name, value)
                else:
                    pending.refused += 1
            elif value is not None and not self._learned(name):
                self._do(partial(self._parameters.set, {name: value}))

    def _perform(self, action: Action, value: Value, limits: Mapping[str, TokenBucket]) -> bool:
        """Do an action, or hand it to the learning MIDI map; return False if it comes too often."""
        if action.name not in NOT_LEARNED and self._learned(action.numbered_name(value)):
            return True
        if not limits[action.name].take(self._now()):
            rate = f"{action.rate.per_second:g} a second"
            self._notices.warn(action.name, f"{action.name} is asked for too often; more than {rate} are not done")
            return False
        handler = self._handlers[action.name]
        if action.kind == "trigger":
            handler()
        else:
            handler(value)
        return True

    def _learned(self, name: str) -> bool:
        """Hand the control `name` to the MIDI map if it is learning; return whether it is."""
        if self._learning():
            self._touch(name)
            return True
        return False

    def _step(self, parameter: Parameter, direction: int) -> None:
        value = parameter.next_step(self._parameters[parameter.name], direction)
        self._parameters.set({parameter.name: value})
