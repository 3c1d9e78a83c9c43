"""Evidence and payloads as people read them: no brackets, no names of ours, no more digits than anybody needs."""

import pytest

from supplychain.templatetags.records import evidence_value, scalar


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({"of": 496, "low": 0.3984375, "high": 0.48}, "Number of simulations 496; Low 0.3984; High 0.48"),
        ([{"of": 5}], "Number of simulations 5"),
        ({"inner": {"longest_wait_hours": 12.82341}}, "Inner Longest wait (h) 12.82"),
        (1234.5678, "1235"),
        (0.5, "0.5"),
        (None, "–"),
    ],
)
def test_what_nests_is_told_in_words(value, said):
    assert scalar(value) == said


def test_a_row_within_a_row_has_no_brackets():
    table = evidence_value({"late": {"of": 496, "low": 0.3984}, "since": "2026-11-27T08:00:00+00:00"})
    assert "{" not in table
    assert "Number of simulations 496; Low 0.3984" in table
