"""Rows on their way into the database (supplychain/sql.py)."""

import json
from datetime import UTC, datetime

import pytest

from supplychain.people.models import User
from supplychain.sql import Writes, json_rows

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_what_is_null_does_not_travel():
    rows = json.loads(json_rows(("id", "held_at", "details"), [(1, None, {}), (2, NOW, {"a": None})]))
    assert rows == [{"id": 1, "details": {}}, {"id": 2, "held_at": "2026-03-01T12:00:00Z", "details": {"a": None}}]


@pytest.mark.parametrize("row", [(1,), (1, 2, 3)])
def test_a_row_of_another_width_is_refused(row):
    with pytest.raises(ValueError, match="2 columns id, held_at"):
        json_rows(("id", "held_at"), [(1, 2), row])


@pytest.mark.django_db
def test_an_update_to_null_takes_back_what_stood_there():
    user = User.objects.create_user("ann", email="ann@example.org", last_login=NOW)
    writes = Writes()
    writes.update(User._meta.db_table, ("id", "first_name", "last_login"), [(user.pk, "Ann", None)])
    writes.run()
    user.refresh_from_db()
    assert (user.first_name, user.last_login, user.email) == ("Ann", None, "ann@example.org")
