import pytest

from live.geometry import ResizeMode, first_size, placed


@pytest.mark.parametrize(
    ("window", "mode", "expected"),
    [
        ((1280, 720), "letterbox", (0, 0, 1280, 720)),
        ((1280, 1000), "letterbox", (0, 140, 1280, 720)),
        ((2000, 720), "letterbox", (360, 0, 1280, 720)),
        ((1280, 1000), "fill", (-249, 0, 1778, 1000)),
        ((2000, 720), "fill", (0, -203, 2000, 1125)),
        ((1, 1), "letterbox", (0, 0, 1, 1)),
    ],
)
def test_a_picture_of_16_9_is_centred_and_keeps_its_proportion(
    window: tuple[int, int], mode: ResizeMode, expected: tuple[int, int, int, int]
) -> None:
    left, top, width, height = placed((256, 144), window, mode)
    assert (left, top, width, height) == expected
    if min(window) > 1:
        assert width / height == pytest.approx(16 / 9, rel=0.001)
    covers = width >= window[0] and height >= window[1]
    assert covers if mode == "fill" else (width == window[0] or height == window[1])


def test_a_new_window_is_a_whole_multiple_of_the_picture_and_leaves_room() -> None:
    assert first_size((256, 144), (1920, 1080)) == (1536, 864)
    assert first_size((256, 144), (1280, 720)) == (1024, 576)
    assert first_size((1280, 720), (1024, 768)) == (1280, 720)
