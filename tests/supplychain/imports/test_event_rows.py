"""What a row of an event file says, cell by cell."""

import pytest

from supplychain.imports.events import event_row
from supplychain.imports.rows import RowRefused

ROW = {"source_event_id": "e1", "order": "CO1", "kind": "promised", "occurred_at": "2026-03-01T09:00Z"}


@pytest.mark.parametrize(("cell", "attempt"), [("2", 2), ("007", 7), ("000000012", 12)])
def test_an_attempt_is_read_whole(cell, attempt):
    assert event_row(ROW | {"attempt": cell}, None)["attempt"] == attempt


@pytest.mark.parametrize("cell", ["0000000012", "1234567890", "9" * 5_000, "1.0", "²", "-1"])
def test_an_attempt_is_refused_rather_than_cut(cell):
    with pytest.raises(RowRefused, match="is no whole number of at most 9 digits"):
        event_row(ROW | {"attempt": cell}, None)


@pytest.mark.parametrize("cell", ["2026-03-01T10:00Z", "2026-03-01T11:00+01:00", "2026-03-01 10:00:00Z"])
def test_payload_and_column_may_say_the_same_in_other_words(cell):
    said = event_row(ROW | {"promised_at": cell, "payload": '{"promised_at": "2026-03-01T10:00Z"}'}, None)
    assert said["payload"] == {"promised_at": "2026-03-01T10:00Z"}


def test_payload_and_column_may_not_contradict_each_other():
    with pytest.raises(RowRefused, match="keep one"):
        event_row(ROW | {"promised_at": "2026-03-01T10:01Z", "payload": '{"promised_at": "2026-03-01T10:00Z"}'}, None)
