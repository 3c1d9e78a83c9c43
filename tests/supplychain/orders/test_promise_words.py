"""What is said of a promised date: ahead, kept, missed, or nothing."""

from datetime import datetime

import pytest

from supplychain.orders.rules.promises import promise_words
from tests.supplychain.builders import at


@pytest.mark.parametrize(
    ("promised", "ready", "words"),
    [
        (at(150), None, "in 2 d 2 h"),
        (at(150), at(120), "in 2 d 2 h"),
        (at(60), at(50), "kept"),
        (at(60), at(60), "kept"),
        (at(150), at(50), "kept"),
        (at(60), at(86), "missed by 26 h"),
        (at(81), None, "missed, 19 h ago"),
        (None, at(50), ""),
    ],
)
def test_a_promise_is_ahead_kept_or_missed(promised: datetime | None, ready: datetime | None, words: str):
    assert promise_words(promised, ready, at(100)) == words


def test_of_a_cancelled_order_nobody_waits_for_the_promise():
    assert promise_words(at(700), None, at(100), is_cancelled=True) == ""
