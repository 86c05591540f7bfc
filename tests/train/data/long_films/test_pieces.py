"""Choice of the pieces of a long film that are used."""

from train.data.long_films.pieces import joined_spans, pieces_of


def test_a_shot_is_divided_from_its_end() -> None:
    assert pieces_of([(0, 10), (10, 18), (20, 23)], 4, 1) == [(0, 2), (2, 6), (6, 10), (10, 14), (14, 18), (20, 23)]


def test_one_of_some_pieces_is_taken_and_the_last_is_among_them() -> None:
    assert pieces_of([(0, 10), (10, 18), (20, 23)], 4, 3) == [(6, 10), (20, 23)]


def test_spans_that_touch_are_joined_within_a_shot() -> None:
    assert joined_spans([(6, 10), (0, 4), (4, 6), (12, 20), (14, 16)], set()) == [(0, 10), (12, 20)]
    assert joined_spans([(0, 4), (4, 8), (4, 8)], {0, 4}) == [(0, 4), (4, 8)]
