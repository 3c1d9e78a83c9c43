"""What others point at is never deleted: a projection that a late fact takes back is withdrawn, and may come back."""

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from batches.capacity.actions import create_pool, create_suite, delete_suite
from batches.manufacturing.models import Batch
from dashboards.orders.queries.page import order_view
from dashboards.orders.queries.record import order_record
from supplychain.audit.refusals import Refused
from supplychain.orders.actions.events import record_event
from supplychain.orders.actions.store import load_facts
from supplychain.orders.models import PatientOrder, StageRun
from supplychain.orders.queries import order_state
from supplychain.orders.rules.fold import fold
from supplychain.orders.statuses import ReportOutcome
from supplychain.transport.models import Collection, Shipment
from tests.supplychain.builders import T0, World, at, make_user, report

pytestmark = pytest.mark.django_db
PROJECTIONS = (StageRun, Collection, Shipment, Batch)
PLANNED = {"payload": {"planned_start_at": at(75).isoformat()}}
# A transport said to have taken place and then skipped; a second attempt said to begin with a new collection, until a
# third is heard of that began before; and what was said of the second before that.
FACTS = [
    ("started", "collection", 2, {}),
    ("completed", "collection", 8, {"payload": {"donation_number": "G123498654321"}}),
    ("started", "inbound", 10, {}),
    ("completed", "inbound", 30, {"payload": {"qualified_until": at(90).isoformat()}}),
    ("skipped", "inbound", 9, {}),
    ("failed", "selection", 44, {}),
    ("started", "selection", 60, {"attempt": 2}),
    ("scheduled", "collection", 70, {"attempt": 2} | PLANNED),
    ("started", "selection", 65, {"attempt": 3}),
    ("scheduled", "collection", 62, {"attempt": 2} | PLANNED),
]


@pytest.fixture
def world() -> World:
    """With a table of children that point at every projection, as readings, checks and signatures will."""
    with connection.cursor() as cursor:
        columns = ", ".join(
            f"of_{model._meta.db_table} uuid REFERENCES {model._meta.db_table}" for model in PROJECTIONS
        )
        cursor.execute(f"CREATE TABLE child ({columns})")
    return World()


def give_children() -> int:
    """A child to every row of every projection, withdrawn or not; returns how many children there are in all."""
    with connection.cursor() as cursor:
        for model in PROJECTIONS:
            table = model._meta.db_table
            cursor.execute(
                f"INSERT INTO child (of_{table}) SELECT id FROM {table} WHERE id NOT IN "
                f"(SELECT of_{table} FROM child WHERE of_{table} IS NOT NULL)"
            )
        cursor.execute("SELECT count(*) FROM child")
        return cursor.fetchone()[0]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(facts=st.permutations(FACTS))
def test_no_order_of_facts_is_refused_or_loses_a_child(world, facts):
    with transaction.atomic():
        order = world.order()
        children = give_children()
        for number, (kind, stage, hours, more) in enumerate(facts):
            said = record_event(report(order, kind, stage, hours, **more), by=world.reporter, now=at(100 + number))
            assert (said.outcome, said.reason) == (ReportOutcome.CREATED, "")
            now_there = give_children()
            assert now_there >= children
            children = now_there
        order.refresh_from_db()
        state = fold(order_state(order).flow, order.ordered_at, load_facts([order.pk])[order.pk])
        standing = {(run.attempt, run.stage.code): run.status for run in order.stage_runs.select_related("stage")}
        assert standing == {key: run.status for key, run in state.runs.items()}
        transaction.set_rollback(True)


def record(world: World, order: PatientOrder, facts: list, now: float) -> None:
    for kind, stage, hours, more in facts:
        assert not record_event(report(order, kind, stage, hours, **more), by=world.reporter, now=at(now)).reason


def test_a_shipment_that_was_none_is_withdrawn(world):
    order = world.order()
    record(world, order, FACTS[:3], 50)
    shipment = Shipment.objects.get()

    record(world, order, [FACTS[4]], 51)

    shipment.refresh_from_db()
    assert (shipment.withdrawn_at, Shipment.objects.count()) == (at(51), 0)


def test_what_a_late_fact_takes_back_comes_back_as_the_same_row(world):
    order = world.order()
    record(world, order, FACTS[5:8], 80)
    run, collection = StageRun.objects.get(stage__code="collection", attempt=2), Collection.objects.get()
    assert collection.stage_run == run

    record(world, order, [FACTS[8]], 81)
    run.refresh_from_db()
    collection.refresh_from_db()
    assert (run.withdrawn_at, collection.withdrawn_at) == (at(81), at(81))
    assert run not in order.stage_runs.all()
    assert collection.stage_run == run

    record(world, order, [FACTS[9]], 82)
    run.refresh_from_db()
    collection.refresh_from_db()
    assert (run.withdrawn_at, collection.withdrawn_at) == (None, None)
    assert run in order.stage_runs.all()


def test_nobody_is_shown_a_shipment_that_was_none(world):
    order = world.order()
    record(world, order, FACTS[:3], 50)
    person = make_user("ada", world.oslo, world.plant)
    assert [run.stage.code for run in order_view(order, person, at(51)).shipments] == ["inbound"]

    record(world, order, [FACTS[4]], 51)

    assert order_view(order, person, at(52)).shipments == []
    (kept,) = [stage for stage in order_record(order, person, at(52))["stages"] if "shipment" in stage]
    assert kept["shipment"]["withdrawn_at"] == at(51)


def test_a_suite_that_only_a_withdrawn_batch_names_stays(world):
    pool = create_pool(site=world.plant, code="suite", name="Suites", places=1, starts_at=T0, by=None, now=T0)
    suite = create_suite(pool, code="S1", by=None)
    order = world.order()
    Batch.objects.create(order=order, attempt=1, plant=world.plant, suite=suite, status="planned", withdrawn_at=T0)

    with pytest.raises(Refused, match="Batches were made in it"):
        delete_suite(suite, reason="not used", by=None)
