"""The first Ctrl-C ends the work between two steps, and the second aborts it."""

import io
import signal

import pytest
from rich.console import Console

from train.runtime.interrupt import interruptible, progress_bar


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_signal_asks_and_the_second_aborts(number: signal.Signals) -> None:
    before = signal.getsignal(number)
    with interruptible() as stop_requested:
        assert not stop_requested()
        signal.raise_signal(number)
        assert stop_requested()
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(number)
    assert signal.getsignal(number) is before


def test_a_progress_bar_ends_when_it_is_asked_to() -> None:
    console = Console(file=io.StringIO())
    with progress_bar("decoding", console, lambda: False) as on_progress:
        on_progress(0.5)
    with pytest.raises(KeyboardInterrupt), progress_bar("decoding", console, lambda: True) as on_progress:
        on_progress(0.5)


def test_the_first_signal_aborts_what_leaves_nothing_half_done() -> None:
    with interruptible() as interruption:
        with interruption.at_once():
            pass
        with pytest.raises(KeyboardInterrupt), interruption.at_once():
            signal.raise_signal(signal.SIGTERM)
        assert interruption()
        with pytest.raises(KeyboardInterrupt), interruption.at_once():
            pytest.fail("the end was requested before")


def test_it_waits_again_after_work_that_could_be_aborted() -> None:
    with interruptible() as interruption:
        with interruption.at_once():
            pass
        signal.raise_signal(signal.SIGTERM)
        assert interruption()
