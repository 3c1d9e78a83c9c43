"""Durations are learned from the newest runs, those still at work and those that ended otherwise included."""

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from batches.durations.actions.learned import LOOK_BACK, refresh_learned_durations
from batches.durations.models import LearnedDuration
from batches.durations.queries.runs import curves_learned_by, learned_curves, past_runs
from batches.durations.rules.curves import QUANTILES, curve_of_plan
from batches.durations.tasks import refresh_learned_durations as task
from supplychain.flows.models import Stage
from supplychain.ids import new_id
from supplychain.orders.models import PatientOrder, StageRun
from supplychain.orders.statuses import OrderStatus, StageStatus
from tests.batches.lines.builders import PoolWorld, hour
from tests.supplychain.query_plans import Explained, make_many

pytestmark = pytest.mark.django_db
NOW = hour(2400)
COUNTS = ("completed", "failed", "withdrawn", "censored")
COMPLETED, FAILED, RUNNING, HELD = (
    StageStatus.COMPLETED, StageStatus.FAILED, StageStatus.RUNNING, StageStatus.HELD,
)  # fmt: skip


@pytest.fixture
def world() -> PoolWorld:
    return PoolWorld()


def run(
    world: PoolWorld, hours: float, status: StageStatus = COMPLETED, ended_at: datetime = NOW, **more
) -> PatientOrder:
    """An order whose selection began `hours` before `ended_at` and stands so; heard of when it ended."""
    order = world.order()
    ends = {COMPLETED: {"completed_at": ended_at}, FAILED: {"failed_at": ended_at}, HELD: {"held_at": ended_at}}
    fields = {"status": status, "started_at": ended_at - timedelta(hours=hours)} | ends.get(status, {}) | more
    StageRun.objects.filter(order=order, stage__code="selection").update(**fields)
    PatientOrder.objects.filter(pk=order.pk).update(last_recorded_at=ended_at)
    return order


def learned(world: PoolWorld, site=None, resource: str = "", stage: str = "selection") -> LearnedDuration:
    return LearnedDuration.objects.get(site=site, resource=resource, stage=stage)


def counts(row: LearnedDuration) -> tuple[int, ...]:
    return tuple(getattr(row, name) for name in COUNTS)


def test_a_product_a_site_and_a_resource_are_learned(world):
    for hours in range(10, 20):
        run(world, hours, resource="Suite 1")
    run(world, 40)
    assert refresh_learned_durations(now=NOW) == world.flow.stages.count() + 2
    product, site, suite = learned(world), learned(world, world.plant), learned(world, world.plant, "Suite 1")
    assert [counts(row) for row in (product, site, suite)] == [(11, 0, 0, 0), (11, 0, 0, 0), (10, 0, 0, 0)]
    assert (suite.own_weight, product.own_weight) == (0.5, 11 / 21)
    assert (product.product, product.planned_hours, product.refreshed_at) == (world.flow.product, 12, NOW)
    assert len(product.quantiles) == QUANTILES
    assert product.median_hours == pytest.approx(13.5, abs=0.75)
    assert product.quantiles == sorted(product.quantiles)


def test_stages_that_nobody_ran_stand_as_planned(world):
    refresh_learned_durations(now=NOW)
    row = learned(world, stage="harvest")
    stage = Stage.objects.get(code="harvest")
    assert (counts(row), row.own_weight, row.failed_share) == ((0, 0, 0, 0), 0, 0.005)
    assert row.quantiles == pytest.approx(curve_of_plan(stage.planned_hours, stage.worst_hours), abs=1e-3)


def test_every_end_counts_as_what_it_is(world):
    run(world, 10)
    run(world, 5, FAILED)
    run(world, 7, RUNNING)
    run(world, 8, RUNNING, ended_at=NOW - timedelta(hours=2))
    cancelled = run(world, 6, RUNNING)
    PatientOrder.objects.filter(pk=cancelled.pk).update(status=OrderStatus.CANCELLED, cancelled_at=NOW)
    refresh_learned_durations(now=NOW)
    row = learned(world, world.plant)
    assert counts(row) == (1, 1, 1, 2)
    assert row.failed_low < row.failed_share < row.failed_high
    assert row.withdrawn_share > 0.01


def test_a_run_at_work_longer_than_any_that_ended_lengthens_what_is_expected(world):
    for _ in range(30):
        run(world, 10)
    refresh_learned_durations(now=NOW)
    before = learned(world).p90_hours
    for _ in range(10):
        run(world, 15, RUNNING)
    refresh_learned_durations(now=NOW)
    assert learned(world).p90_hours > before + 3


def test_a_held_run_is_known_to_have_worked_until_its_hold(world):
    run(world, 10)
    run(world, 3, HELD, ended_at=NOW - timedelta(hours=500))
    refresh_learned_durations(now=NOW)
    # Censored before the one completed run it says nothing: as if it were not there.
    alone = learned(world)
    assert counts(alone) == (1, 0, 0, 1)
    StageRun.objects.filter(status=HELD).delete()
    refresh_learned_durations(now=NOW)
    assert learned(world).quantiles == alone.quantiles


def test_a_run_of_an_attempt_that_was_given_up_ended_with_it(world):
    order = run(world, 500, RUNNING)
    PatientOrder.objects.filter(pk=order.pk).update(attempt=2)
    failed_at = NOW - timedelta(hours=490)
    StageRun.objects.filter(order=order, stage__code="inbound").update(
        status=FAILED, started_at=failed_at - timedelta(hours=1), failed_at=failed_at
    )
    for _ in range(20):
        run(world, 11)
    refresh_learned_durations(now=NOW)
    row = learned(world)
    assert counts(row) == (20, 0, 0, 1)
    assert row.p90_hours < 30  # had it counted up to now, one in twenty-one would take 500 hours
    assert learned(world, stage="inbound").failed == 1


def test_only_the_newest_400_days_count(world):
    run(world, 10, ended_at=NOW - timedelta(days=401))
    run(world, 10, ended_at=NOW - timedelta(days=399))
    run(world, 500 * 24, RUNNING)  # its record fell silent
    run(world, 10, ended_at=NOW + timedelta(hours=1))  # heard of too early
    refresh_learned_durations(now=NOW)
    assert counts(learned(world)) == (1, 0, 0, 0)


def test_what_nothing_stands_behind_any_more_is_dropped(world):
    run(world, 10, resource="Suite 1")
    refresh_learned_durations(now=NOW)
    later = NOW + timedelta(days=500)
    assert refresh_learned_durations(now=later) == world.flow.stages.count()
    assert not LearnedDuration.objects.exclude(site=None).exists()
    assert set(LearnedDuration.objects.values_list("refreshed_at", flat=True)) == {later}


def test_learning_again_changes_nothing(world):
    for hours in (10, 12, 15):
        run(world, hours, resource="Suite 1")
    refresh_learned_durations(now=NOW)
    before = list(LearnedDuration.objects.order_by("pk").values())
    refresh_learned_durations(now=NOW)
    assert list(LearnedDuration.objects.order_by("pk").values()) == before


@pytest.mark.parametrize("runs", [1, 12])
def test_the_number_of_statements_does_not_depend_on_the_number_of_rows(world, runs):
    for number in range(runs):
        run(world, 10 + number, resource=f"Suite {number}")
    with CaptureQueriesContext(connection) as asked:
        refresh_learned_durations(now=NOW)
    # Plans, runs, what was learned, what is gone.
    assert len([query for query in asked if "SAVEPOINT" not in query["sql"]]) == 4


def test_old_orders_are_not_read(world):
    """An index finds the orders of the window, however many years lie before it."""
    make_many(run(world, 10), last_recorded_at=NOW - timedelta(days=500))
    with connection.execute_wrapper(explained := Explained()):
        assert past_runs(since=NOW - LOOK_BACK, now=NOW)
    assert "orders_by_last_change" in "\n".join(explained.plans)


def test_the_task_learns(world):
    task()
    assert LearnedDuration.objects.count() == world.flow.stages.count()


# For the forecast


def test_the_forecast_is_given_the_site_else_the_product_else_the_plan(world):
    product, plant, bergen = str(world.flow.product_id), str(world.plant.pk), str(world.bergen.pk)
    found = learned_curves([product], [plant, bergen])
    assert set(found) == {(product, site, stage.code) for site in (plant, bergen) for stage in world.flow.stages.all()}
    stage = Stage.objects.get(code="selection")
    assert found[product, plant, "selection"].basis == "planned"
    assert found[product, plant, "selection"].curve == curve_of_plan(stage.planned_hours, stage.worst_hours)

    run(world, 30)
    run(world, 31)
    refresh_learned_durations(now=NOW)
    found = learned_curves([product], [plant, bergen])
    here, elsewhere, planned = (
        found[product, plant, "selection"], found[product, bergen, "selection"], found[product, plant, "harvest"]
    )  # fmt: skip
    assert (here.basis, elsewhere.basis, planned.basis) == ("2 past runs here", "2 past runs at all sites", "planned")
    assert here.curve[64] >= elsewhere.curve[64] > stage.planned_hours
    assert (0 < here.failed_share < 0.01, 0 < here.withdrawn_share < 0.02) == (True, True)


@pytest.mark.parametrize("sites", [1, 3])
def test_the_forecast_asks_twice_however_many_sites_there_are(world, django_assert_num_queries, sites):
    run(world, 30)
    refresh_learned_durations(now=NOW)
    with django_assert_num_queries(2):
        learned_curves([str(world.flow.product_id)], [str(new_id()) for _ in range(sites)])


def test_how_stages_end_by_attempt_and_time_is_kept_and_read_as_it_was_learned(world):
    for hours in range(20, 40):
        run(world, hours)
    for hours in (90, 95):
        run(world, hours, FAILED, attempt=2)
    run(world, 99, FAILED)
    refresh_learned_durations(now=NOW)
    key = (str(world.flow.product_id), str(world.plant.pk), "selection")

    kept = learned_curves([key[0]], [key[1]])[key].ends
    anew = curves_learned_by(NOW, {key[0]}, {key[1]})[key].ends

    assert kept.again > kept.first > 0
    assert kept.failing[64] > kept.completing[64]
    assert kept[:2] == pytest.approx(anew[:2])
    assert [kept.completing, kept.failing] == [pytest.approx(curve, abs=0.001) for curve in anew[2:]]
    assert learned(world, stage="harvest").ends == {}
