"""Names of the keys that are pressed, on any layout, and the key that is held."""

import pygame

from live.display.sdl_present import sdl_library

LETTERS = "abcdefghijklmnopqrstuvwxyz"
# Names of the keys at these places on the US layout, by SDL's numbers of the places.
_LETTER_PLACES: dict[int, str] = {getattr(pygame, f"KSCAN_{letter.upper()}"): letter for letter in LETTERS}
_LETTER_PLACES[pygame.KSCAN_PERIOD] = "."
_NUMBER_ROW: dict[int, str] = {getattr(pygame, f"KSCAN_{digit}"): digit for digit in "1234567890"}
_NUMBER_ROW |= {pygame.KSCAN_MINUS: "-", pygame.KSCAN_EQUALS: "="}
_MODIFIERS = (("ctrl+", pygame.KMOD_CTRL), ("alt+", pygame.KMOD_ALT), ("shift+", pygame.KMOD_SHIFT))
_MODIFIER_KEYS = frozenset(
    getattr(pygame, f"K_{side}{name}") for side in "LR" for name in ("CTRL", "ALT", "SHIFT", "META", "SUPER")
)


class Keyboard:
    """Turns key events into names.

    A name is that of `pygame.key.name`, after "ctrl+", "alt+" and "shift+", in this order, for what is held. The number
    row, with the two keys to its right, goes by place, and so do all letters of a layout without Latin letters. All
    other keys go by what the layout says.
    """

    def __init__(self) -> None:
        self._held_key: int | None = None
        self.held: str | None = None
        """Name of the key that was pressed last, while it is down; None if it was released."""

    def press(self, event: pygame.event.Event) -> str | None:
        """Take a KEYDOWN and return the key's name; None for Ctrl, Alt, Shift and the system's key alone."""
        if event.key in _MODIFIER_KEYS:
            return None
        modifiers = "".join(name for name, bit in _MODIFIERS if event.mod & bit)
        self._held_key, self.held = event.key, modifiers + _bare_name(event)
        return self.held

    def release(self, event: pygame.event.Event) -> None:
        """Take a KEYUP."""
        if event.key == self._held_key:
            self._held_key = self.held = None


def _bare_name(event: pygame.event.Event) -> str:
    place = getattr(event, "scancode", None)
    if place in _NUMBER_ROW:
        return _NUMBER_ROW[place]
    if place in _LETTER_PLACES and not _is_latin(event.key) and not _layout_is_latin():
        return _LETTER_PLACES[place]
    return pygame.key.name(event.key)


def _is_latin(key: int) -> bool:
    return ord("a") <= key <= ord("z")


def _layout_is_latin() -> bool:
    """Return True if any key of the layout is a Latin letter: Dvorak has some, Greek has none."""
    try:
        key_at = sdl_library().SDL_GetKeyFromScancode
    except (OSError, AttributeError):
        # This build of pygame hides its SDL.
        return False
    return any(_is_latin(key_at(place)) for place in _LETTER_PLACES)
