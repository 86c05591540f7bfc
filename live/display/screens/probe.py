"""A look at the display: which driver, which displays, and what draws the window."""

import pygame
from pygame._sdl2.video import Renderer, Window

from live.display.renderers import renderer_facts
from live.display.screens.display_facts import DisplayFacts
from live.display.screens.displays import display_lines, list_displays, open_display
from live.display.sdl_present import SDL_ERRORS
from live.errors import DisplayError


def probe_display(wanted: str) -> DisplayFacts:
    """Open a hidden window as the show would open its own, and close it again.

    Args:
        wanted: Number or name of the window's display.

    Raises:
        DisplayError: There is no such display, or no window can be opened on it.
    """
    number = open_display(wanted)
    try:
        names = tuple(" ".join(line.split()) for line in display_lines(list_displays()))
        try:
            window = Window("Ninety Seconds After", (64, 64), hidden=True)
            drawing = Renderer(window, vsync=True)
        except SDL_ERRORS as error:
            raise DisplayError(f"cannot open a window ({error}); --no-window and --headless need none") from error
        drawn_by = renderer_facts(window)
        facts = DisplayFacts(
            driver=pygame.display.get_driver(),
            number=number,
            names=names,
            renderer=drawn_by.name,
            software=drawn_by.software,
            gpu=drawn_by.gpu,
        )
        # SDL requires this order.
        del drawing
        window.destroy()
        return facts
    finally:
        pygame.quit()
