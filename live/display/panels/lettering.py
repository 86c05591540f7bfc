"""Letters of the panels, at exact distances from each other."""

import io
from pathlib import Path

import pygame

# pygame puts each letter of a text on a whole pixel, so that small texts have uneven gaps. A text that is drawn larger
# and then reduced has even ones.
ENLARGEMENT = 4
# Texts that are kept: more than all windows show at a time.
KEPT_TEXTS = 512

Colour = tuple[int, int, int]


class Lettering:
    """pygame's default font in all sizes. Texts that were drawn are kept for a while."""

    def __init__(self) -> None:
        pygame.font.init()
        # By its path, because pygame itself finds its default font through pkg_resources. Read once, so that a show
        # without a free descriptor still draws panels.
        self._file = Path(pygame.__file__).with_name(pygame.font.get_default_font()).read_bytes()
        self._fonts: dict[int, pygame.font.Font] = {}
        self._texts: dict[tuple[str, int, Colour], pygame.Surface] = {}

    def width(self, text: str, letters: int) -> int:
        """Return the width of a text in pixels.

        Args:
            text: The text.
            letters: Height of the letters in pixels.
        """
        return -(-self._font(letters).size(text)[0] // ENLARGEMENT)

    def height(self, letters: int) -> int:
        """Return the height of a text in pixels, with room for accents and descenders."""
        return -(-self._font(letters).get_height() // ENLARGEMENT)

    def drawn(self, text: str, letters: int, colour: Colour) -> pygame.Surface:
        """Return a text as a picture with alpha channel, which the caller does not change."""
        key = (text, letters, colour)
        if key not in self._texts:
            if len(self._texts) >= KEPT_TEXTS:
                self._texts.clear()
            large = self._font(letters).render(text, True, colour)
            size = (max(1, self.width(text, letters)), self.height(letters))
            # A text without letters has no size.
            empty = not large.get_width()
            small = pygame.Surface(size, pygame.SRCALPHA) if empty else pygame.transform.smoothscale(large, size)
            self._texts[key] = small
        return self._texts[key]

    def _font(self, letters: int) -> pygame.font.Font:
        if letters not in self._fonts:
            self._fonts[letters] = pygame.font.Font(io.BytesIO(self._file), ENLARGEMENT * letters)
        return self._fonts[letters]
