"""The timeline with a camera: following, reseeding from it, blending it in."""

from pathlib import Path

import numpy as np
import pytest

from live.camera.options import Mode
from tests.live.bundles import RATE, K, make_film, next_state, same_picture, to_context
from tests.live.playback.timelines import FilmSource, make_camera_timeline, play, step


def test_a_camera_is_followed_after_the_end_and_each_frame_knows_its_capture(camera_bundle: Path) -> None:
    frames = play(make_camera_timeline(camera_bundle, FilmSource(), "camera", tail=3 / RATE))
    np.testing.assert_array_equal([frame.pixels for frame in frames[:3]], make_film()[-3:])
    for index, frame in enumerate(frames[3:], start=3):
        assert np.abs(frame.pixels.astype(int) - (255 - make_film()[index].astype(int))).max() <= 1
    assert [frame.captured_at for frame in frames] == [None] * 3 + [3.0, 4.0, 5.0, 6.0, 7.0]


@pytest.mark.parametrize(("mode", "mix"), [("film", 1.0), ("camera", 0.0)])
def test_a_camera_that_is_not_followed_changes_nothing(
    camera_bundle: Path, bundle_folder: Path, mode: Mode, mix: float
) -> None:
    blind = play(make_camera_timeline(bundle_folder, None, "film"))
    seeing = play(make_camera_timeline(camera_bundle, FilmSource(), mode, mix=mix))
    np.testing.assert_array_equal([frame.pixels for frame in seeing], [frame.pixels for frame in blind])
    assert {frame.captured_at for frame in seeing} == {None}


def test_without_memory_there_is_no_film_and_no_reseeding(pairs_bundle: Path) -> None:
    frames = play(make_camera_timeline(pairs_bundle, FilmSource(), "camera", tail=1.0))
    np.testing.assert_array_equal([frame.pixels for frame in frames], 255 - make_film()[:5])
    timeline = make_camera_timeline(pairs_bundle, FilmSource(), "camera", tail=1.0)
    assert timeline.length == 5
    timeline.reseed_from_end()
    timeline.reseed_from_tail()
    timeline.reseed_from_camera()
    np.testing.assert_array_equal(step(timeline).pixels, 255 - make_film()[0])


@pytest.mark.parametrize("tail", [0.0, 1.0])
@pytest.mark.parametrize("folder", ["camera_bundle", "bundle_folder"])
def test_the_next_frame_can_continue_the_camera(folder: str, tail: float, request: pytest.FixtureRequest) -> None:
    source = FilmSource()
    timeline = make_camera_timeline(request.getfixturevalue(folder), source, "film", tail=tail)
    first = step(timeline)
    timeline.reseed_from_camera()
    second = step(timeline)
    # The camera's present picture, not that of the frame before.
    seen = np.stack([source.read(1).pixels] * K)
    expected, _ = next_state(to_context(seen), np.zeros(1, np.float32), 0.0)
    assert same_picture(second.pixels, expected)
    assert not same_picture(first.pixels, expected)
    assert second.seconds_after_end == pytest.approx(1 / RATE)


def test_the_camera_is_read_in_the_tail_too_and_not_after_the_end(camera_bundle: Path) -> None:
    source = FilmSource()
    assert len(play(make_camera_timeline(camera_bundle, source, "camera", tail=3 / RATE))) == 8
    assert source.asked == list(range(8))


def test_without_a_camera_there_is_nothing_to_continue_from(bundle_folder: Path) -> None:
    reseeded, plain = (make_camera_timeline(bundle_folder, None, "film") for _ in range(2))
    for timeline in (reseeded, plain):
        timeline.step()
    reseeded.reseed_from_camera()
    np.testing.assert_array_equal(step(reseeded).pixels, step(plain).pixels)


def test_a_camera_is_blended_into_a_film_that_does_not_follow_it(camera_bundle: Path) -> None:
    plain, half, all_of_it = (
        play(make_camera_timeline(camera_bundle, FilmSource(), "film", blend=blend))[-1].pixels
        for blend in (0.0, 0.5, 1.0)
    )
    assert np.abs(plain.astype(int) - half).mean() > 1
    seen = np.stack([FilmSource().read(4).pixels] * K)
    expected, _ = next_state(to_context(seen), np.zeros(1, np.float32), 0.0)
    assert same_picture(all_of_it, expected)
