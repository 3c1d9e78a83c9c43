"""The bench's counts on a small world, in every run of the tests: what one event, claim and moved wait cost."""

import pytest
from django.db import connection
from django.utils import timezone

from tests.bench.bare.views import store
from tests.bench.baselines import PGBENCH_SCRIPT, TABLES_SQL, order_id
from tests.bench.deeds import smoke_counts
from tests.bench.ramp_ups import SCENARIOS, two_years


@pytest.mark.django_db(transaction=True)
def test_a_small_world_costs_what_it_costs():
    counts = smoke_counts(60)
    assert counts.beyond == {}


@pytest.mark.django_db
def test_the_baselines_write_rows_that_our_tables_take():
    """Their tables are copies of ours: a column that must not be empty has to have its value there, too."""
    script = PGBENCH_SCRIPT.split("BEGIN;\n")[1].split("COMMIT;")[0]
    for name in ("number", "position", "client_id"):
        script = script.replace(f":{name}", "7")
    with connection.cursor() as cursor:
        cursor.execute(TABLES_SQL)
        cursor.execute(script)
        store({"order_id": order_id(7), "source_event_id": "bare", "kind": "started", "stage": "selection",
               "occurred_at": timezone.now()})  # fmt: skip
        cursor.execute("SELECT (SELECT count(*) FROM bench_event), (SELECT version FROM bench_order WHERE number = 7)")
        assert cursor.fetchone() == (2, 3)


@pytest.mark.parametrize("changes", SCENARIOS)
def test_the_line_of_the_ramp_up_can_be_simulated(changes):
    (figures,) = two_years().figures(changes, range(1), threads=1)
    assert figures
