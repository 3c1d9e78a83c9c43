"""The usual work time of a stage is the median of the site's own newest past, per product."""

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.db.models import Max
from django.test.utils import CaptureQueriesContext

from batches.durations.actions import typical
from batches.durations.actions.typical import LOOK_BACK, refresh_typical_durations
from batches.durations.models import TypicalDuration
from batches.durations.queries import runs
from batches.durations.queries.runs import order_runs, past_runs
from batches.forecasts.queries import starts
from supplychain.flows.models import Stage
from supplychain.ids import new_id
from supplychain.orders.models import PatientOrder, StageRun
from supplychain.orders.statuses import StageStatus
from supplychain.sql import read
from tests.batches.lines.builders import PoolWorld, hour
from tests.supplychain.due_orders import due_moments, nothing_due

pytestmark = pytest.mark.django_db
NOW = hour(2400)


@pytest.fixture
def world() -> PoolWorld:
    return PoolWorld()


def past(world: PoolWorld, *hours: float, ended_at: datetime = NOW, stage: str = "selection") -> None:
    """One finished order for each of these durations of a stage."""
    for length in hours:
        order = world.order()
        StageRun.objects.filter(order=order, stage__code=stage).update(
            status=StageStatus.COMPLETED, started_at=ended_at - timedelta(hours=length), completed_at=ended_at
        )
    nothing_due()


def medians() -> list[tuple[str, int, float]]:
    return list(TypicalDuration.objects.order_by("stage").values_list("stage", "runs", "median_hours"))


def test_the_median_counts_work_and_not_waiting(world):
    past(world, 10, 12, 40)
    past(world, 5, 6, stage="harvest")
    assert refresh_typical_durations(now=NOW) == 2
    assert medians() == [("harvest", 2, 5.5), ("selection", 3, 12.0)]
    kept = TypicalDuration.objects.get(stage="harvest")
    assert (kept.site, kept.product, kept.refreshed_at) == (world.plant, world.flow.product, NOW)


def test_sites_and_products_are_kept_apart(world):
    past(world, 10)
    StageRun.objects.filter(completed_at=NOW).update(site=world.bergen)
    past(world, 20)
    refresh_typical_durations(now=NOW)
    found = TypicalDuration.objects.values_list("site__code", "median_hours").order_by("site__code")
    assert list(found) == [("bergen", 10), ("plant", 20)]


def test_only_the_newest_400_days_count(world):
    past(world, 10, ended_at=NOW - timedelta(days=401))
    past(world, 30, ended_at=NOW - timedelta(days=399))
    refresh_typical_durations(now=NOW)
    assert medians() == [("selection", 1, 30)]
    assert refresh_typical_durations(now=NOW + timedelta(days=2)) == 0
    assert medians() == []


def test_runs_that_did_not_complete_or_have_no_start_do_not_count(world):
    past(world, 10, 10, 10)
    skipped, failed, unstarted = StageRun.objects.filter(completed_at=NOW)
    StageRun.objects.filter(pk=skipped.pk).update(status=StageStatus.SKIPPED)
    StageRun.objects.filter(pk=failed.pk).update(status=StageStatus.FAILED)
    StageRun.objects.filter(pk=unstarted.pk).update(started_at=None)
    assert refresh_typical_durations(now=NOW) == 0


def test_refreshing_again_changes_nothing(world):
    past(world, 10, 12)
    refresh_typical_durations(now=NOW)
    ids = set(TypicalDuration.objects.values_list("pk", flat=True))
    refresh_typical_durations(now=NOW)
    assert (set(TypicalDuration.objects.values_list("pk", flat=True)), medians()) == (ids, [("selection", 2, 11.0)])


# Who is judged again


def woken() -> set:
    found = {order for order, moment in due_moments().items() if moment == NOW}
    nothing_due()
    return found


def test_orders_that_still_need_the_stage_are_judged_again_when_its_median_is_usable_and_moves(world):
    waiting = world.order()
    done, cancelled = world.order(), world.order()
    StageRun.objects.filter(order=done, stage__code="selection").update(status=StageStatus.SKIPPED, completed_at=NOW)
    world.tell(cancelled, ("", "cancelled", 5))
    past(world, *[10] * 19)
    # The finished runs' own orders have the selection behind them.
    refresh_typical_durations(now=NOW)
    assert woken() == set()

    past(world, 10)  # the twentieth: from now on the median is used
    refresh_typical_durations(now=NOW)
    assert woken() == {waiting.pk}

    move_all(10.5)
    refresh_typical_durations(now=NOW)
    assert woken() == set()

    move_all(11.1)
    refresh_typical_durations(now=NOW)
    assert woken() == {waiting.pk}

    StageRun.objects.filter(completed_at=NOW).update(completed_at=NOW - timedelta(days=500))
    refresh_typical_durations(now=NOW)
    assert woken() == {waiting.pk}


def move_all(hours: float) -> None:
    StageRun.objects.filter(completed_at=NOW, started_at__isnull=False).update(started_at=NOW - timedelta(hours=hours))


@pytest.mark.parametrize("stages", [1, 6])
def test_the_number_of_statements_does_not_depend_on_the_number_of_stages(world, stages):
    past(world, *[10] * 20)
    for index in range(stages - 1):
        stage = Stage.objects.create(
            flow=world.flow, position=100 + index, code=f"more-{index}", name="More", kind="manufacturing",
            planned_hours=1, worst_hours=1, place="plant",
        )  # fmt: skip
        StageRun.objects.bulk_create(
            StageRun(
                id=new_id(), order=order, attempt=1, stage=stage, site=world.plant, status=StageStatus.COMPLETED,
                started_at=NOW - timedelta(hours=1), completed_at=NOW,
            )
            for order in PatientOrder.objects.all()
        )  # fmt: skip
    with CaptureQueriesContext(connection) as asked:
        assert refresh_typical_durations(now=NOW) == stages
    # Read, refresh, drop what is gone, wake orders.
    assert len([query for query in asked if "SAVEPOINT" not in query["sql"]]) == 4


FULL = ("o.last_recorded_at >= %(since)s", "true")


def test_what_is_read_of_orders_with_news_is_what_all_orders_would_say(world, monkeypatch):
    for days in (0, 1, 390, 399, 400, 401, 800, 2_000):
        at = NOW - timedelta(days=days)
        past(world, 10 + days % 7, 20, ended_at=at)
        latest = world.order()
        StageRun.objects.filter(order=latest, stage__code="harvest").update(
            status=StageStatus.RUNNING, started_at=at - timedelta(hours=5), site=world.bergen
        )
    for order in PatientOrder.objects.annotate(at=Max("stage_runs__completed_at"), on=Max("stage_runs__started_at")):
        PatientOrder.objects.filter(pk=order.pk).update(last_recorded_at=order.at or order.on)
    since = NOW - LOOK_BACK
    readings = {
        "typical": lambda: refresh_typical_durations(now=NOW) and list(TypicalDuration.objects.order_by("pk").values()),
        "learned": lambda: {key: sorted(some) for key, some in past_runs(since=since, now=NOW).items()},
        "paces": lambda: sorted(order_runs(world.plant.pk, now=NOW)),
        "starts": lambda: read(starts.STARTS_SQL, line=world.plant.pk, since=since, now=NOW),
    }
    of_news = {name: reading() for name, reading in readings.items()}
    for module, name in (
        (typical, "REFRESH_SQL"),
        (runs, "RUNS_SQL"),
        (runs, "ORDER_RUNS_SQL"),
        (starts, "STARTS_SQL"),
    ):
        assert FULL[0] in getattr(module, name)
        monkeypatch.setattr(module, name, getattr(module, name).replace(*FULL))
    assert all(of_news.values())
    assert {name: reading() for name, reading in readings.items()} == of_news
