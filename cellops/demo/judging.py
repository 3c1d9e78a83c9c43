"""Judging everything at a moment, as the workers would have done."""

from datetime import datetime

from batches.calibration.actions import CHUNK, refresh_calibration, score_predictions
from batches.capacity.models import Pool
from batches.durations.actions.learned import refresh_learned_durations
from batches.durations.actions.typical import refresh_typical_durations
from batches.flags.actions.evaluation import evaluate_due_orders
from batches.forecasts.actions.predictions import forecast_line
from batches.lines.actions.pools import review_due_pools
from batches.lines.actions.touched_pools import mark_pools_touched
from batches.lines.actions.verdicts import MOST_SCORED, score_verdicts
from supplychain.sites.models import Site
from supplychain.sites.statuses import SiteKind

CLAIM = 1_000
# Pools are judged by their orders and orders by their pools: twice around and nothing moves any more.
ROUNDS = 2
# Enough for a past that nobody acts on; the newest forecast has as many futures as every later one.
PAST_PATHS = 200


def judge_all(*, now: datetime, fresh_durations: bool = True, paths: int | None = PAST_PATHS) -> None:
    """Refresh the usual durations, review every pool, forecast every line and judge every due order, until all agree.

    `paths` None: as many futures as usual, and rescues are looked for.
    """
    if fresh_durations:
        refresh_typical_durations(now=now)
    for number in range(ROUNDS):
        review_all_pools(now=now)
        if number == 0:
            forecast_all_lines(now=now, paths=paths)
        judge_due_orders(now=now)


def judge_due_orders(*, now: datetime) -> None:
    """Judge every order that is due at this moment."""
    while evaluate_due_orders(now=now, limit=CLAIM).claimed:
        pass


def review_all_pools(*, now: datetime) -> None:
    """Review every pool and name the bottleneck of every line, without judging any order."""
    mark_pools_touched(set(Pool.objects.values_list("site_id", "code")), now=now)
    review_due_pools(now=now)


def forecast_all_lines(*, now: datetime, paths: int | None = PAST_PATHS) -> None:
    """Forecast every line with what is recorded by now."""
    for line_id in Site.objects.filter(kind=SiteKind.PLANT).order_by("code").values_list("pk", flat=True):
        forecast_line(line_id, now=now, paths=paths, may_rescue=paths is None)


def learn_all(*, now: datetime) -> None:
    """Learn how long stages take and how right the forecasts were, as far as is recorded by now."""
    refresh_typical_durations(now=now)
    refresh_learned_durations(now=now)
    while score_predictions(now=now) == CHUNK:
        pass
    refresh_calibration(now=now)
    while score_verdicts(now=now) == MOST_SCORED:
        pass
