"""The bench's counts on a small world, in every run of the tests: what one event, claim and moved wait cost."""

import pytest
from django.db import connection
from django.utils import timezone

from supplychain.orders.models import PatientOrder, StageRun
from tests.bench import deeds
from tests.bench.bare.views import store
from tests.bench.baselines import PGBENCH_SCRIPT, TABLES_SQL, order_id
from tests.bench.history import copy_orders
from tests.bench.ramp_ups import SCENARIOS, two_years
from tests.bench.smoke import ORDERS


@pytest.mark.django_db(transaction=True)
def test_a_small_world_costs_what_it_costs():
    counts = deeds.smoke_counts(ORDERS)
    assert counts.beyond == {}
    _ended_orders_can_be_copied()


def _ended_orders_can_be_copied():
    """Each table of an order is copied by a statement made from its columns: a new one may be of another type."""
    first, *_, last = PatientOrder.objects.order_by("ordered_at").values_list("pk", flat=True)
    copy_orders([str(first), str(last)], 3)
    orders = PatientOrder.objects.filter(patient_reference__regex="-[12]$")
    assert (orders.count(), PatientOrder.objects.count()) == (4, ORDERS + 4)
    assert (
        StageRun.objects.filter(order__in=orders).count()
        == 2 * StageRun.objects.filter(order__in=[first, last]).count()
    )


@pytest.mark.django_db(transaction=True)
def test_the_chain_of_a_tiny_world_can_be_measured():
    counts = deeds.chain_counts()
    assert counts.beyond == {}
    assert deeds.chain_size() == (300, 3_000)
    assert deeds.rows_of_lot()[0] == 15


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
