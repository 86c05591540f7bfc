"""A chord that is held, with a clock of the test."""

from live.display.held_chord import HeldChord


def test_a_chord_counts_once_it_was_down_without_a_break_for_long_enough() -> None:
    times = iter([10.0, 11.9, 12.1, 13.0, 14.9, 15.1, 15.2])
    chord = HeldChord(2.0, now=lambda: next(times))
    pressed = [True, True, False, True, True, False, True, True, True]
    # Released at 12.0 and again at 15.0: none of the first three was long enough.
    assert [chord.is_held(down) for down in pressed] == [False] * 9
    times = iter([17.2])
    assert chord.is_held(True)
    assert not chord.is_held(False)
