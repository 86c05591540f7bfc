"""The window: it draws the picture, and the panels on top of it."""

import contextlib
import ctypes
import os
from collections.abc import Callable, Iterator, Sequence
from types import TracebackType
from typing import Self, TypeVar

import pygame
from pygame._sdl2.video import Texture, Window

from live.display.canvas import Canvas
from live.display.held_chord import HeldChord
from live.display.keyboard import Keyboard
from live.display.options import WindowOptions
from live.display.panels.help_panel import Sections, draw_help
from live.display.panels.lettering import Lettering
from live.display.panels.panel import Rows, draw_panel
from live.display.pictures import open_pictures
from live.display.renderers import open_renderer, renderer_facts
from live.display.screens.displays import open_display
from live.display.screens.plug_watch import PlugWatch
from live.display.screens.x_server import watch_connection
from live.display.sdl_present import SDL_ERRORS, presenter
from live.errors import DisplayError, DisplayLostError
from live.frame import Pixels
from live.geometry import first_size, placed
from live.reading.text import printable

# SDL_WINDOWPOS_CENTERED_DISPLAY(0); the display's number is added to it.
CENTERED_ON_DISPLAY = 0x2FFF0000
# Ctrl+Shift+Q ends a kiosk when it is held for so long, which nobody does by chance.
QUITTING_SECONDS = 2.0

Content = TypeVar("Content")


class StageWindow:
    """Window for pictures of one size.

    Args:
        title: Title of the window.
        size: (height, width) of the pictures.
        options: Place and look of the window.

    Raises:
        DisplayError: There is no display, not the one of the options, or no window can be opened on it. The first two
            may pass.
    """

    def __init__(self, title: str, size: tuple[int, int], options: WindowOptions) -> None:
        if options.kiosk or options.operator:
            # It stays when another window takes the keys. SDL reads this when a window is made.
            os.environ["SDL_VIDEO_MINIMIZE_ON_FOCUS_LOSS"] = "0"
        self._display = open_display(options.display)
        self.plug = PlugWatch(self._display)
        """Watch on its display."""
        if options.kiosk:
            # SDL's default, unless the environment says otherwise.
            pygame.display.set_allow_screensaver(False)
        self._quitting_chord = HeldChord(QUITTING_SECONDS) if options.kiosk else None
        self._keyboard = Keyboard()
        self._picture_size = (size[1], size[0])
        position = CENTERED_ON_DISPLAY + self._display
        whole = pygame.display.get_desktop_sizes()[self._display]
        windowed = first_size(self._picture_size, whole)
        # Linear filtering, on the GPU if there is one. SDL reads this when a texture is made.
        os.environ.setdefault("SDL_RENDER_SCALE_QUALITY", "linear")
        try:
            self._window = Window(
                printable(title),
                # A window that is enlarged shows black strips until it is drawn again.
                whole if options.starts_fullscreen else windowed,
                (position, position),
                resizable=True,
            )
            self._renderer = open_renderer(self._window, distorts=not options.projection.changes_nothing)
            self._present_drawn = presenter(self._window, self._renderer)
            software = renderer_facts(self._window).software
            self._pictures = open_pictures(self._renderer, self._picture_size, software=software)
        except SDL_ERRORS as error:
            raise DisplayError(f"cannot open a window ({error}); --no-window and --headless need none") from error
        self._lost = ""
        self._connection = watch_connection(self._window, self._lose)
        self._lettering = Lettering()
        self._panels: dict[str, tuple[tuple[object, int, tuple[int, int]], Texture]] = {}
        self._resize_mode = options.fit
        projection = options.projection
        self._canvas = None if projection.changes_nothing else Canvas(self._window, self._renderer, projection)
        self._fullscreen = False
        self._windowed = (self._window.size, self._window.position)
        self.damaged = True
        """True if the window must be drawn again with `present`, which clears it."""
        self.closed = False
        """True when the user has closed the window, or ended a kiosk."""
        if options.starts_fullscreen:
            self.toggle_fullscreen()
            self._windowed = (windowed, position)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._lost:
            # SDL would try for ever to destroy it. The system does, at the end of the process.
            ctypes.pythonapi.Py_IncRef(ctypes.py_object(self))
            return
        # SDL requires this order.
        self._panels.clear()
        self._canvas = None
        del self._pictures, self._present_drawn, self._renderer
        self._window.destroy()
        pygame.quit()

    @property
    def fullscreen(self) -> bool:
        """True while the window covers a display."""
        return self._fullscreen

    @property
    def unplugged(self) -> str:
        """Name of the window's display while that is not there; empty while it is."""
        return self.plug.unplugged

    @property
    def has_focus(self) -> bool:
        """True while the window receives the keys."""
        return bool(pygame.key.get_focused())

    @property
    def held_key(self) -> str | None:
        """Name of the key that was pressed last, while it is down."""
        return self._keyboard.held

    def take_focus(self, *, above: bool) -> None:
        """Receive the keys from now on, and with `above` also come before every other window."""
        # Wayland leaves that to the user.
        with contextlib.suppress(*SDL_ERRORS):
            self._window.focus(input_only=not above)

    def poll(self) -> list[str]:
        """Process the events of the window system and return the keys pressed since the last call.

        The keys have the names of `Keyboard`. A kiosk returns none, and only its chord closes it.

        Raises:
            DisplayLostError: The X server has closed the connection, the window was destroyed, or SDL fails.
        """
        keys = []
        events = pygame.event.get()
        self._raise_if_lost()
        display = self.plug.look()
        if display is not None and self._fullscreen:
            with _lost_where_it_fails():
                self._cover(display)
        for event in events:
            if event.type in (pygame.KEYDOWN, pygame.QUIT, pygame.WINDOWCLOSE) and self._quitting_chord:
                continue
            if event.type == pygame.KEYDOWN:
                if key := self._keyboard.press(event):
                    keys.append(key)
            elif event.type == pygame.KEYUP:
                self._keyboard.release(event)
            elif event.type in (pygame.QUIT, pygame.WINDOWCLOSE):
                self.closed = True
            elif event.type in (pygame.WINDOWEXPOSED, pygame.WINDOWSIZECHANGED, pygame.WINDOWSHOWN):
                self.damaged = True
                # Some systems also lose the textures then.
                self._pictures.forget()
        if self._quitting_chord and self._quitting_chord.is_held(_quitting_keys_down()):
            self.closed = True
        return keys

    def toggle_fullscreen(self) -> None:
        """Cover the whole display that the window is on, or return to a window."""
        self._fullscreen = not self._fullscreen
        with _lost_where_it_fails():
            if self._fullscreen:
                self._windowed = (self._window.size, self._window.position)
                # pygame-ce does not tell which display a window is on, so there it is the display of the options.
                self._cover(getattr(self._window, "display_index", self._display))
            else:
                self._window.set_windowed()
                self._window.size, self._window.position = self._windowed
        pygame.mouse.set_visible(not (self._fullscreen or self._quitting_chord))
        self.damaged = True

    def present(
        self,
        pixels: Pixels,
        hud: Rows = (),
        help: Sections = (),
        notices: Sequence[str] = (),
        *,
        under: Pixels | None = None,
        share: float = 1.0,
    ) -> None:
        """Show a picture and panels.

        Args:
            pixels: Picture of the window's picture size, uint8 [height, width, 3] RGB.
            hud: Rows of the head-up display; empty for none.
            help: Sections of the help; empty for none.
            notices: Lines at the bottom; empty for none.
            under: Another such picture, which `pixels` covers.
            share: 0…1: how far `pixels` covers `under`.

        Raises:
            DisplayLostError: The X server has closed the connection, the window was destroyed, or SDL fails.
        """
        self._raise_if_lost()
        with _lost_where_it_fails():
            width, height = self._renderer.get_viewport().size
            if self._canvas:
                width, height = self._canvas.begin((width, height))
            place = placed(self._picture_size, (width, height), self._resize_mode)
            self._renderer.draw_color = (0, 0, 0, 255)
            self._renderer.clear()
            self._pictures.draw(pixels, under, share, place)
            self._draw_panels(hud, help, width, height)
            self._draw_notices(notices, width, height)
            if self._canvas:
                self._canvas.end()
            self._present_drawn()
        self.damaged = False

    def _cover(self, display: int) -> None:
        """Cover the display of this number."""
        # Without a window manager, as in many installations, nothing else enlarges the window.
        self._window.size = pygame.display.get_desktop_sizes()[display]
        self._window.position = (CENTERED_ON_DISPLAY + display,) * 2
        self._window.set_fullscreen(True)
        self.damaged = True

    def _lose(self, what: str) -> None:
        self._lost = self._lost or what

    def _raise_if_lost(self) -> None:
        if self._lost:
            raise DisplayLostError(f"{self._lost}; with --supervise, the show returns to it")

    def _draw_panels(self, hud: Rows, help: Sections, width: int, height: int) -> None:
        """Draw the HUD in its corner and the help in the middle of the rest; in a small window, the help alone."""
        margin = height // 36
        room = (width - 2 * margin, height - 2 * margin)
        left = 0
        if help:
            help_panel = self._panel("help", help, round(height / 28), room, draw_help)
        if hud:
            panel = self._panel("hud", hud, round(height / 36), room, draw_panel)
            if not help or panel.width + help_panel.width + 3 * margin <= width:
                panel.draw(dstrect=(margin, margin, panel.width, panel.height))
                left = margin + panel.width
        if help:
            place = (left + (width - left - help_panel.width) // 2, (height - help_panel.height) // 2)
            help_panel.draw(dstrect=(*place, help_panel.width, help_panel.height))

    def _draw_notices(self, notices: Sequence[str], width: int, height: int) -> None:
        """Draw lines at the bottom left, small: the audience sees them, too."""
        margin = height // 36
        if notices:
            rows = tuple(("", line) for line in notices)
            room = (width - 2 * margin, height - 2 * margin)
            panel = self._panel("notices", rows, round(height / 44), room, draw_panel)
            panel.draw(dstrect=(margin, height - margin - panel.height, panel.width, panel.height))

    def _panel(
        self,
        name: str,
        content: Content,
        letters: int,
        room: tuple[int, int],
        draw: Callable[[Content, Lettering, int, tuple[int, int]], pygame.Surface],
    ) -> Texture:
        """Return the texture of a panel, which is drawn again only if something has changed.

        Args:
            name: Name under which the texture is kept.
            content: Content.
            letters: Height of the letters in pixels; smaller if the room is too small.
            room: (width, height) that the panel must not exceed.
            draw: Draws the panel.
        """
        key = (content, letters, room)
        if name not in self._panels or self._panels[name][0] != key:
            surface = draw(content, self._lettering, letters, room)
            self._panels[name] = (key, Texture.from_surface(self._renderer, surface))
        return self._panels[name][1]


@contextlib.contextmanager
def _lost_where_it_fails() -> Iterator[None]:
    """Raise `DisplayLostError` where SDL fails inside the block, as after the loss of a GPU."""
    try:
        yield
    except SDL_ERRORS as error:
        raise DisplayLostError(f"the window fails ({error}); with --supervise, it is opened anew") from error


def _quitting_keys_down() -> bool:
    """Return True while Ctrl, Shift and Q are down."""
    modifiers = pygame.key.get_mods()
    return bool(modifiers & pygame.KMOD_CTRL and modifiers & pygame.KMOD_SHIFT and pygame.key.get_pressed()[pygame.K_q])
