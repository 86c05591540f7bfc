"""Dispatcher: runs the actions and parameters that keys, OSC and MIDI ask for."""

import time
from collections.abc import Callable, Mapping
from functools import partial

from live.console import OnceEach, answer
from live.controls.control import CTRL, SHIFT, Action, Control, Parameter, Value
from live.controls.key_repeat import KeyRepeat
from live.controls.parameters import Parameters
from live.controls.pending import PendingControls
from live.controls.table import ACTIONS, CONTROLS, PARAMETERS
from live.controls.token_bucket import TokenBucket
from live.tempo.quantizer import Quantizer

# A knob paired with these could end the show while the performer only wants to leave the learning.
NOT_LEARNED = ("learn", "leave", "quit")
# Time for the second press of a key that asks.
ASKING_SECONDS = 2.0
LESS, RESET, MORE = -1, 0, +1


class Dispatcher:
    """Runs what keys ask for at once, and what OSC and MIDI asked for when `run_pending` is called.

    No action is done more often than its `rate`. Keys are counted apart, so that a flood of messages does not lock out
    the keyboard.

    Args:
        handlers: One function for each action, by its name. A trigger's takes nothing; a toggle's takes True, False
            or None (the other state); a number's takes the number, a fader's 0…1.
        parameters: The values that parameter keys and messages change.
        do: Runs a function between two frames. Parameters change only there.
        learning: Says whether the MIDI map is learning. Then a control is handed to `touch` instead of being
            moved. `learn`, `leave` and `quit` are never learned.
        touch: Takes the name of a control, with its number if it has one.
        quantizer: Lets actions wait for the beat; None if none is to wait.
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
        quantizer: Quantizer | None = None,
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
        self._quantizer = quantizer
        self._now = now
        began = now()
        self._key_limits = {action.name: TokenBucket(action.rate, began) for action in ACTIONS}
        self._remote_limits = {action.name: TokenBucket(action.rate, began) for action in ACTIONS}
        self._notices = OnceEach(most=len(ACTIONS))
        self._repeat = KeyRepeat(now)
        self._asked_at = -ASKING_SECONDS
        self._looked_at = began
        self._by_key: dict[str, tuple[Control, int]] = {
            **{key: (action, 0) for action in ACTIONS for key in action.keys},
            **{key: (parameter, LESS) for parameter in PARAMETERS for key in parameter.less},
            **{key: (parameter, MORE) for parameter in PARAMETERS for key in parameter.more},
            **{key: (parameter, RESET) for parameter in PARAMETERS for key in parameter.reset_keys},
        }

    def press(self, key: str) -> None:
        """Run the control of `key`, a name as `StageWindow.poll` returns it. Other keys do nothing.

        With Shift, a key without a meaning of its own has the meaning that it has without Shift. Ctrl makes the steps
        of a parameter fine.
        """
        control, direction = self._control_of(key)
        if isinstance(control, Action):
            if not control.asks or self.confirmed():
                self._perform(control, control.key_value(key.removeprefix(CTRL)), self._key_limits)
        elif control and not self._learned(control.name):
            self._do(partial(self._move, control, direction, fine=key.startswith(CTRL)))

    def hold(self, key: str | None) -> None:
        """Repeat the step of the key that is held now, if its time has come. Only numbers repeat.

        It is called after the keys that were pressed since its last call.

        Args:
            key: Name of the key; None if none is held.
        """
        self._looked_at = self._now()
        due = self._repeat.due(key)
        control, direction = self._control_of(key or "")
        if key and isinstance(control, Parameter) and not control.choices and direction and not self._learning():
            for _ in range(due):
                self.press(key)

    def confirmed(self) -> bool:
        """Return whether this was asked for twice in a row; if not, tell the performer to press again."""
        before, self._asked_at = self._asked_at, self._now()
        # The key may have been pressed at any time since the last look: a show that stood still in between heard of it
        # late.
        if self._looked_at - before < ASKING_SECONDS:
            return True
        answer("press the key again to quit")
        return False

    def _control_of(self, key: str) -> tuple[Control | None, int]:
        """Return the control of a key, and the direction in which the key moves it."""
        name = key.removeprefix(CTRL)
        found = self._by_key.get(name)
        # Shift + 0 lies beside Shift + 9, which stores a preset.
        if found is None and name != f"{SHIFT}0":
            found = self._by_key.get(name.removeprefix(SHIFT))
        return found or (None, 0)

    def run_pending(self, pending: PendingControls) -> None:
        """Run what has waited for the beat, and the requests since the last call.

        Actions that come too often are refused. The state of a toggle or fader is set later instead, so that the last
        one that was asked for holds in the end.
        """
        if self._quantizer:
            self._quantizer.run_due()
        for name, value in pending.take():
            control = CONTROLS[name]
            if isinstance(control, Action):
                if self._perform(control, value, self._remote_limits):
                    continue
                if control.kind in ("toggle", "fader") and value is not None:
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
        task = handler if action.kind == "trigger" else partial(handler, value)
        if action.quantized and self._quantizer:
            self._quantizer.run(action.name, action.numbered_name(value).replace("_", " "), task)
        else:
            task()
        return True

    def _learned(self, name: str) -> bool:
        """Hand the control `name` to the MIDI map if it is learning; return whether it is."""
        if self._learning():
            self._touch(name)
            return True
        return False

    def _move(self, parameter: Parameter, direction: int, *, fine: bool) -> None:
        if direction == RESET:
            value = parameter.default
            self._parameters.reset([parameter.name])
        else:
            value = parameter.next_step(self._parameters[parameter.name], direction, fine=fine)
            self._parameters.set({parameter.name: value})
        answer(f"{parameter.name.replace('_', ' ')} {parameter.text(value)}")
