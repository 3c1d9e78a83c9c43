"""What a forecast says of itself, in words."""

import pytest

from batches.forecasts.rules.words import widened_words


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (0.0, 0.0, ""),
        (0.4, 0.99, ""),
        (0.4, 3.0, "end 3 h later"),
        (60.0, 0.0, "begin 2 d 12 h earlier"),
        (1.0, 2.5, "begin 1 h earlier and end 2 h later"),
    ],
)
def test_an_end_of_a_range_that_hardly_moves_is_not_said_to_move(low, high, words):
    assert widened_words(low, high) == words
