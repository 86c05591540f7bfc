from fractions import Fraction

import numpy as np
import pytest

from live.bundle.bundle import read_bundle
from live.bundle.life_signs import LifeSigns
from live.camera.camera_input import CameraFollower
from live.camera.source import CapturedFrame
from live.inference.generator import Generator
from live.inference.options import InferenceOptions
from live.inference.selection import open_model
from live.playback.collapse_guard import CollapseGuard
from live.playback.timeline import Timeline
from live.timings import Timings
from tests.live.bundles import FILM_FRAMES, RATE, K, make_film, next_state, same_picture, to_context

NO_CAMERA = CameraFollower(None, mode="film", frame_rate=Fraction(RATE), inputs={"context"})


class FilmSource:
    """A source whose picture for frame n of the show is frame n of the film, captured at second n."""

    name, mirror, trouble = "film", False, ""

    def picture(self, index: int) -> CapturedFrame:
        return CapturedFrame(make_film()[index], float(index))

    def close(self) -> None:
        pass


@pytest.fixture
def bundle(bundle_folder):
    return read_bundle(bundle_folder, tail_seconds=3)


@pytest.fixture
def make(bundle):
    model = open_model(bundle, InferenceOptions(provider="cpu"), Timings())

    def made(
        tail: float = 3.0, seconds: float | None = 2.0, seed: int = 1, temperature: float = 1.0, **more
    ) -> Timeline:
        generator = Generator(model, np.random.SeedSequence(seed), Timings(), RATE)
        generator.temperature = temperature
        return Timeline(
            bundle.film,
            generator,
            NO_CAMERA,
            frame_rate=Fraction(RATE),
            context_frames=K,
            tail_seconds=tail,
            seconds=seconds,
            seed=np.random.SeedSequence(seed + 1000),
            **more,
        )

    return made


def play(episode: Timeline, most: int = 1000):
    frames = []
    while len(frames) < most and (frame := episode.step()) is not None:
        frames.append(frame)
    return frames


def test_the_films_last_seconds_and_then_what_comes_after(make) -> None:
    episode = make(tail=1.5, seconds=2.0)
    assert episode.length == 18 + 24
    frames = play(episode)
    assert len(frames) == 18 + 24
    np.testing.assert_array_equal([frame.pixels for frame in frames[:18]], make_film()[-18:])
    assert [frame.index for frame in frames] == list(range(42))
    np.testing.assert_allclose([frame.seconds_after_end for frame in frames], (np.arange(42) - 17) / RATE, atol=1e-12)
    assert not np.array_equal(frames[18].pixels, frames[17].pixels)
    assert episode.step() is None
    assert episode.length == 0


def test_no_tail_begins_right_after_the_end(make) -> None:
    with_tail, without = play(make(tail=1.0)), play(make(tail=0.0))
    assert without[0].seconds_after_end == pytest.approx(1 / RATE)
    np.testing.assert_array_equal(without[0].pixels, with_tail[RATE].pixels)


def test_a_tail_longer_than_the_film_is_the_film(bundle_folder, make) -> None:
    film = read_bundle(bundle_folder, tail_seconds=1000).film
    assert film.tail_length(1000, Fraction(RATE)) == FILM_FRAMES
    assert len(play(make(tail=1000))) == 3 * RATE + K + 24, "as much as was read"


def test_an_endless_episode_does_not_end(make) -> None:
    episode = make(seconds=None)
    assert episode.length is None
    assert len(play(episode, most=500)) == 500


def test_the_shortest_continuation_is_one_frame(make) -> None:
    assert len(play(make(tail=0, seconds=0.001))) == 1


def test_reseeding_from_the_end_continues_the_last_film_frame_again(make) -> None:
    episode = make(tail=0, temperature=0.0)
    before = play(episode, most=10)
    episode.reseed_from_end()
    after = play(episode, most=10)
    for one, other in zip(before, after, strict=True):
        np.testing.assert_array_equal(one.pixels, other.pixels)
        assert one.seconds_after_end == other.seconds_after_end
    assert [frame.index for frame in after] == list(range(10, 20))
    assert len(play(episode)) == 4, "the show's length stays what it was"


def test_reseeding_in_the_tail_ends_the_tail(make) -> None:
    episode = make(tail=3.0)
    play(episode, most=5)
    episode.reseed_from_end()
    assert not episode.in_tail
    assert episode.step().seconds_after_end == pytest.approx(1 / RATE)


def test_reseeding_from_the_tail_picks_moments_within_one_shot_repeatably(make, bundle):
    def picks(seed: int) -> list[int]:
        episode, picked = make(tail=3.0, seconds=None, seed=seed, temperature=0.0), []
        # What the network makes of each film moment when there is no noise tells which one was picked.
        for _ in range(40):
            episode.reseed_from_tail()
            picked.append(known[episode.step().pixels.tobytes()])
        return picked

    film = bundle.film
    known = {}
    generator = make(temperature=0.0)._generator
    for moment in range(K - 1, len(film.frames)):
        generator.reset(film.context(moment, K))
        known[generator.step().tobytes()] = moment
    allowed = film.moments(3 * RATE, K)
    cut = film.shot_starts[1]
    assert cut not in allowed
    assert set(picks(1)) <= set(allowed)
    assert len(set(picks(1))) > len(allowed) // 3
    assert picks(1) == picks(1)
    assert picks(1) != picks(2)


def test_reseeding_does_not_shift_the_noise(make) -> None:
    plain, reseeded = make(tail=0), make(tail=0)
    reseeded.reseed_from_tail()
    reseeded.reseed_from_end()
    np.testing.assert_array_equal(plain.step().pixels, reseeded.step().pixels)


def perform(folder, source, mode, tail: float = 0.0, mix: float = 1.0):
    """Five frames of continuation with a live source."""
    return play(episode_before(read_bundle(folder, tail), source, mode, tail, mix))


def episode_before(bundle, source, mode, tail: float = 0.0, mix: float = 1.0, blend: float = 0.0) -> Timeline:
    """The same, still to be played."""
    model = open_model(bundle, InferenceOptions(provider="cpu"), Timings())
    generator = Generator(model, np.random.SeedSequence(1), Timings(), RATE)
    generator.temperature, generator.feedback.camera_blend = 0.0, blend
    live = CameraFollower(source, mode=mode, frame_rate=Fraction(RATE), inputs=bundle.graph.inputs)
    live.camera_mix = mix
    return Timeline(
        bundle.film,
        generator,
        live,
        frame_rate=Fraction(RATE),
        context_frames=bundle.graph.context_frames,
        tail_seconds=tail,
        seconds=5 / RATE,
        seed=np.random.SeedSequence(2),
    )


def test_a_camera_is_followed_after_the_end_and_each_frame_knows_its_capture(camera_bundle) -> None:
    frames = perform(camera_bundle, FilmSource(), "camera", tail=3 / RATE)
    np.testing.assert_array_equal([frame.pixels for frame in frames[:3]], make_film()[-3:])
    for index, frame in enumerate(frames[3:], start=3):
        assert np.abs(frame.pixels.astype(int) - (255 - make_film()[index].astype(int))).max() <= 1
    assert [frame.captured_at for frame in frames] == [None] * 3 + [3.0, 4.0, 5.0, 6.0, 7.0]


@pytest.mark.parametrize(("mode", "mix"), [("film", 1.0), ("camera", 0.0)])
def test_a_camera_that_is_not_followed_changes_nothing(camera_bundle, bundle_folder, mode, mix) -> None:
    blind = perform(bundle_folder, None, "film")
    seeing = perform(camera_bundle, FilmSource(), mode, mix=mix)
    np.testing.assert_array_equal([frame.pixels for frame in seeing], [frame.pixels for frame in blind])
    assert {frame.captured_at for frame in seeing} == {None}


def test_without_memory_there_is_no_film_and_no_reseeding(pairs_bundle) -> None:
    frames = perform(pairs_bundle, FilmSource(), "camera", tail=1.0)
    np.testing.assert_array_equal([frame.pixels for frame in frames], 255 - make_film()[:5])
    episode = episode_before(read_bundle(pairs_bundle, 0), FilmSource(), "camera", tail=1.0)
    assert episode.length == 5
    episode.reseed_from_end()
    episode.reseed_from_tail()
    episode.reseed_from_camera()
    np.testing.assert_array_equal(episode.step().pixels, 255 - make_film()[0])


@pytest.mark.parametrize("tail", [0.0, 1.0])
@pytest.mark.parametrize("folder", ["camera_bundle", "bundle_folder"])
def test_a_camera_can_be_what_the_dream_goes_on_from(folder, tail, request: pytest.FixtureRequest) -> None:
    source = FilmSource()
    episode = episode_before(read_bundle(request.getfixturevalue(folder), tail), source, "film", tail)
    first = episode.step()
    episode.reseed_from_camera()
    second = episode.step()
    # What it sees now, not what it saw at the frame before.
    seen = np.stack([source.picture(1).pixels] * K)
    expected, _ = next_state(to_context(seen), np.float32(0), 0.0)
    assert same_picture(second.pixels, expected)
    assert not same_picture(first.pixels, expected)
    assert second.seconds_after_end == pytest.approx(1 / RATE)


def test_the_camera_is_looked_at_in_the_tail_too_and_not_after_the_end(
    camera_bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    source = FilmSource()
    monkeypatch.setattr(source, "picture", lambda index: asked.append(index), raising=False)
    assert len(perform(camera_bundle, source, "camera", tail=3 / RATE)) == 8
    assert asked == list(range(8))


def test_without_a_camera_there_is_nothing_to_go_on_from(bundle_folder) -> None:
    with_it, without = (episode_before(read_bundle(bundle_folder, 0), None, "film") for _ in range(2))
    for episode in (with_it, without):
        episode.step()
    with_it.reseed_from_camera()
    np.testing.assert_array_equal(with_it.step().pixels, without.step().pixels)


def test_a_camera_is_blended_into_the_film_that_does_not_follow_it(camera_bundle) -> None:
    bundle = read_bundle(camera_bundle, 0)
    episodes = (episode_before(bundle, FilmSource(), "film", blend=blend) for blend in (0.0, 0.5, 1.0))
    plain, half, all_of_it = (play(episode)[-1].pixels for episode in episodes)
    assert np.abs(plain.astype(int) - half).mean() > 1
    seen = np.stack([FilmSource().picture(4).pixels] * K)
    expected, _ = next_state(to_context(seen), np.float32(0), 0.0)
    assert same_picture(all_of_it, expected)


def test_frames_say_where_they_do_not_go_on_from_the_one_before(make, bundle) -> None:
    episode = make(tail=3.0)
    before = len(bundle.film.frames) - 36  # frames that are no part of the tail
    starts = [start - before for start in bundle.film.shot_starts if start > before]
    tail = [frame.cut for frame in play(episode, 36)]
    assert [index for index, cut in enumerate(tail) if cut and index] == starts
    assert [frame.cut for frame in play(episode, 3)] == [False] * 3, "the end of the film is no cut"
    for reseed in (episode.reseed_from_end, episode.reseed_from_tail):
        reseed()
        assert [frame.cut for frame in play(episode, 3)] == [True, False, False]


# ----------------------------------------------------------------------------
# Again and again.


def test_after_an_episode_it_fades_back_to_the_tail_and_goes_on_otherwise(make) -> None:
    episode = make(tail=1.0, seconds=5.0, episode_seconds=2.0)
    assert episode.length == 3 * 12 + 60
    frames = play(episode)
    assert len(frames) == 96
    assert [frame.index for frame in frames] == list(range(96))
    after = [frame.seconds_after_end for frame in frames]
    np.testing.assert_allclose(after[36:72], after[:36])
    np.testing.assert_allclose(after[72:], after[:24])
    first, second = (np.stack([frame.pixels for frame in frames[begin : begin + 36]]) for begin in (0, 36))
    film, last = make_film()[-12:], frames[35].pixels
    np.testing.assert_array_equal(second[9:12], film[9:12])
    # In between the last picture gives way.
    assert all(not np.array_equal(shown, told) for shown, told in zip(second[:9], film[:9], strict=True))
    far = [np.abs(shown.astype(float) - last).mean() for shown in second[:9]]
    assert far[0] < far[4] < far[8]
    assert not np.array_equal(first[12:], second[12:]), "the noise is another"


def test_a_loop_is_repeatable_from_the_first(make) -> None:
    one, other = (play(make(tail=0.5, seconds=3.0, episode_seconds=1.0)) for _ in range(2))
    np.testing.assert_array_equal([frame.pixels for frame in one], [frame.pixels for frame in other])


DEAD = LifeSigns(sharpness=(2.0, 3.0), colour=((0.0, 1.0),) * 3, motion=0.0, stillness=0.0)


def test_a_continuation_that_dies_fades_back_to_the_film_within_two_seconds(
    make, capsys: pytest.CaptureFixture[str]
) -> None:
    episode = make(tail=1.0, seconds=3.0, vitality=CollapseGuard(DEAD, Fraction(RATE)))
    frames = play(episode)
    after = [frame.seconds_after_end for frame in frames]
    # A second of continuation, then the film again; the fade takes less than another.
    assert after[:25].index(1.0) == 23
    assert after[24] < 0
    np.testing.assert_array_equal(frames[24 + 9].pixels, make_film()[-3])
    assert episode.deaths == 3
    assert "died 1 s after the end; back to the film" in capsys.readouterr().out


def test_the_performer_may_leave_it_to_itself(make) -> None:
    episode = make(tail=1.0, seconds=3.0, vitality=CollapseGuard(DEAD, Fraction(RATE)))
    episode.guard(False)
    assert len(play(episode)) == 12 + 36
    assert episode.deaths == 0
    episode = make(tail=0.0, seconds=None, vitality=CollapseGuard(DEAD, Fraction(RATE)))
    episode.guard()
    play(episode, 40)
    episode.guard()
    play(episode, 1)
    assert episode.deaths == 1


def test_a_reseed_ends_the_fade(make) -> None:
    episode = make(tail=1.0, seconds=None, episode_seconds=1.0)
    assert play(episode, 24 + 2)[-1].seconds_after_end < 0
    episode.reseed_from_end()
    picture = make_film()[0]
    assert episode._fade.over(picture) is picture
    assert play(episode, 1)[0].seconds_after_end == pytest.approx(1 / RATE)
