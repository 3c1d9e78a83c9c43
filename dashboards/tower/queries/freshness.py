"""Whether what the board shows is of now: a board that stands still must not look like a calm one."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from batches.forecasts.queries.jobs import line_forecasts
from batches.lines.models import PoolState
from batches.lines.rules.failures import FailingReview, failing_review
from dashboards.tower.rules import FORECAST_OLD_AFTER, UNJUDGED_AFTER
from supplychain.orders.models import DueOrder, PatientOrderQuerySet
from supplychain.pages.viewers import Viewer
from supplychain.sites.models import Site


class OldForecast(NamedTuple):
    """A line whose newest forecast is old, or fails, or was never made."""

    site: Site
    made_at: datetime | None
    failed: str


class LeftOut(NamedTuple):
    """A line with orders that could not be forecast; `is_own`: the viewer may look at its page."""

    site: Site
    orders: int
    is_own: bool


class Unreviewed(NamedTuple):
    """A site whose pools cannot be reviewed: their load, and which of them holds it up, are of before."""

    site: Site
    review: FailingReview


class Freshness(NamedTuple):
    """`unjudged`: so many orders have been due for judgement since `unjudged_since` and nobody has looked."""

    unreviewed: Sequence[Unreviewed]
    old: Sequence[OldForecast]
    left_out: Sequence[LeftOut]
    unjudged: int
    unjudged_since: datetime | None


def freshness(
    plants: Sequence[Site],
    orders: PatientOrderQuerySet,
    states: Iterable[PoolState],
    viewer: Viewer,
    now: datetime,
) -> Freshness:
    """What to say of these lines, orders and pools; two queries."""
    made = line_forecasts([plant.pk for plant in plants])
    known = [(plant, made[plant.pk]) for plant in plants if plant.pk in made]
    waiting = DueOrder.objects.overdue_among(orders, before=now - UNJUDGED_AFTER)
    return Freshness(
        _unreviewed(states),
        [
            OldForecast(plant, one.made_at, one.failed)
            for plant, one in known
            if one.has_orders and (one.failed or one.made_at is None or one.made_at < now - FORECAST_OLD_AFTER)
        ],
        [LeftOut(plant, len(one.left_out), plant.pk in viewer.site_ids) for plant, one in known if one.left_out],
        waiting.number,
        waiting.since,
    )


def _unreviewed(states: Iterable[PoolState]) -> list[Unreviewed]:
    failing: dict[Site, list[PoolState]] = defaultdict(list)
    for state in states:
        if state.failing_since:
            failing[state.pool.site].append(state)
    return [Unreviewed(site, failing_review(of_site)) for site, of_site in failing.items()]
