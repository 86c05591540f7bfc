"""The window on SDL's dummy display: logic and drawing. test_screen.py sees it on an X screen."""

import os
import sys

import numpy as np
import pygame
import pytest
from numpy.typing import NDArray

from live.controls.table import HELP
from live.display.options import WindowOptions
from live.display.panels.panel import Rows
from live.display.sdl_present import SDL_ERRORS
from live.display.window import StageWindow
from live.errors import DisplayError, DisplayLostError
from live.frame import Pixels
from live.geometry import ResizeMode
from tests.live.bundles import HEIGHT, WIDTH, make_film
from tests.live.display.windows import HUD, OpenWindow, plain, resize, shown

LONG_HUD = (
    ("provider", "CPU fp32 (CUDA: this machine has no NVIDIA driver; CPU int8: 14.2 ms a step, no faster than fp32)"),
    ("recording", "ninety-seconds-after-a-pile-of-hats-2026-11-29-06-35-12.mkv, 4 dropped"),
    ("after the end", "12.3 s"),
)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limit")
def test_panels_need_no_descriptor(open_window: OpenWindow) -> None:
    import resource

    window = open_window()
    usual = resource.getrlimit(resource.RLIMIT_NOFILE)
    lowest = os.open(os.devnull, os.O_RDONLY)
    os.close(lowest)
    resource.setrlimit(resource.RLIMIT_NOFILE, (lowest, usual[1]))
    try:
        with pytest.raises(OSError, match="Too many open files"):
            open(os.devnull).close()
        window.present(plain(200), HUD, HELP, ["a notice"])
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, usual)
    assert len(np.unique(shown(window))) > 20


def test_a_window_that_fails_ends_the_show_in_one_line(
    open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = open_window()

    def fail(*_: object) -> None:
        raise SDL_ERRORS[-1]("the device was removed")

    monkeypatch.setattr(window._pictures, "draw", fail)
    with pytest.raises(DisplayLostError, match="the device was removed"):
        window.present(plain(0))


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


@pytest.mark.parametrize(
    ("key", "scancode", "name"),
    [
        (ord("й"), pygame.KSCAN_Q, "q"),
        (ord("ю"), pygame.KSCAN_PERIOD, "."),
        (ord("a"), pygame.KSCAN_Q, "a"),
        # Dvorak has other Latin letters, so this one is no Q.
        (ord("'"), pygame.KSCAN_Q, "'"),
        (ord("-"), pygame.KSCAN_6, "6"),
        (ord("&"), pygame.KSCAN_1, "1"),
        (ord(")"), pygame.KSCAN_MINUS, "-"),
        (pygame.K_KP7, pygame.KSCAN_KP7, "[7]"),
    ],
)
def test_keys_of_other_layouts(
    open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch, key: int, scancode: int, name: str
) -> None:
    window = open_window()
    window.poll()
    monkeypatch.setattr("live.display.keyboard._layout_is_latin", lambda: key < 128)
    pygame.event.post(pygame.event.Event(pygame.KEYDOWN, key=key, scancode=scancode, mod=0))
    assert window.poll() == [name]


def test_notices_are_small_and_at_the_bottom(open_window: OpenWindow) -> None:
    window = open_window()
    resize(window, (1280, 720))
    window.present(plain(200))
    without = shown(window).astype(int)
    window.present(plain(200), (), (), ("stored presets/1.toml",))
    changed = np.abs(shown(window) - without).max(axis=2) > 10
    rows, columns = np.nonzero(changed)
    assert rows.min() > 0.88 * 720
    assert columns.max() < 0.4 * 1280
    assert changed.mean() < 0.015
    window.present(plain(200))
    np.testing.assert_array_equal(shown(window), without)


def test_keys_and_closing(open_window: OpenWindow) -> None:
    window = open_window()
    window.poll()
    for key in (pygame.K_r, pygame.K_F11, pygame.K_PERIOD, pygame.K_KP_PLUS):
        pygame.event.post(pygame.event.Event(pygame.KEYDOWN, key=key, mod=pygame.KMOD_NUM))
    for mod in (pygame.KMOD_LSHIFT, pygame.KMOD_RSHIFT, pygame.KMOD_LCTRL):
        pygame.event.post(pygame.event.Event(pygame.KEYDOWN, key=pygame.K_1, mod=mod))
    pygame.event.post(pygame.event.Event(pygame.KEYDOWN, key=pygame.K_LSHIFT, mod=pygame.KMOD_LSHIFT))
    assert window.poll() == ["r", "f11", ".", "[+]", "shift+1", "shift+1", "ctrl+1"]
    assert window.held_key == "ctrl+1"
    for key, held in ((pygame.K_LSHIFT, "ctrl+1"), (pygame.K_1, None)):
        pygame.event.post(pygame.event.Event(pygame.KEYUP, key=key, mod=0))
        window.poll()
        assert window.held_key == held
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
    with pytest.raises(DisplayError, match="there is no display 7; --list-displays lists the displays"):
        StageWindow("test", (HEIGHT, WIDTH), WindowOptions(display="7"))


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
    window.present(second, HUD, under=first, share=0.5)
    assert (shown(window)[-1] == 120).all()
    pygame.event.post(pygame.event.Event(pygame.WINDOWEXPOSED))
    window.poll()
    window.present(second, under=first, share=0.5)
    assert (shown(window) == 65).all()


def test_panels_look_the_same_on_a_cross_fade_as_on_a_picture(open_window: OpenWindow) -> None:
    window = open_window()
    window.present(plain(120), HUD)
    on_a_picture = shown(window).astype(int)
    window.present(plain(200), HUD, under=plain(40), share=0.5)
    np.testing.assert_allclose(shown(window), on_a_picture, atol=3)
