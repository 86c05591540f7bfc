"""Models of a show: choosing one, the dissolve, its size and pace, and what happens when one fails."""

from pathlib import Path

import numpy as np
import pytest

from live.bundle.bundle import read_bundle
from live.errors import NetworkFailedError
from live.frame import Frame, Pixels
from live.images.scaling import letterboxed
from live.inference.model_slot import BackgroundLoad
from live.playback.models import Models
from live.playback.played_model import PlayedModel
from tests.live.bundles import HEIGHT, WIDTH
from tests.live.playback.playbacks import make_form, make_models, make_played
from tests.live.playback.timelines import make_timeline, play


def frames(models: Models, count: int) -> list[Frame]:
    made = [models.step() for _ in range(count)]
    assert None not in made
    return [frame for frame in made if frame]


def alone(folder: Path, count: int, tail: float = 0.0) -> list[Pixels]:
    """Return the first pictures of a model in a show of its own."""
    return [frame.pixels for frame in play(make_timeline(folder, tail=tail, seconds=None), count)]


def test_a_show_of_one_model_hands_its_frames_on_untouched(bundle_folder: Path) -> None:
    models = make_models(bundle_folder)
    assert [frame.pixels.tobytes() for frame in frames(models, 5)] == [
        pixels.tobytes() for pixels in alone(bundle_folder, 5)
    ]
    assert models.status == ""


def test_a_dissolve_mixes_both_evenly_and_ends_with_the_new_one(bundle_folder: Path, visits_bundle: Path) -> None:
    models = make_models(bundle_folder, visits_bundle)
    frames(models, 3)
    models.choose(2, 3)
    shown = frames(models, 6)
    one, two = alone(bundle_folder, 6)[3:], alone(visits_bundle, 6)
    for number in range(3):
        share = (number + 1) / 4
        mixture = one[number] * (1 - share) + two[number].astype(float) * share
        np.testing.assert_allclose(shown[number].pixels, mixture, atol=0.51)
    assert [frame.pixels.tobytes() for frame in shown[3:]] == [pixels.tobytes() for pixels in two[3:]]
    assert [frame.index for frame in shown] == list(range(3, 9))
    assert not any(frame.cut for frame in shown)


def test_without_a_fade_it_is_a_cut(bundle_folder: Path, visits_bundle: Path) -> None:
    models = make_models(bundle_folder, visits_bundle)
    frames(models, 2)
    models.choose(2, 0)
    first, second = frames(models, 2)
    assert first.pixels.tobytes() == alone(visits_bundle, 1)[0].tobytes()
    assert (first.cut, second.cut) == (True, False)


def test_a_model_that_is_not_seen_rests_and_goes_on_where_it_was(bundle_folder: Path, visits_bundle: Path) -> None:
    models = make_models(bundle_folder, visits_bundle)
    frames(models, 4)
    models.choose(2, 0)
    frames(models, 10)
    models.choose(1, 0)
    assert frames(models, 1)[0].pixels.tobytes() == alone(bundle_folder, 5)[4].tobytes()


def test_two_models_chosen_between_two_frames_dissolve_from_the_one_that_is_seen(
    bundle_folder: Path, visits_bundle: Path, wide_bundle: Path
) -> None:
    models = make_models(bundle_folder, visits_bundle, wide_bundle)
    frames(models, 3)
    models.choose(2, 3)
    models.choose(3, 3)
    (mixed,) = frames(models, 1)
    one = alone(bundle_folder, 4)[3]
    three = make_played(wide_bundle, make_form(bundle_folder)).frame(0)
    assert three
    np.testing.assert_allclose(mixed.pixels, 0.75 * one + 0.25 * three.pixels.astype(float), atol=0.51)
    # Neither one is forgotten that was interrupted on the way.
    models.choose(2, 3)
    models.choose(1, 3)
    (next_one,) = frames(models, 1)
    own = alone(bundle_folder, 5)[4]
    np.testing.assert_allclose(next_one.pixels, 0.75 * mixed.pixels + 0.25 * own.astype(float), atol=0.51)
    frames(models, 3)
    assert models.status == "1 small"


def test_a_dissolve_that_turns_back_or_to_a_third_never_jumps(
    bundle_folder: Path, visits_bundle: Path, wide_bundle: Path
) -> None:
    models = make_models(bundle_folder, visits_bundle, wide_bundle)
    frames(models, 3)
    models.choose(2, 3)
    frames(models, 1)
    assert models.share == pytest.approx(0.25)
    models.choose(1, 3)
    assert models.number == 1
    assert models.share == pytest.approx(0.75)
    frames(models, 2)
    assert models.share == 1
    models.choose(2, 3)
    shown = frames(models, 2)[-1].pixels
    models.choose(3, 9)
    over_still = frames(models, 1)[0].pixels
    expected = 0.9 * shown + 0.1 * letterboxed(alone(wide_bundle, 1)[0], (HEIGHT, WIDTH)).astype(float)
    np.testing.assert_allclose(over_still, expected, atol=0.51)


def test_pictures_get_the_first_models_size_and_come_at_their_own_pace(bundle_folder: Path, wide_bundle: Path) -> None:
    models = make_models(bundle_folder, wide_bundle)
    frames(models, 1)
    models.choose(2, 0)
    # Thirty a second in a show of twelve: after the first, two and three in turn.
    wide = [letterboxed(pixels, (HEIGHT, WIDTH)).tobytes() for pixels in alone(wide_bundle, 11)]
    assert [wide.index(frame.pixels.tobytes()) for frame in frames(models, 5)] == [0, 2, 5, 7, 10]


def test_a_slower_model_shows_each_picture_for_longer(bundle_folder: Path, wide_bundle: Path) -> None:
    models = make_models(wide_bundle, bundle_folder)
    frames(models, 1)
    models.choose(2, 0)
    slow = [letterboxed(pixels, (32, 96)).tobytes() for pixels in alone(bundle_folder, 4)]
    shown = frames(models, 6)
    assert [slow.index(frame.pixels.tobytes()) for frame in shown] == [0, 0, 0, 1, 1, 2]
    assert [frame.cut for frame in shown] == [True] + [False] * 5
    assert [frame.index for frame in shown] == list(range(1, 7))


def test_the_fader_shows_either_or_both_and_controls_act_on_the_nearer(
    bundle_folder: Path, visits_bundle: Path, caplog: pytest.LogCaptureFixture
) -> None:
    models = make_models(bundle_folder, visits_bundle)
    frames(models, 1)
    models.crossfade(0.5)
    assert "choose two models first" in caplog.text
    models.choose(2, 0)
    frames(models, 1)
    for share, number, pictures in ((0.0, 1, 1), (0.25, 1, 2), (0.75, 2, 2), (1.0, 2, 1)):
        models.crossfade(share)
        before = [len(each.model._shown) and each.model._steps for each in models.opened]
        frames(models, 1)
        after = [len(each.model._shown) and each.model._steps for each in models.opened]
        assert models.leading.number == number
        assert sum(after) - sum(before) == pictures, "only what is seen is computed"
    assert models.status == "2 visits"
    models.crossfade(0.25)
    assert models.status == f"1 {bundle_folder.name} to 2 visits, 25%"


def test_two_presets_name_the_models_between_which_the_fader_moves(bundle_folder: Path, visits_bundle: Path) -> None:
    models = make_models(bundle_folder, visits_bundle)
    frames(models, 1)
    models.crossfade_between(2, 1, 0.25)
    assert (models.number, models.leading.number) == (1, 2)
    frames(models, 1)
    models.crossfade_between(2, 3, 0.5)
    assert models.share == 0.25, "there is no third model"


def test_seconds_are_those_of_all_models_together(bundle_folder: Path, visits_bundle: Path) -> None:
    models = make_models(bundle_folder, visits_bundle, seconds=1.0)
    frames(models, 6)
    models.choose(2, 3)
    frames(models, 6)
    assert models.step() is None


def test_seed_and_guard_reach_all_models(bundle_folder: Path, visits_bundle: Path) -> None:
    models = make_models(bundle_folder, visits_bundle)
    models.renew(5)
    models.guard(None)
    frames(models, 1)
    assert [(each.timeline.given_seed, each.timeline.guarded) for each in models.opened] == [(5, False)] * 2


def test_what_is_not_open_yet_comes_as_soon_as_it_is(
    bundle_folder: Path, visits_bundle: Path, caplog: pytest.LogCaptureFixture
) -> None:
    form = make_form(bundle_folder)
    second = make_played(visits_bundle, form, 2)
    load = BackgroundLoad(lambda: second, name="model 2")
    models = Models(make_played(bundle_folder, form), ["one", "two"], {2: load})
    models.choose(2, 0)
    assert "model 2 two comes as soon as it is open" in caplog.text
    load.wait()
    frames(models, 1)
    assert models.leading is second
    models.choose(3, 0)
    assert "there is no model 3; the show has 2" in caplog.text


def test_one_that_cannot_be_opened_is_said_and_the_first_plays_on(
    bundle_folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def load() -> PlayedModel:
        raise MemoryError("no memory")

    failing = BackgroundLoad(load, name="model 2 two")
    models = Models(make_played(bundle_folder, make_form(bundle_folder)), ["one", "two"], {2: failing})
    failing.wait()
    frames(models, 2)
    models.choose(2, 0)
    frames(models, 1)
    assert models.leading.number == 1
    assert "model 2 two is not used: no memory" in caplog.text
    assert "model 2 two could not be played" in caplog.text


def test_one_that_fails_is_left_out_and_the_last_one_ends_the_show(
    bundle_folder: Path, visits_bundle: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    models = make_models(bundle_folder, visits_bundle)
    frames(models, 2)

    def fail(*_: object) -> Pixels:
        raise NetworkFailedError("the network failed 6 times")

    models.choose(2, 3)
    frames(models, 1)
    monkeypatch.setattr(models.opened[1].model, "step", fail)
    (frame,) = frames(models, 1)
    # It had made this frame before the other one failed, and makes no second one for it.
    assert frame.pixels.tobytes() == alone(bundle_folder, 4)[3].tobytes()
    assert frame.cut
    assert "model 2 visits is left out (the network failed 6 times); model 1 " in caplog.text
    monkeypatch.setattr(models.opened[0].model, "step", fail)
    with pytest.raises(NetworkFailedError):
        models.step()


def test_a_model_begins_with_its_own_tail(bundle_folder: Path, visits_bundle: Path) -> None:
    models = make_models(bundle_folder, visits_bundle, tail=0.5)
    frames(models, 8)
    models.choose(2, 0)
    assert [frame.seconds_after_end for frame in frames(models, 7)][:1] == [pytest.approx(-5 / 12)]
    assert read_bundle(visits_bundle, 0).frame_rate == 12
