"""The content of the operator window."""

from dataclasses import replace

import numpy as np
import pygame
import pytest
from numpy.typing import NDArray

from live.controls.table import HELP
from live.display.operator.drawing import BACKGROUND, BAR, TROUBLE, draw
from live.display.operator.view import Meter, OperatorView
from live.display.panels.lettering import Lettering
from live.frame import Pixels

GREEN, RED = (10, 240, 20), (240, 10, 20)
SIZE = (1280, 720)


def plain(colour: tuple[int, int, int]) -> Pixels:
    return np.full((90, 160, 3), colour, np.uint8)


VIEW = OperatorView(
    picture=plain(GREEN),
    camera=None,
    camera_status="",
    hud=(("after the end", "3.2 s"), ("provider", "a long line " * 12)),
    machine=(),
    parameters=(),
    stored_presets=frozenset(),
    recalled_preset=None,
    notices=(),
    help=(),
)


def drawn(view: OperatorView, size: tuple[int, int] = SIZE) -> Pixels:
    """Return the window, uint8 [h, w, 3]."""
    surface = pygame.Surface(size)
    draw(surface, view, Lettering())
    pixels: Pixels = pygame.surfarray.array3d(surface).transpose(1, 0, 2)
    return pixels


def where(picture: Pixels, colour: tuple[int, int, int]) -> NDArray[np.bool_]:
    return np.asarray((picture == colour).all(axis=2))


def changed(view: OperatorView, other: OperatorView) -> NDArray[np.bool_]:
    return np.asarray((drawn(view) != drawn(other)).any(axis=2))


def test_the_audiences_picture_keeps_its_shape_and_the_cameras_lies_below() -> None:
    picture = drawn(replace(VIEW, camera=plain(RED), camera_status="a webcam, mix 1.00"))
    places = [np.argwhere(where(picture, colour)) for colour in (GREEN, RED)]
    for place in places:
        height, width = np.ptp(place, axis=0) + 1
        assert width / height == pytest.approx(16 / 9, rel=0.02)
        assert width > SIZE[0] / 4
    assert places[0].max(axis=0)[0] < places[1].min(axis=0)[0]


def test_without_a_camera_there_is_one_picture() -> None:
    assert not where(drawn(VIEW), RED).any()
    assert where(drawn(VIEW), GREEN).sum() > where(drawn(replace(VIEW, camera_status="silent")), GREEN).sum() * 0.99


@pytest.mark.parametrize("share", [0.0, 0.25, 0.5, 1.0])
def test_a_meters_bar_reaches_from_its_rest_to_its_value(share: float) -> None:
    full = np.flatnonzero(where(drawn(with_meter(Meter("zoom", "4", 1.0))), BAR).any(axis=0))
    bar = np.flatnonzero(where(drawn(with_meter(Meter("zoom", "4", share, 0.5))), BAR).any(axis=0))
    length = full[-1] - full[0]
    assert (bar[0] - full[0]) / length == pytest.approx(min(share, 0.5), abs=0.02)
    assert (bar[-1] - full[0]) / length == pytest.approx(max(share, 0.5), abs=0.02)


def test_a_value_in_trouble_has_another_colour() -> None:
    assert not where(drawn(with_meter(Meter("late", "0 %", 0.0))), TROUBLE).any()
    assert where(drawn(with_meter(Meter("late", "9 %", 3.0, trouble=True))), TROUBLE).any()


def with_meter(meter: Meter) -> OperatorView:
    return replace(VIEW, parameters=(meter,))


def test_presets_notices_and_help_are_visible() -> None:
    stored = changed(VIEW, replace(VIEW, stored_presets=frozenset({1, 9})))
    recalled = changed(
        replace(VIEW, stored_presets=frozenset({1})), replace(VIEW, stored_presets=frozenset({1}), recalled_preset=1)
    )
    assert np.ptp(np.flatnonzero(stored.any(axis=0))) > SIZE[0] / 5
    assert recalled.any()
    notice = changed(VIEW, replace(VIEW, notices=("stored presets/1.toml", "there is no preset")))
    assert np.flatnonzero(notice.any(axis=1))[0] > SIZE[1] * 0.85
    assert changed(VIEW, replace(VIEW, help=HELP)).mean() > 0.5


@pytest.mark.parametrize("size", [(320, 180), (640, 360), (1280, 720), (1920, 1080)])
def test_everything_fits(size: tuple[int, int]) -> None:
    meters = tuple(Meter(f"parameter {number}", "−0.45", 0.4, 0.5) for number in range(22))
    notices = ("a long notice " * 30, "another one")
    picture = drawn(replace(VIEW, parameters=meters, machine=meters[:6], notices=notices), size)
    assert where(picture, BACKGROUND)[:, 0].all()
    assert where(picture, BACKGROUND)[:, -1].all()
    assert size[1] < 360 or where(picture, BACKGROUND)[-2:].all()
