"""The replay of a line's last weeks: everything that it rests on, read by the worker that simulates it."""

from datetime import datetime
from typing import Any

from batches.capacity.models import Pool
from batches.lines.actions.readings import read_whole_pools
from batches.lines.rules.pools import review_pool
from batches.outcomes.rules import doses_ready, figures, order_to_release
from batches.ramp_ups.queries.past import has_earlier_orders, past_line, past_outcomes, past_span
from batches.ramp_ups.rules.lines import DAY, WEEK, to_json
from batches.ramp_ups.rules.replays import (
    FINISHED,
    MEDIAN,
    ON_TIME,
    P90,
    REPLAY_REPLICATIONS,
    REPLAYED_WEEKS,
    WAITED,
    PastWeeks,
    too_little,
)
from supplychain.sites.models import Site


def replay_inputs(plant: Site, *, now: datetime) -> dict[str, Any]:
    """The line eight weeks ago and what the weeks since came to, as plain JSON. Takes seconds: not for a request."""
    span = past_span(now)
    outcomes = past_outcomes(plant, span)
    past = past_line(plant, span)
    release, ready = order_to_release(outcomes, span), doses_ready(outcomes, span)
    weeks = PastWeeks(
        opened=span[0].isoformat(), closed=span[1].isoformat(), placed=past.placed, was_ready=past.was_ready,
        figures={
            FINISHED: float(ready), ON_TIME: figures(outcomes, (), span, now).on_time.value,
            MEDIAN: release.value, P90: release.p90, **_waited(plant, now),
        },
        early=sum(
            bool(one.promised_at and one.ready_at and span[0] < one.promised_at <= span[1] and one.ready_at <= span[0])
            for one in outcomes
        ),
        left_out=past.left_out,
        unknown=too_little(ready, has_earlier_orders=has_earlier_orders(plant, span[0])),
    )  # fmt: skip
    return {
        "line": to_json(past.line), "weeks": REPLAYED_WEEKS, "replications": REPLAY_REPLICATIONS, "changes": [],
        "costs": {}, "target": None, "replay": to_json(weeks),
    }  # fmt: skip


def _waited(plant: Site, now: datetime) -> dict[str, float | None]:
    """Order-days waited for each pool of the line in the weeks, as the reviews of pools count them."""
    pools = list(Pool.objects.filter(site=plant, capacities__isnull=False).distinct())
    hours = REPLAYED_WEEKS * WEEK
    readings = read_whole_pools({(plant.pk, pool.code): pool.pk for pool in pools}, now=now, window_hours=hours)
    return {
        WAITED + pool.code: review_pool(readings.facts[plant.pk, pool.code], now, hours).waiting_hours / DAY
        for pool in pools
    }
