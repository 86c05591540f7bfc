"""The one table of actions: what can be done while the show runs, with which key, and what the help says of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Action:
    """Something that can be done while the show runs."""

    name: str
    keys: tuple[str, ...]
    """As `pygame.key.name` names them."""
    label: str
    """The keys as the help shows them."""
    help: str


ACTIONS = (
    Action("reseed_from_end", ("r",), "R", "go on from the last film frame"),
    Action("reseed_from_tail", ("t",), "T", "go on from a random moment of the tail"),
    Action("pause", ("space",), "Space", "pause, go on"),
    Action("single_step", (".", "n"), ". or N", "one frame, then pause"),
    Action("temperature_up", ("up",), "Arrow up", "more chance (temperature)"),
    Action("temperature_down", ("down",), "Arrow down", "less chance"),
    # Where + shares its key with =, nobody should need Shift; [+] and [-] are the number pad's.
    Action("faster", ("+", "=", "[+]"), "+", "faster"),
    Action("slower", ("-", "[-]"), "−", "slower"),
    Action("snapshot", ("s",), "S", "save the picture as a PNG"),
    Action("record", ("v",), "V", "start or stop recording"),
    Action("hud", ("i", "tab"), "I or Tab", "rates and delays"),
    Action("help", ("h",), "H", "this help"),
    Action("fullscreen", ("f11",), "F11", "fullscreen, window"),
    Action("quit", ("q", "escape"), "Q or Esc", "quit"),
)

HELP = tuple((action.label, action.help) for action in ACTIONS)
"""The help, as rows of key and meaning."""


class Controls:
    """Calls what belongs to a key. `handlers` has one function for each action of the table, by its name."""

    def __init__(self, handlers: Mapping[str, Callable[[], None]]) -> None:
        names = {action.name for action in ACTIONS}
        if names != handlers.keys():
            raise ValueError(f"actions without handler or handlers without action: {names ^ handlers.keys()}")
        self._by_key = {key: handlers[action.name] for action in ACTIONS for key in action.keys}

    def press(self, key: str) -> None:
        """Do what belongs to `key` (a name as `pygame.key.name` gives it); other keys do nothing."""
        handler = self._by_key.get(key)
        if handler:
            handler()
