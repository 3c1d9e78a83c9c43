"""What stands at each stage, as PostgreSQL sums it, is what one finds who looks at every run."""

from bisect import bisect_right
from datetime import timedelta
from random import Random
from statistics import median
from typing import Any
from uuid import UUID

import pytest

from dashboards.lines.queries.history import Window
from dashboards.lines.queries.loads import loads_at_stages
from dashboards.lines.rules.figures import AGE_LIMITS, AGE_NAMES, HOUR, Load
from supplychain.flows.models import Stage
from supplychain.orders.models import PatientOrder, StageRun
from supplychain.orders.rules.standing import booked_for, counted_at
from supplychain.orders.statuses import ACTIVE_STAGE_STATUSES, ENDED_ORDER_STATUSES, OrderStatus, StageStatus
from supplychain.sites.models import Site
from tests.dashboards.builders import TowerWorld
from tests.supplychain.builders import at

pytestmark = pytest.mark.django_db

NOW = at(500)
ORDERS, ATTEMPTS = 24, range(3, 8)
# Among them the limits of the ages, with a microsecond before and after, none, and a moment to come.
LONG_AGO = [timedelta(hours=hours) for hours in (0, *AGE_LIMITS, 300)]
MOMENTS = [None, NOW + HOUR, *(NOW - ago + timedelta(microseconds=step) for ago in LONG_AGO for step in (-1, 0, 1))]


def random_runs(chance: Random) -> None:
    """Runs of every status, with or without moments, of orders of every status, at two sites."""
    world = TowerWorld()
    sites, stages = list(Site.objects.all()), list(Stage.objects.all())
    for number in range(ORDERS):
        order = world.order(coi=f"CO-{number}")
        PatientOrder.objects.filter(pk=order.pk).update(status=chance.choice(OrderStatus.values))
        StageRun.objects.bulk_create(
            random_run(chance, order=order, attempt=attempt, stage=stage, site=chance.choice(sites))
            for attempt in ATTEMPTS
            for stage in stages
        )


def random_run(chance: Random, **of: Any) -> StageRun:
    status = chance.choice([StageStatus.READY] * 4 + list(StageStatus))
    ready_at, planned_at, expires_at, started_at, pickup_at = chance.choices(MOMENTS, k=5)
    if status == StageStatus.RUNNING:
        started_at = started_at or NOW
    completed_at = NOW if status == StageStatus.COMPLETED else None
    return StageRun(
        **of, status=status, ready_at=ready_at, planned_start_at=planned_at, wait_expires_at=expires_at,
        started_at=started_at, completed_at=completed_at,
        details={"planned_pickup_at": pickup_at.isoformat()} if pickup_at else {},
    )  # fmt: skip


def full_reading(sites: list[Site], stages: list[UUID]) -> dict[UUID, dict[str, Load]]:
    """The same by the rules, run for run."""
    runs = StageRun.objects.filter(status__in=ACTIVE_STAGE_STATUSES, stage__in=stages, site__in=sites)
    at_stage: dict[tuple[UUID, str], list[StageRun]] = {}
    for run in runs.exclude(order__status__in=ENDED_ORDER_STATUSES).select_related("stage", "order"):
        at_stage.setdefault((run.site_id, run.stage.code), []).append(run)
    found: dict[UUID, dict[str, Load]] = {}
    for (site, stage), here in at_stage.items():
        found.setdefault(site, {})[stage] = load_of(here)
    return found


def load_of(runs: list[StageRun]) -> Load:
    counted = [(counted_at(run.status, run.started_at, run.order.status, NOW), run) for run in runs]
    waiting = [run for status, run in counted if status == StageStatus.READY]
    booked = [run for run in waiting if booked_for(run.status, run.started_at, run.expected_start, NOW)]
    free = [run for run in waiting if run not in booked]
    hours = [hours_of(run) for run in free]
    ages = [bisect_right(AGE_LIMITS, one) for one in hours]
    past = [age for age, run in zip(ages, free, strict=True) if is_past(run)]
    within = [age for age, run in zip(ages, free, strict=True) if not is_past(run)]
    return Load(
        running=sum(status == StageStatus.RUNNING for status, _ in counted),
        held=sum(status == StageStatus.HELD for status, _ in counted),
        booked=len(booked),
        booked_past=sum(map(is_past, booked)),
        within=[within.count(age) for age in range(len(AGE_NAMES))],
        past=[past.count(age) for age in range(len(AGE_NAMES))],
        oldest_hours=max(hours, default=None),
        median_hours=median(hours) if hours else None,
    )


def hours_of(run: StageRun) -> float:
    since = max((moment for moment in (run.ready_at, run.expected_start) if moment), default=NOW)
    return max((NOW - since) / HOUR, 0.0)


def is_past(run: StageRun) -> bool:
    return run.wait_expires_at is not None and run.wait_expires_at < NOW


def window_of(sites: list[Site], stages: list[UUID]) -> Window:
    return Window([site.pk for site in sites], [""], stages, NOW - timedelta(weeks=8), NOW)


@pytest.mark.parametrize("seed", range(3))
def test_the_sums_are_those_of_every_run(seed, django_assert_num_queries):
    random_runs(Random(seed))
    sites, stages = list(Site.objects.all()), list(Stage.objects.values_list("pk", flat=True))
    with django_assert_num_queries(1):
        found = loads_at_stages(sites, window_of(sites, stages))
    assert found == full_reading(sites, stages)
    counted = [load for of_site in found.values() for load in of_site.values()]
    assert all(any(getattr(load, part) for load in counted) for part in ("running", "held", "booked", "booked_past"))
    assert all(any(load.within[age] and load.past[age] for load in counted) for age in range(len(AGE_NAMES)))
    some = (sites[:1], stages[:2])
    assert loads_at_stages(some[0], window_of(*some)) == full_reading(*some)


def test_of_no_site_and_of_no_stage_nothing_stands():
    sites, stages = [TowerWorld().plant], list(Stage.objects.values_list("pk", flat=True))
    assert loads_at_stages([], window_of([], stages)) == loads_at_stages(sites, window_of(sites, [])) == {}


def test_what_is_booked_waits_for_nobody_and_is_counted_all_the_same():
    load = Load(booked=2, booked_past=1, within=[1, 0, 0, 0, 0], past=[0, 0, 3, 0, 0])
    assert (load.waiting, load.past_permitted, load.is_idle, Load().is_idle) == (6, 4, False, True)
