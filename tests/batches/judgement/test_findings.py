"""How a finding's sentence is kept."""

from batches.judgement.rules.findings import MOST_TEXT, one_line
from supplychain.sentences import day_mark
from tests.supplychain.builders import at


def test_a_sentence_is_cut_after_a_word_and_a_moment_is_one():
    words = "word " * (MOST_TEXT // 5 - 4)
    assert one_line(f"{words}{day_mark(at(1))} more") == f"{words.strip()}…"
    assert one_line(" two\n lines ") == "two lines"
    assert one_line("x" * MOST_TEXT) == "x" * MOST_TEXT
    assert len(one_line("x" * (MOST_TEXT + 1))) == MOST_TEXT
