"""The window on SDL's dummy display: logic and drawing. test_screen.py sees it on an X screen."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Protocol

import cv2
import numpy as np
import pygame
import pytest
from numpy.typing import NDArray

from live.controls.table import HELP
from live.display.options import WindowOptions
from live.display.panel import Rows
from live.display.window import StageWindow
from live.errors import DisplayError
from live.frame import Pixels
from live.geometry import ResizeMode
from tests.live.bundles import HEIGHT, WIDTH, make_film

DEFAULTS = WindowOptions()
HUD = (("frames/s", "12.0 of 12"), ("seed", "7"))
LONG_HUD = (
    ("provider", "CPU fp32 (CUDA: this machine has no NVIDIA driver; CPU int8: 14.2 ms a step, no faster than fp32)"),
    ("recording", "ninety-seconds-after-a-pile-of-hats-2026-11-29-06-35-12.mkv, 4 dropped"),
    ("after the end", "12.3 s"),
)


class OpenWindow(Protocol):
    def __call__(self, options: WindowOptions = ...) -> StageWindow: ...


@pytest.fixture
def open_window(dummy_display: None) -> Iterator[OpenWindow]:
    """Opens windows, and closes them."""
    with ExitStack() as windows:

        def opened(options: WindowOptions = DEFAULTS) -> StageWindow:
            return windows.enter_context(StageWindow("test", (HEIGHT, WIDTH), options))

        yield opened


def shown(window: StageWindow) -> Pixels:
    """Return the content of the window, uint8 [H, W, 3]."""
    pixels: Pixels = pygame.surfarray.array3d(window._renderer.to_surface())
    return pixels.transpose(1, 0, 2)


def resize(window: StageWindow, size: tuple[int, int]) -> None:
    """Resize the window to (width, height), as its user may."""
    window._window.size = size
    window.poll()


def plain(level: int) -> Pixels:
    return np.full((HEIGHT, WIDTH, 3), level, np.uint8)


def quarters(picture: Pixels) -> NDArray[np.float64]:
    """Return the mean colours of the four quarters, [4, 3]."""
    height, width = picture.shape[0] // 2, picture.shape[1] // 2
    parts = [picture[:height, :width], picture[:height, width:], picture[height:, :width], picture[height:, width:]]
    return np.array([part.mean(axis=(0, 1)) for part in parts])


def test_the_picture_fills_a_window_of_its_proportion(open_window: OpenWindow) -> None:
    window = open_window()
    frame = make_film(1)[0]
    window.present(frame)
    picture = shown(window)
    assert picture.shape[0] * WIDTH == picture.shape[1] * HEIGHT
    np.testing.assert_allclose(quarters(picture), quarters(frame), atol=4)


@pytest.mark.parametrize(("size", "expected"), [((700, 300), (400, 300)), ((300, 700), (300, 225))])
def test_letterbox_has_black_borders(open_window: OpenWindow, size: tuple[int, int], expected: tuple[int, int]) -> None:
    lit = lit_area(open_window, "letterbox", size)
    columns, rows = lit.any(axis=0).sum(), lit.any(axis=1).sum()
    assert (columns, rows) == expected
    assert lit.sum() == rows * columns


@pytest.mark.parametrize("size", [(700, 300), (300, 700)])
def test_fill_has_no_borders(open_window: OpenWindow, size: tuple[int, int]) -> None:
    assert lit_area(open_window, "fill", size).all()


def lit_area(open_window: OpenWindow, mode: ResizeMode, size: tuple[int, int]) -> NDArray[np.bool_]:
    """Return the area of a white picture in a window of (width, height), bool [H, W]."""
    window = open_window(WindowOptions(fit=mode))
    resize(window, size)
    window.present(plain(255))
    lit: NDArray[np.bool_] = shown(window).min(axis=2) > 128
    assert lit.shape == size[::-1]
    return lit


def test_scaling_is_smooth(open_window: OpenWindow) -> None:
    window = open_window()
    frame = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    frame[:, WIDTH // 2 :] = 255
    window.present(frame)
    row = shown(window)[100, :, 0].astype(int)
    between = ((row > 20) & (row < 235)).sum()
    assert between >= 4, "nearest-neighbour scaling has a hard edge"


def test_panels_are_drawn_inside_the_window_and_the_picture_is_visible_through_them(open_window: OpenWindow) -> None:
    window = open_window()
    frame = plain(200)
    window.present(frame)
    without = shown(window).astype(int)
    window.present(frame, HUD)
    hud = shown(window).astype(int)
    changed = np.abs(hud - without).max(axis=2) > 10
    rows, columns = np.nonzero(changed)
    assert changed.any()
    assert columns.max() < hud.shape[1] // 2, "it stays in its corner"
    assert rows.max() < hud.shape[0] // 2
    inside = hud[changed]
    assert inside.max() > 200, "light letters"
    assert 20 < np.median(inside) < 120, "a dark panel, and the picture is visible through it"
    window.present(frame, (), HELP)
    help_shown = np.abs(shown(window).astype(int) - without).max(axis=2) > 10
    assert 0.15 < help_shown.mean() < 0.9
    window.present(frame)
    np.testing.assert_array_equal(shown(window), without)


@pytest.mark.parametrize("size", [(320, 180), (200, 500), (1600, 900)])
@pytest.mark.parametrize("hud", [(), HUD])
def test_the_help_fits_every_window(open_window: OpenWindow, size: tuple[int, int], hud: Rows) -> None:
    window = open_window()
    resize(window, size)
    window.present(plain(255))
    without = shown(window).astype(int)
    window.present(plain(255), hud, HELP)
    changed = np.abs(shown(window) - without).max(axis=2) > 10
    assert changed.any()
    assert not changed[0].any()
    assert not changed[-1].any()
    assert not changed[:, 0].any()
    assert not changed[:, -1].any()


def panel_shown(window: StageWindow, hud: Rows) -> Pixels:
    """Return the part of the window that a HUD covers; it does not reach the window's edge."""
    window.present(plain(200))
    without = shown(window).astype(int)
    window.present(plain(200), hud)
    picture = shown(window)
    rows, columns = np.nonzero(np.abs(picture - without).max(axis=2) > 10)
    assert 0 < rows.min() < rows.max() < picture.shape[0] - 1
    assert 0 < columns.min() < columns.max() < picture.shape[1] - 1
    return picture[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]


@pytest.mark.parametrize("size", [(320, 180), (320, 568), (640, 360), (1920, 1080)])
def test_every_line_of_the_hud_fits_the_window(open_window: OpenWindow, size: tuple[int, int]) -> None:
    window = open_window()
    resize(window, size)
    light = panel_shown(window, LONG_HUD).min(axis=2) > 200
    assert light.any()
    assert not light[:, -4:].any()
    assert not light[-4:].any()


@pytest.mark.parametrize(("size", "letters"), [((320, 568), 15), ((640, 360), 14), ((1920, 1080), 30)])
def test_a_long_value_is_wrapped_and_makes_no_letters_smaller(
    open_window: OpenWindow, size: tuple[int, int], letters: int
) -> None:
    window = open_window()
    resize(window, size)
    short, long = panel_shown(window, ((LONG_HUD[0][0], "CPU"), *HUD)), panel_shown(window, LONG_HUD)
    assert long.shape[0] > short.shape[0]
    assert long.shape[1] <= 40 * letters
    label = (slice(letters, 2 * letters), slice(letters, 4 * letters))
    assert np.ptp(short[label]) > 60
    np.testing.assert_array_equal(long[label], short[label])


def test_keys_and_closing(open_window: OpenWindow) -> None:
    window = open_window()
    window.poll()
    for key in (pygame.K_r, pygame.K_F11, pygame.K_PERIOD, pygame.K_KP_PLUS):
        pygame.event.post(pygame.event.Event(pygame.KEYDOWN, key=key, mod=pygame.KMOD_NUM))
    for mod in (pygame.KMOD_LSHIFT, pygame.KMOD_RSHIFT, pygame.KMOD_LCTRL):
        pygame.event.post(pygame.event.Event(pygame.KEYDOWN, key=pygame.K_1, mod=mod))
    assert window.poll() == ["r", "f11", ".", "[+]", "shift+1", "shift+1", "1"]
    assert window.poll() == []
    assert not window.closed
    pygame.event.post(pygame.event.Event(pygame.WINDOWCLOSE))
    window.poll()
    assert window.closed


def test_no_key_and_no_request_closes_a_kiosk_and_its_mouse_stays_hidden(open_window: OpenWindow) -> None:
    window = open_window(WindowOptions(kiosk=True))
    assert window.fullscreen
    window.poll()
    for key in (pygame.K_q, pygame.K_ESCAPE, pygame.K_s, pygame.K_F11):
        pygame.event.post(pygame.event.Event(pygame.KEYDOWN, key=key, mod=pygame.KMOD_NONE))
    for kind in (pygame.QUIT, pygame.WINDOWCLOSE):
        pygame.event.post(pygame.event.Event(kind))
    assert window.poll() == []
    assert not window.closed
    assert not pygame.mouse.get_visible()
    # OSC may do that.
    window.toggle_fullscreen()
    assert not pygame.mouse.get_visible()


@pytest.mark.parametrize("kiosk", [True, False])
def test_a_kiosk_keeps_the_screen_on_whatever_the_environment_says(
    open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch, kiosk: bool
) -> None:
    monkeypatch.setenv("SDL_VIDEO_ALLOW_SCREENSAVER", "1")
    open_window(WindowOptions(kiosk=kiosk))
    assert pygame.display.get_allow_screensaver() != kiosk


def test_an_exposed_window_is_drawn_again(open_window: OpenWindow) -> None:
    window = open_window()
    window.poll()
    window.present(make_film(1)[0])
    assert not window.damaged
    pygame.event.post(pygame.event.Event(pygame.WINDOWEXPOSED))
    window.poll()
    assert window.damaged


def test_fullscreen_covers_the_display_without_distortion(open_window: OpenWindow) -> None:
    window = open_window(WindowOptions(fullscreen=True))
    desktop = pygame.display.get_desktop_sizes()[0]
    window.present(plain(255))
    lit = shown(window).min(axis=2) > 128
    assert lit.shape == desktop[::-1]
    assert lit.any(axis=0).sum() / lit.any(axis=1).sum() == pytest.approx(WIDTH / HEIGHT, rel=0.02)


def test_a_display_that_does_not_exist_is_refused(dummy_display: None) -> None:
    with pytest.raises(DisplayError, match="there is no display 7; the last one is --display 0"):
        StageWindow("test", (HEIGHT, WIDTH), WindowOptions(display=7))


def test_without_a_display_nothing_is_drawn_and_the_error_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SDL_VIDEODRIVER", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(DisplayError, match=r"there is no display.*--headless"):
        StageWindow("test", (HEIGHT, WIDTH), WindowOptions())
    monkeypatch.setenv("SDL_VIDEODRIVER", "nonsense")
    with pytest.raises(DisplayError, match=r"there is no display.*--headless"):
        StageWindow("test", (HEIGHT, WIDTH), WindowOptions())


def test_a_picture_covers_another_by_its_share(open_window: OpenWindow) -> None:
    window = open_window()
    dark, light, other = plain(40), plain(240), plain(140)
    for under, pixels in ((dark, light), (light, other), (other, dark)):
        for share in (0.0, 0.25, 0.5, 1.0):
            window.present(pixels, under=under, share=share)
            expected = int(under[0, 0, 0]) + share * (int(pixels[0, 0, 0]) - int(under[0, 0, 0]))
            np.testing.assert_allclose(shown(window), expected, atol=2)
    window.present(light)
    assert (shown(window) == 240).all(), "alone it is fully visible"


def test_a_picture_is_uploaded_once_and_again_when_the_system_may_have_lost_it(open_window: OpenWindow) -> None:
    window = open_window()
    window.poll()
    first, second = plain(40), plain(200)
    window.present(second, under=first, share=0.5)
    # A receiver may not write into a picture. Here the new value shows whether the window uploads it again.
    second[:] = 90
    window.present(second, under=first, share=1.0)
    assert (shown(window) == 200).all()
    pygame.event.post(pygame.event.Event(pygame.WINDOWEXPOSED))
    window.poll()
    window.present(second, under=first, share=1.0)
    assert (shown(window) == 90).all()


def test_panels_look_the_same_on_a_cross_fade_as_on_a_picture(open_window: OpenWindow) -> None:
    window = open_window()
    window.present(plain(120), HUD)
    on_a_picture = shown(window).astype(int)
    window.present(plain(200), HUD, under=plain(40), share=0.5)
    np.testing.assert_allclose(shown(window), on_a_picture, atol=3)


def corner_colours(picture: Pixels) -> list[str]:
    """Return the names of the colours just inside the corners of a picture, clockwise from the top left."""
    height, width = picture.shape[0] // 8, picture.shape[1] // 8
    places = [(height, width), (height, -width), (-height, -width), (-height, width)]
    return [NAMES[tuple((picture[row, column] > 128).tolist())] for row, column in places]


NAMES = {(True, False, False): "red", (False, True, False): "green", (False, False, True): "blue"}
NAMES |= {(True, True, True): "white", (False, False, False): "black"}


def four_colours() -> Pixels:
    """Return a picture with red, green, blue and white quarters, clockwise from the top left."""
    picture = plain(0)
    picture[: HEIGHT // 2, : WIDTH // 2, 0] = picture[: HEIGHT // 2, WIDTH // 2 :, 1] = 255
    picture[HEIGHT // 2 :, WIDTH // 2 :, 2] = picture[HEIGHT // 2 :, : WIDTH // 2] = 255
    return picture


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (WindowOptions(), ["red", "green", "blue", "white"]),
        (WindowOptions(turn=90), ["white", "red", "green", "blue"]),
        (WindowOptions(turn=180), ["blue", "white", "red", "green"]),
        (WindowOptions(turn=270), ["green", "blue", "white", "red"]),
        (WindowOptions(flip="horizontal"), ["green", "red", "white", "blue"]),
        (WindowOptions(flip="vertical"), ["white", "blue", "green", "red"]),
        (WindowOptions(turn=90, flip="horizontal"), ["red", "white", "blue", "green"]),
    ],
)
def test_the_picture_is_turned_and_then_flipped_and_fitted_by_its_turned_shape(
    open_window: OpenWindow, options: WindowOptions, expected: list[str]
) -> None:
    window = open_window(options)
    wide = options.turn in (0, 180)
    for size in ((800, 300), (300, 800), (400, 600)):
        resize(window, size)
        for _ in range(2):
            window.present(four_colours())
        picture = shown(window)
        lit = picture.max(axis=2) > 128
        rows, columns = lit.any(axis=1).nonzero()[0], lit.any(axis=0).nonzero()[0]
        picture = picture[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        assert corner_colours(picture) == expected
        proportion = picture.shape[1] / picture.shape[0]
        assert proportion == pytest.approx(WIDTH / HEIGHT if wide else HEIGHT / WIDTH, rel=0.02)
        assert size[0] - picture.shape[1] < 2 or size[1] - picture.shape[0] < 2


def test_a_turned_picture_in_a_rectangle_is_turned_there_too(open_window: OpenWindow) -> None:
    window = open_window(
        WindowOptions(turn=90, fit="fill", corners=("0.25,0.25", "0.75,0.25", "0.75,0.75", "0.25,0.75"))
    )
    resize(window, (400, 400))
    window.present(four_colours())
    assert corner_colours(shown(window)[100:300, 100:300]) == ["white", "red", "green", "blue"]


def test_a_turned_picture_fills_the_window(open_window: OpenWindow) -> None:
    window = open_window(WindowOptions(turn=90, fit="fill"))
    for size in ((700, 300), (300, 700)):
        resize(window, size)
        window.present(plain(255))
        assert (shown(window) > 128).all()


def test_panels_are_turned_with_the_picture(open_window: OpenWindow) -> None:
    upright, turned = open_window(WindowOptions(fit="fill")), open_window(WindowOptions(fit="fill", turn=90))
    resize(upright, (300, 700))
    upright.present(plain(200), HUD, HELP)
    resize(turned, (700, 300))
    turned.present(plain(200), HUD, HELP)
    # SDL's software renderer puts triangles at whole pixels.
    expected, picture = (cv2.blur(each, (9, 9)) for each in (np.rot90(shown(upright), -1), shown(turned)))
    np.testing.assert_allclose(picture.astype(int), expected.astype(int), atol=40)


def test_the_picture_fits_into_four_corners_and_nothing_lies_outside(open_window: OpenWindow) -> None:
    corners = ("0.25,0.1", "0.75,0.1", "1,0.9", "0,0.9")
    window = open_window(WindowOptions(fit="fill", corners=corners))
    resize(window, (800, 600))
    window.present(four_colours(), under=plain(255), share=1.0)
    picture = shown(window)
    x, y = np.meshgrid((np.arange(800) + 0.5) / 800, (np.arange(600) + 0.5) / 600)
    # Distance from the left and the right side.
    left, right = x - 0.25 + 0.25 * (y - 0.1) / 0.8, 0.75 + 0.25 * (y - 0.1) / 0.8 - x
    inside = (left > 0.005) & (right > 0.005) & (y > 0.105) & (y < 0.895)
    outside = (left < -0.005) | (right < -0.005) | (y < 0.095) | (y > 0.905)
    assert picture[outside].max() == 0
    assert (picture[inside].max(axis=1) > 128).all()
    # The middle of the content is where the diagonals cross: a third of the way down, not half of it.
    middle_y = 0.1 + 0.8 / 3
    for name, above, on_the_left in (
        ("red", True, True),
        ("green", True, False),
        ("blue", False, False),
        ("white", False, True),
    ):
        part = inside & ((y < middle_y - 0.03) if above else (y > middle_y + 0.03))
        part &= (x < 0.48) if on_the_left else (x > 0.52)
        assert part.any()
        colours = {NAMES[tuple(colour)] for colour in np.unique(picture[part] > 128, axis=0).tolist()}
        assert colours == {name}
