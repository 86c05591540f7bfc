"""The hot swap: a better model takes over during the show, and the CPU's when a device fails."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import numpy as np
import pytest

from live.bundle.bundle import Bundle, read_bundle
from live.errors import NetworkFailedError
from live.frame import Pixels
from live.inference.model import Model
from live.inference.model_slot import SETTLED, BackgroundLoad, ModelSlot, StepGaps
from live.inference.sessions import PLAIN, open_candidate
from live.timings import Timings
from tests.live.bundles import HEIGHT, WIDTH, K, make_film, same_picture


@pytest.fixture
def bundle(bundle_folder: Path) -> Bundle:
    return read_bundle(bundle_folder, 0)


@pytest.fixture
def open_named(bundle: Bundle) -> Callable[[str], Model]:
    def opened(label: str) -> Model:
        model = open_candidate(bundle, PLAIN)
        model.label = label
        return model

    return opened


OpenNamed = Callable[[str], Model]


def steps(slot: ModelSlot, count: int, *, seed: int = 1) -> list[Pixels]:
    random = np.random.default_rng(seed)
    return [slot.step(random.standard_normal((1, 1, HEIGHT, WIDTH), np.float32), 1.0) for _ in range(count)]


def test_a_better_model_takes_over_between_two_frames_and_no_frame_shows_it(open_named: OpenNamed) -> None:
    ready, steps_before = threading.Event(), []

    def opened() -> Model:
        steps_before.append(step)
        ready.wait()
        return open_named("better")

    load = BackgroundLoad(opened, name="the better one")
    changing = ModelSlot(open_named("first"), Timings(), better=load, passed_over="a reason")
    plain = ModelSlot(open_named("first"), Timings())
    for slot in (changing, plain):
        slot.reset(make_film()[-K:])
    for step in range(2 * SETTLED):
        if step == SETTLED:
            ready.set()
            load.wait()
        assert same_picture(*(steps(slot, 1, seed=step)[0] for slot in (changing, plain)))
        assert changing.label == ("first" if step < SETTLED else "better")
    assert steps_before[0] >= SETTLED - 1, "the load begins only when the first model has settled"
    assert str(changing) == "better (a reason)"


def test_visits_go_over_to_the_better_model_and_end_with_a_reset(visits_bundle: Path) -> None:
    bundle = read_bundle(visits_bundle, 0)
    load = BackgroundLoad(lambda: open_candidate(bundle, PLAIN), name="the better one")
    first = open_candidate(bundle, PLAIN)
    changing, plain = ModelSlot(first, Timings(), better=load), ModelSlot(open_candidate(bundle, PLAIN), Timings())
    film = make_film()[-K:] // 4
    for slot in (changing, plain):
        slot.reset(film)
    begun = steps(plain, 2)
    assert same_picture(steps(changing, 2)[1], begun[1])
    load.wait()
    for one, other in zip(steps(changing, 3), steps(plain, 3), strict=True):
        assert same_picture(one, other)
    assert changing._model is not first
    changing.reset(film)
    for one, other in zip(steps(changing, 2), begun, strict=True):
        np.testing.assert_array_equal(one, other)


def test_after_a_failure_a_continuation_begins_anew(visits_bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The visits may be lost with the device."""
    bundle = read_bundle(visits_bundle, 0)
    first = open_candidate(bundle, PLAIN)
    failing = ModelSlot(first, Timings(), reopen=lambda _: open_candidate(bundle, PLAIN))
    failing.reset(make_film()[-K:] // 4)
    shown = np.stack(steps(failing, 3)[-K:])
    monkeypatch.setattr(first, "step", fail)
    plain = ModelSlot(open_candidate(bundle, PLAIN), Timings())
    plain.reset(shown)
    np.testing.assert_array_equal(steps(failing, 2), steps(plain, 2))


def test_a_state_without_numbers_is_mended_from_what_was_shown_but_not_for_ever(
    bundle: Bundle, capsys: pytest.CaptureFixture[str]
) -> None:
    lost, plain = (ModelSlot(open_candidate(bundle, PLAIN), Timings(), recovered_steps=4) for _ in range(2))
    lost.reset(make_film()[-K:])
    shown = np.stack(steps(lost, K, seed=2))
    plain.reset(shown)
    lost.set_context(lost.context() * float("nan"))
    np.testing.assert_array_equal(steps(lost, 2), steps(plain, 2))
    assert capsys.readouterr().out.count("lost its numbers (NaN); it continues") == 1
    lost.set_context(lost.context() * float("nan"))
    (frame,) = steps(lost, 1)
    assert len(np.unique(frame)) == 1, "left to the collapse guard"
    steps(lost, 1)
    assert capsys.readouterr().out == ""
    steps(lost, 1)
    assert capsys.readouterr().out.count("lost its numbers") == 1


def test_the_load_starts_in_the_step_after_which_everything_has_been_used(open_named: OpenNamed) -> None:
    started = []

    class Load(BackgroundLoad[Model]):
        def start(self) -> None:
            started.append(True)

    slot = ModelSlot(open_named("first"), Timings(), better=Load(lambda: open_named("better"), name="better"))
    slot.reset(make_film()[-K:])
    steps(slot, SETTLED - 1)
    assert not started
    steps(slot, SETTLED)
    assert len(started) == 1


def test_a_better_model_that_cannot_be_opened_is_one_line_and_the_show_goes_on(
    open_named: OpenNamed, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken() -> NoReturn:
        raise RuntimeError("no engine\nat line 5")

    load: BackgroundLoad[Model] = BackgroundLoad(broken, name="TensorRT")
    load.wait()
    slot = ModelSlot(open_named("first"), Timings(), better=load)
    slot.reset(make_film()[-K:])
    steps(slot, 2)
    assert slot.label == "first"
    assert capsys.readouterr().out == "TensorRT is not used: no engine\n"
    assert load.failure == "no engine"


def fail(*_arguments: object, **_named: object) -> NoReturn:
    raise RuntimeError("CUDA error: out of memory\nat line 7")


def test_a_device_that_fails_is_one_line_and_the_show_goes_on_from_the_pictures_that_were_shown(
    open_named: OpenNamed, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    load = BackgroundLoad(lambda: open_named("better"), name="better")
    first = open_named("CUDA")
    failing = ModelSlot(first, Timings(), better=load, reopen=lambda _: open_named("CPU"), passed_over="a reason")
    plain = ModelSlot(open_named("CPU"), Timings())
    for slot in (failing, plain):
        slot.reset(make_film()[-K:])
    for one, other in zip(steps(failing, 3), steps(plain, 3), strict=True):
        assert same_picture(one, other)
    monkeypatch.setattr(first, "step", fail)
    for one, other in zip(steps(failing, 4, seed=2), steps(plain, 4, seed=2), strict=True):
        # The state of the second slot was kept in full precision; that of the first begins with bytes.
        assert np.abs(one.astype(int) - other).max() <= 2
    assert str(failing) == "CPU (CUDA: CUDA error: out of memory)"
    assert capsys.readouterr().out == "CUDA failed (CUDA error: out of memory); the show goes on without it\n"
    load.wait()
    steps(failing, SETTLED)
    assert failing.label == "CPU", "a model on the device that failed takes over no more"


def test_a_device_that_fails_right_after_a_reset_continues_from_the_frames_of_the_reset(
    open_named: OpenNamed, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = open_named("CUDA")
    failing = ModelSlot(first, Timings(), reopen=lambda _: open_named("CPU"))
    plain = ModelSlot(open_named("CPU"), Timings())
    for slot in (failing, plain):
        slot.reset(make_film()[:K])
        steps(slot, 1)
        slot.reset(make_film()[-K:])
    monkeypatch.setattr(first, "step", fail)
    for one, other in zip(steps(failing, 3), steps(plain, 3), strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_step_that_fails_once_on_the_cpu_is_made_anew_from_the_pictures_that_were_shown(
    open_named: OpenNamed, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = open_named("CPU")
    failing = ModelSlot(first, Timings(), reopen=lambda _: open_named("CPU"))
    plain = ModelSlot(open_named("CPU"), Timings())
    for slot in (failing, plain):
        slot.reset(make_film()[-K:])
    steps(plain, 3), steps(failing, 3)

    def short_of_memory(*_arguments: object, **_named: object) -> NoReturn:
        raise MemoryError

    monkeypatch.setattr(first, "step", short_of_memory)
    for one, other in zip(steps(failing, 4, seed=2), steps(plain, 4, seed=2), strict=True):
        assert np.abs(one.astype(int) - other).max() <= 2
    assert str(failing) == "CPU"
    assert capsys.readouterr().out == "CPU failed (MemoryError); it was opened anew, and the show goes on\n"


def failing_model(open_named: OpenNamed, monkeypatch: pytest.MonkeyPatch) -> Model:
    model = open_named("CPU")
    monkeypatch.setattr(model, "step", fail)
    return model


def test_a_network_that_always_fails_ends_the_show(open_named: OpenNamed, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[Model] = []

    def reopen(_failed: Model) -> Model:
        opened.append(failing_model(open_named, monkeypatch))
        return opened[-1]

    slot = ModelSlot(failing_model(open_named, monkeypatch), Timings(), reopen=reopen, pauses=(0, 0, 0))
    slot.reset(make_film()[-K:])
    with pytest.raises(NetworkFailedError, match=r"failed 4 times \(CPU: CUDA error: out of memory\)"):
        steps(slot, 1)
    assert len(opened) == 3


def test_a_network_that_cannot_be_opened_anew_is_tried_again(
    open_named: OpenNamed, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempts = iter([True, True, False])

    def reopen(_failed: Model) -> Model:
        if next(attempts):
            raise MemoryError
        return open_named("CPU")

    slot = ModelSlot(failing_model(open_named, monkeypatch), Timings(), reopen=reopen, pauses=(0, 0, 0))
    slot.reset(make_film()[-K:])
    assert len(steps(slot, 2)) == 2


def test_failures_far_apart_do_not_add_up(open_named: OpenNamed, monkeypatch: pytest.MonkeyPatch) -> None:
    models: list[Model] = []

    def reopen(_failed: Model) -> Model:
        models.append(open_named("CPU"))
        return models[-1]

    slot = ModelSlot(reopen(open_named("CPU")), Timings(), reopen=reopen, pauses=(0,), recovered_steps=3)
    slot.reset(make_film()[-K:])
    for _ in range(3):
        steps(slot, 4)
        monkeypatch.setattr(models[-1], "step", fail)
    steps(slot, 2)
    monkeypatch.setattr(models[-1], "step", fail)
    with pytest.raises(NetworkFailedError):
        steps(slot, 1)


def test_without_a_way_to_reopen_a_failure_ends_the_show(
    open_named: OpenNamed, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = open_named("CPU")
    slot = ModelSlot(first, Timings())
    slot.reset(make_film()[-K:])
    monkeypatch.setattr(first, "step", fail)
    with pytest.raises(RuntimeError, match="out of memory"):
        steps(slot, 1)


def test_the_session_of_every_model_is_counted_in_the_shows_timings(open_named: OpenNamed) -> None:
    timings = Timings()
    load = BackgroundLoad(lambda: open_named("better"), name="better")
    slot = ModelSlot(open_named("first"), timings, better=load)
    slot.reset(make_film()[-K:])
    load.wait()
    assert timings["session"].count == 0, "warming up is no part of the show"
    steps(slot, 3)
    assert slot.label == "better"
    assert timings["session"].count == 3


def test_a_background_load_waits_for_the_end_of_a_step() -> None:
    gaps, passed = StepGaps(), threading.Event()

    def wait() -> None:
        gaps.wait(seconds=60)
        passed.set()

    thread = threading.Thread(target=wait, daemon=True)
    thread.start()
    assert not passed.wait(0.05)
    while not passed.is_set():
        gaps.step_ended()
    gaps.wait(seconds=0.01)  # without steps, nothing is waited for
