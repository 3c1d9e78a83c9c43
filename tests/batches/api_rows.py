"""Rows of the judgement for tests of the interface, written as the judgement would."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from batches.capacity.models import Pool
from batches.flags.models import Flag
from batches.flags.rules.harm import USUAL
from batches.forecasts.models import Forecast
from batches.judgement.statuses import FlagCode, Severity
from batches.lines.models import BottleneckPeriod, PoolState
from supplychain.orders.models import PatientOrder
from supplychain.sites.models import Site
from tests.supplychain.builders import at


def make_flag(order: PatientOrder, code: FlagCode = FlagCode.STAGE_LATE, stage: str = "inbound", **given: Any) -> Flag:
    """A raised flag, due a day from now."""
    values = {
        "harm": USUAL[code],
        "severity": Severity.ATTENTION,
        "since": at(1),
        "due": timezone.now() + timedelta(days=1),
        "why": "Runs for 30 hours, planned 24.",
        "next_step": "Call the courier.",
        "evidence": {"hours": 30},
        "raised_at": at(2),
    }
    return Flag.objects.create(order=order, code=code, stage=stage, **(values | given))


def make_forecast(order: PatientOrder, ready_at: Any, **given: Any) -> Forecast:
    """A standing forecast."""
    return Forecast.objects.create(order=order, made_at=at(1), ready_at=ready_at, evidence={}, **given)


def make_pool(site: Site, code: str, **state: Any) -> Pool:
    """A pool; with a state if any of it is given."""
    pool = Pool.objects.create(site=site, code=code, name=code.capitalize())
    if state:
        PoolState.objects.create(pool=pool, **state)
    return pool


def make_period(pool: Pool, started_at: Any, ended_at: Any = None) -> BottleneckPeriod:
    """A time in which `pool` was the bottleneck of its site."""
    return BottleneckPeriod.objects.create(
        line=pool.site, pool=pool, started_at=started_at, ended_at=ended_at, why="Full.", evidence={"queue": 6}
    )
