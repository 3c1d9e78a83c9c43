"""A review reads what changed since the last one, and finds to the microsecond what a reading of all runs finds."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from random import Random
from threading import Event

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from batches.capacity.actions import set_capacity
from batches.judgement.rules.moments import micros
from batches.lines.actions import visits
from batches.lines.actions.pools import review_due_pools
from batches.lines.actions.readings import read_further_back, read_pools, read_whole_pools, with_stays
from batches.lines.actions.visits import keep_visits, rebuild_visits
from batches.lines.models import PoolState, PoolVisit, VisitCursor
from batches.lines.rules.long_views import LONGEST_WINDOW_HOURS
from batches.lines.rules.measures import measure_line
from batches.lines.rules.pool_facts import PoolFacts, order_text
from batches.lines.rules.pools import review_pool
from supplychain.orders.actions.events import record_events
from supplychain.orders.actions.rebuilding import rebuild_orders
from supplychain.orders.models import ChangeNotice, PatientOrder, StageRun
from tests.batches.lines.builders import PoolWorld, hour, jam, state, touched
from tests.supplychain.builders import report

pytestmark = pytest.mark.long
COMMITTED = pytest.mark.django_db(transaction=True)
STAGES = ("collection", "inbound", "selection", "harvest", "sterility", "release", "infusion")
KINDS = ("started",) * 8 + ("completed",) * 8 + ("failed", "held", "resumed", "note")


def keys_of(world: PoolWorld) -> dict:
    return {(pool.site_id, pool.code): pool.pk for pool in (world.suite, world.lane, world.chair)}


def rows_of(facts: PoolFacts) -> tuple[list, ...]:
    """Everything known, in one order, whatever way it was read."""
    of_orders = zip(
        map(order_text, facts.stayed.order), *(map(int, column) for column in facts.stayed[1:]), strict=True
    )
    return (
        sorted(zip(*(map(int, column) for column in facts.held), strict=True)),
        sorted(zip(*(map(int, column) for column in facts.waited), strict=True)),
        sorted(of_orders),
    )


def assert_equal_to_the_whole_reading(world: PoolWorld, hours: float) -> None:
    keys, now = keys_of(world), hour(hours)
    kept, whole = read_pools(keys, now=now), read_whole_pools(keys, now=now)
    assert kept.kept
    complete = with_stays(kept, list(keys), now=now)
    assert {key: rows_of(facts) for key, facts in complete.items()} == {
        key: rows_of(facts) for key, facts in whole.facts.items()
    }
    for key, facts in whole.facts.items():
        assert review_pool(kept.facts[key], now) == review_pool(facts, now)
    line = {key[1]: facts for key, facts in complete.items() if key[0] == world.plant.pk}
    assert measure_line(line, now) == measure_line({code: whole.facts[world.plant.pk, code] for code in line}, now)
    opened = now - timedelta(hours=LONGEST_WINDOW_HOURS)
    longer = read_further_back(kept, list(keys), opened=opened)
    longest = read_whole_pools(keys, now=now, window_hours=LONGEST_WINDOW_HOURS).facts
    for key, facts in longest.items():
        assert rows_of(longer[key])[:2] == rows_of(facts)[:2]


@pytest.fixture
def world(db) -> PoolWorld:
    world = PoolWorld(suites=2)
    world.chair = world.pool("chair", "Chairs", 3, site=world.oslo)
    return world


# Equal to the reading of all runs


def happenings(world: PoolWorld, chance: Random) -> Iterator[float]:
    """Orders and reports as they come: late, ahead, taken back, of second attempts; yields the hours after T0."""
    orders: list[PatientOrder] = [world.order(patient_reference="first")]
    told: list[tuple[PatientOrder, dict, str]] = []
    hours = 0.0
    for step in range(90):
        hours += chance.expovariate(1 / 9)
        if chance.random() < 0.15:
            orders.append(world.order(patient_reference=f"patient-{step}", ordered_at=hour(hours)))
        order, kind = chance.choice(orders), chance.choice(KINDS)
        late = chance.choice((0, 0, 0, 1, 30, 200, 600))
        row = report(order, kind, chance.choice(STAGES), hours - late, attempt=chance.choice((1, 1, 1, 2)))
        if told and chance.random() < 0.12:
            order, before, event = told.pop(chance.randrange(len(told)))
            row = report(order, "withdrawn", before["stage"], hours, payload={"event": event, "reason": "Mistyped."})
        elif chance.random() < 0.04:
            row = report(order, "cancelled", "", hours)
        elif chance.random() < 0.05:
            row = report(order, "completed", "infusion", hours)
        elif chance.random() < 0.1:
            planned = hour(hours + chance.choice((-20, 5, 40))).isoformat()
            row = report(order, "scheduled", "selection", hours, payload={"planned_start_at": planned})
        if chance.random() < 0.05:
            set_capacity(world.suite, places=chance.randrange(4), starts_at=hour(hours), by=None, now=hour(hours))
        for result in record_events([row | {"source_event_id": f"{step}"}], by=world.reporter, now=hour(hours)):
            if result.outcome == "created" and row["kind"] != "withdrawn":
                told.append((order, row, str(result.event_id)))
        yield hours
    assert len(told) > 40


@pytest.mark.parametrize("seed", range(6))
def test_what_is_kept_equals_what_all_runs_say_whatever_happens(world, seed):
    for step, hours in enumerate(happenings(world, Random(seed))):
        if step % 6 == 0:
            assert_equal_to_the_whole_reading(world, hours)
        if step == 50:
            rebuild_visits(now=hour(hours))
    assert_equal_to_the_whole_reading(world, hours)
    # Every window ends once, and then everything is forgotten by it.
    for later in (100, 167.9, 168, 400, 671.9, 672, 2000):
        assert_equal_to_the_whole_reading(world, hours + later)


def test_visits_made_anew_are_those_that_were_kept(world):
    for hours in happenings(world, Random(7)):
        keep_visits(now=hour(hours))
    columns = ("order", "site", "pool", "until", "held", "waits", "stays")
    oldest = micros(hour(hours) - visits.REMEMBERED)

    def kept() -> set[tuple]:
        rows = PoolVisit.objects.filter(until__gte=oldest).values_list(*columns)
        return {(*row[:4], *map(bytes, row[4:])) for row in rows}

    before = kept()
    PoolVisit.objects.update(held=b"", until=0)
    rebuild_visits(now=hour(hours))
    assert kept() == before


# What changed, and nothing else


def committed_world() -> PoolWorld:
    world = PoolWorld(suites=2)
    world.chair = world.pool("chair", "Chairs", 3, site=world.oslo)
    return world


@COMMITTED
def test_only_the_orders_that_changed_are_read_and_only_what_differs_is_written(no_one_else):
    world = committed_world()
    jammed = jam(world)
    assert keep_visits(now=hour(2)) == len(jammed)
    assert keep_visits(now=hour(2)) == 0
    versions = dict(PoolVisit.objects.extra(select={"row": "ctid::text"}).values_list("id", "row"))

    world.tell(jammed[1], ("selection", "started", 3))
    assert keep_visits(now=hour(3)) == 1
    after = dict(PoolVisit.objects.extra(select={"row": "ctid::text"}).values_list("id", "row"))
    changed = {key for key in versions if versions[key] != after.get(key)}
    assert set(PoolVisit.objects.filter(pk__in=changed).values_list("order", "pool")) == {(jammed[1].pk, "suite")}
    assert_equal_to_the_whole_reading(world, 3)


@COMMITTED
def test_a_review_of_what_did_not_change_reads_no_run(no_one_else):
    world = committed_world()
    jam(world)
    review_due_pools(now=hour(2))
    touched(world, hours=2)
    PoolState.objects.update(review_after=hour(2))
    with CaptureQueriesContext(connection) as asked:
        review_due_pools(now=hour(2) + timedelta(seconds=20))
    assert not [query["sql"] for query in asked if "supplychain_stagerun" in query["sql"]]
    assert state(world.suite).reviewed_at == hour(2) + timedelta(seconds=20)


@COMMITTED
def test_what_is_committed_late_is_not_missed():
    world = committed_world()
    first, second = jam(world, 2)
    keep_visits(now=hour(2))
    told, may_end = Event(), Event()

    def tell_slowly() -> None:
        try:
            with transaction.atomic():
                world.tell(second, ("selection", "started", 3))
                told.set()
                assert may_end.wait(60)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as threads:
        slow = threads.submit(tell_slowly)
        try:
            assert told.wait(60)
            world.tell(first, ("selection", "completed", 4))
            keep_visits(now=hour(4))
            assert_equal_to_the_whole_reading(world, 4)
        finally:
            may_end.set()
        slow.result()
    keep_visits(now=hour(4))
    assert_equal_to_the_whole_reading(world, 5)
    assert len(read_pools(keys_of(world), now=hour(5)).facts[world.plant.pk, "suite"].held.start) == 2


@COMMITTED
def test_a_worker_that_dies_in_the_middle_leaves_nothing_half_done(monkeypatch):
    world = committed_world()
    jammed = jam(world)
    keep_visits(now=hour(2))
    for order in jammed[1:]:
        world.tell(order, ("selection", "started", 3))
    write, written = visits._write_visits, []

    def dies(orders) -> None:
        if written:
            raise RuntimeError("killed")
        write(orders)
        written.extend(orders)

    monkeypatch.setattr(visits, "MOST_ORDERS", 1)
    monkeypatch.setattr(visits, "_write_visits", dies)
    before = VisitCursor.objects.get().transaction
    readings = read_pools(keys_of(world), now=hour(4))
    assert not readings.kept, "the runs themselves are read"
    whole = read_whole_pools(keys_of(world), now=hour(4))
    assert {key: rows_of(facts) for key, facts in readings.facts.items()} == {
        key: rows_of(facts) for key, facts in whole.facts.items()
    }
    assert VisitCursor.objects.get().transaction == before
    monkeypatch.undo()
    assert_equal_to_the_whole_reading(world, 4)


@COMMITTED
def test_orders_folded_anew_are_read_again(no_one_else):
    world = committed_world()
    jammed = jam(world)
    keep_visits(now=hour(2))
    StageRun.objects.filter(order=jammed[0], stage__code="selection").update(started_at=hour(1.5))
    assert keep_visits(now=hour(2)) == 0, "nobody but the fold writes runs"
    rebuild_orders([jammed[0]], now=hour(3))
    assert keep_visits(now=hour(3)) == 1
    assert_equal_to_the_whole_reading(world, 3)


@pytest.mark.parametrize("spoiled", [{"database": "another/5"}, {"read_at": hour(-9000)}])
def test_a_place_in_the_feed_that_is_worth_nothing_makes_all_anew(world, spoiled):
    jam(world)
    keep_visits(now=hour(2))
    PoolVisit.objects.all().delete()
    VisitCursor.objects.update(transaction=2**60, **spoiled)
    assert_equal_to_the_whole_reading(world, 3)


def test_what_another_cluster_numbered_is_not_read_again_at_every_review(world):
    jam(world)
    keep_visits(now=hour(2))
    ChangeNotice.objects.update(transaction=2**60)
    assert keep_visits(now=hour(3)) == 0
    jam(world)
    assert keep_visits(now=hour(4)) > 0


def test_facts_read_whole_are_told_further_back_the_same_way(world):
    jam(world)
    kept = read_pools(keys_of(world), now=hour(5))
    whole = read_whole_pools(keys_of(world), now=hour(5))
    opened = hour(5) - timedelta(hours=LONGEST_WINDOW_HOURS)
    for key in keys_of(world):
        one, other = (read_further_back(of, [key], opened=opened)[key] for of in (kept, whole))
        assert rows_of(one) == rows_of(other)
