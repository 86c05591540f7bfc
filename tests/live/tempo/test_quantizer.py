"""Tasks that wait for the beat."""

import pytest

from live.tempo.beat import Beat
from live.tempo.quantizer import Quantize, Quantizer
from tests.live.tempo.clock import Clock


class Desk:
    """A quantizer whose tasks are recorded, at 120 beats a minute."""

    def __init__(self, quantize: Quantize) -> None:
        self.clock = Clock()
        self.beat = Beat(self.clock)
        self.quantizer = Quantizer(self.beat, quantize)
        self.done: list[tuple[str, float]] = []

    def ask(self, name: str, text: str = "") -> None:
        self.quantizer.run(name, text, lambda: self.done.append((text or name, self.beat.position)))

    def wait(self, seconds: float) -> None:
        for _ in range(round(seconds * 100)):
            self.clock.now += 0.01
            self.quantizer.run_due()


@pytest.mark.parametrize(("quantize", "at"), [("beat", 2.0), ("bar", 4.0)])
def test_a_task_waits_for_the_next_beat_or_bar(quantize: Quantize, at: float) -> None:
    desk = Desk(quantize)
    desk.wait(0.6)
    desk.ask("recall")
    assert desk.done == []
    desk.wait(3)
    assert [name for name, _ in desk.done] == ["recall"], "once"
    assert at <= desk.done[0][1] < at + 0.05


def test_nothing_waits_unless_it_was_asked_for_and_while_the_beat_stands() -> None:
    desk = Desk("none")
    desk.ask("recall")
    assert len(desk.done) == 1
    desk = Desk("bar")
    desk.ask("recall")
    desk.beat.stop()
    desk.wait(0.01)
    assert len(desk.done) == 1, "a clock that stops lets go of what waits"
    desk.ask("shot")
    assert len(desk.done) == 2


def test_the_newest_of_each_kind_is_run_in_the_order_in_which_they_came() -> None:
    desk = Desk("bar")
    for name, text in [("recall", "1"), ("shot", "2"), ("recall", "3")]:
        desk.ask(name, text)
    desk.wait(2.1)
    assert [text for text, _ in desk.done] == ["2", "3"]


def test_a_clock_that_starts_anew_is_the_next_bar() -> None:
    desk = Desk("bar")
    desk.wait(60)
    desk.ask("recall")
    desk.beat.follow("MIDI clock", desk.clock.now, 0.0, 120, runs=True)
    desk.wait(0.01)
    assert len(desk.done) == 1
