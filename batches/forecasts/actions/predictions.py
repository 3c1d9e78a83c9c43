"""Forecasting lines: claim one that is due, simulate its futures, write what moved, say when to look again.

Claim, work and write are apart: between claim and write nothing is locked. The claim is a lease: until it ends nobody
else takes the line, and a worker that dies loses only that. It moves `forecast_after` to the lease's end, so that a
touch meanwhile shows. Locks are taken in one order: orders by id, then the line.
"""

import time
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from django.db import connection, transaction
from django.db.models import F, Q

from batches.forecasts.actions import rescues
from batches.forecasts.actions.first_words import say_first
from batches.forecasts.actions.ledger import write_said
from batches.forecasts.actions.made import Known, Made, as_said, newly_said
from batches.forecasts.actions.rescues import RESCUE_PAUSE, RESCUE_SECONDS, Round, extras
from batches.forecasts.models import ForecastJob
from batches.forecasts.queries.calibration import corrections_of
from batches.forecasts.queries.line_states import line_facts
from batches.forecasts.queries.predictions import standing_predictions, thresholds_of_products
from batches.forecasts.rules import first_words
from batches.forecasts.rules.line_states import LineState, line_state
from batches.forecasts.rules.ready import is_before_news
from batches.forecasts.rules.setting_aside import simulated_without_failing
from batches.forecasts.rules.standing import (
    changes_flags,
    has_moved,
)
from batches.forecasts.rules.summaries import Summary, summaries
from supplychain.leases import take
from supplychain.orders.actions.due import make_due
from supplychain.orders.statuses import OPEN_ORDER_STATUSES
from supplychain.sites.statuses import SiteKind
from supplychain.sql import LOST, reason_of

PATHS = first_words.USUAL_PATHS
# News makes a line due at once, then only after a pause of so many times what the last forecast took: a line costs a
# tenth of a core at most. Without news it is forecast once an hour, for time passes too.
PAUSE_SECONDS, PAUSE_TIMES, PAUSE_MOST_SECONDS = 5, 9, 600
UNTOUCHED = timedelta(hours=1)
# Longer than any forecast takes.
LEASE = timedelta(minutes=3)

TOUCH_SQL = """INSERT INTO batches_lineforecast AS known (line_id, forecast_after, orders, paths, seconds, evidence)
    SELECT touched, %(now)s, 0, 0, 0, '{}' FROM unnest(%(lines)s::uuid[]) AS touched ORDER BY touched
    ON CONFLICT (line_id) DO UPDATE SET forecast_after = LEAST(known.forecast_after, GREATEST(%(now)s, known.made_at
        + make_interval(secs => LEAST(GREATEST(%(pause)s, %(pause_times)s * known.seconds), %(pause_most)s))))"""
# Lines that have orders and were never forecast, for example those of before this forecast existed.
BEGIN_SQL = """INSERT INTO batches_lineforecast (line_id, forecast_after, orders, paths, seconds, evidence)
    SELECT s.id, %(now)s, 0, 0, 0, '{}' FROM supplychain_site s WHERE s.kind = %(plant)s
    AND NOT EXISTS (SELECT 1 FROM batches_lineforecast f WHERE f.line_id = s.id)
    AND EXISTS (SELECT 1 FROM supplychain_patientorder o WHERE o.plant_id = s.id AND o.status = ANY(%(open)s))
    ON CONFLICT DO NOTHING"""
log = structlog.get_logger(__name__)


def mark_lines_touched(line_ids: Collection[UUID], *, now: datetime) -> None:
    """Make these lines due for a forecast, in one statement. Call it in a transaction that locks no order later."""
    if not line_ids:
        return
    parameters = {
        "now": now, "lines": [str(line) for line in sorted(line_ids)], "pause": PAUSE_SECONDS,
        "pause_times": PAUSE_TIMES, "pause_most": PAUSE_MOST_SECONDS,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(TOUCH_SQL, parameters)


def forecast_due_lines(*, now: datetime, limit: int = 1) -> dict[UUID, frozenset[UUID]]:
    """Forecast at most `limit` lines that are due; returns the orders of which something new is said, with their sites.

    Any number of workers may run this at once: the claims share the lines out.
    """
    changed: dict[UUID, frozenset[UUID]] = {}
    for job in _claim(now, limit):
        may_rescue = job.rescued_at is None or now - job.rescued_at >= RESCUE_PAUSE
        changed |= _forecast_job(job, now, may_rescue=may_rescue)
    return changed


def rescue_due_lines(*, now: datetime, seconds: float = RESCUE_SECONDS) -> dict[UUID, frozenset[UUID]]:
    """While no line is due: forecast one whose rescues are looked for apart once more, with rescues, and go on with
    those until so many seconds have passed or a line is due; returns what `forecast_due_lines` does."""
    began, changed = time.monotonic(), dict[UUID, frozenset[UUID]]()

    def goes_on() -> bool:
        passed = time.monotonic() - began
        return passed < seconds and not _is_any_due(now + timedelta(seconds=passed))

    for job in _claim_to_rescue(now):
        changed |= _forecast_job(job, now, of_round=Round(frozenset(job.evidence.get("looked_at") or ()), goes_on))
    return changed


def _forecast_job(job: ForecastJob, now: datetime, **given: Any) -> dict[UUID, frozenset[UUID]]:
    """Forecast a line that was claimed; one that cannot be is noted."""
    left_out = frozenset(job.evidence.get("left_out") or ())
    try:
        return forecast_line(job.line_id, now=now, lease=job.lease, known_out=left_out, **given)
    except LOST:
        raise
    except Exception as error:
        log.exception("line could not be forecast; the others go on", line=str(job.line_id))
        _note_failure(job, error)
        return {}


def _note_failure(job: ForecastJob, error: Exception) -> None:
    """Keep why, for the line's page. It is tried again when the lease ends."""
    held = ForecastJob.objects.filter(pk=job.pk, lease=job.lease)
    held.update(evidence=job.evidence | {"failed": reason_of(error)})


def forecast_line(
    line_id: UUID,
    *,
    now: datetime,
    paths: int | None = None,
    lease: UUID | None = None,
    may_rescue: bool = True,
    known_out: frozenset[str] = frozenset(),
    of_round: Round | None = None,
) -> dict[UUID, frozenset[UUID]]:
    """Forecast one line and write what moved; `lease`: the claim, without which nothing is written.

    `known_out`: orders (id as text) that the forecast before left out, too; `of_round`: of a line whose rescues are
    looked for apart, the round that this goes on with.

    The same facts give the same predictions: every random number hangs on what it is for.
    """
    began = time.monotonic()
    made = _forecast(line_id, now, paths, may_rescue, of_round, lease)
    made.flagged |= {UUID(one) for one in known_out.symmetric_difference(made.left_out)}
    return _store(made, lease, began)


@transaction.atomic
def _claim(now: datetime, limit: int) -> list[ForecastJob]:
    """Take lines that are due."""
    parameters = {"now": now, "plant": SiteKind.PLANT.value, "open": [status.value for status in OPEN_ORDER_STATUSES]}
    with connection.cursor() as cursor:
        cursor.execute(BEGIN_SQL, parameters)
    due = ForecastJob.objects.filter(forecast_after__lte=now).order_by("forecast_after", "line")
    # Pushed to the end of the lease: whatever touches the line meanwhile makes it due before that.
    return take(due, now=now, lasts=LEASE, limit=limit, forecast_after=now + LEASE)


@transaction.atomic
def _claim_to_rescue(now: datetime) -> list[ForecastJob]:
    """Take the line whose rescues were looked for longest ago, of those that have them apart; none while any is due."""
    if _is_any_due(now):
        return []
    is_old = Q(rescued_at=None) | Q(rescued_at__lte=now - RESCUE_PAUSE)
    lines = ForecastJob.objects.filter(is_old, orders__gt=rescues.APART, forecast_after__gt=now)
    oldest = lines.order_by(F("rescued_at").asc(nulls_first=True), "line")
    return take(oldest, now=now, lasts=LEASE, limit=1, forecast_after=now + LEASE)


def _is_any_due(now: datetime) -> bool:
    return ForecastJob.objects.filter(forecast_after__lte=now).exists()


def _forecast(
    line_id: UUID, now: datetime, paths: int | None, may_rescue: bool, of_round: Round | None, lease: UUID | None
) -> Made:
    """Read, simulate, and compare with what stands; writes nothing but the first words on a large line."""
    facts = line_facts(line_id, now)
    made = Made(line_id, now, facts.refined.model)
    state = line_state(facts, now, corrections_of(line_id, made.model))
    made.paths = paths or first_words.paths_for(len(state.foreseen), PATHS)
    first = say_first(state, _known(state, made), made, lease) if len(state.foreseen) > first_words.LARGE else None
    futures = simulated_without_failing(state, paths=made.paths, first=first) if state.orders else None
    told = {one.order: one for one in summaries(futures)} if futures else {}
    made.orders, made.left_out = len(state.foreseen), state.left_out
    made.unknown_demand = sorted(set(state.unknown_demand))
    for order_id, reason in state.left_out.items():
        log.error("order could not be forecast", order=order_id, why=reason)
    if futures is None:
        made.paths = 0
        return made
    made.limits = _pressed(state, futures.futures)
    known = _known(state, made)
    # Rescues cost several forecasts each: of a larger line they have turns of their own.
    if of_round is None and may_rescue and len(state.foreseen) <= rescues.APART:
        of_round = Round()
    found = extras(state, told, known, made, of_round) if of_round else {}
    _say(state, told, known, found, made)
    return made


def _known(state: LineState, made: Made) -> Known:
    standing = standing_predictions([str(one.facts.id) for one in state.foreseen])
    return Known(standing, thresholds_of_products(), made.first)


def _say(
    state: LineState, told: Mapping[UUID, Summary], known: Known, found: Mapping[UUID, dict[str, Any]], made: Made
) -> None:
    """What is newly said of each order; one of which nothing can be said is named."""
    for one in state.foreseen:
        order_id = one.facts.id
        if one.baseline is None or order_id not in told:
            continue
        try:
            before = known.standing.get(order_id)
            new = newly_said(one, told[order_id], state, known, found.get(order_id))
            if order_id in made.first or has_moved(before, new, made.now):
                made.said.append(as_said(one, new, known))
            if is_before_news(before, one.facts.last_recorded_at):  # its flags say so, and are to say it no longer
                made.flagged.add(order_id)
        except Exception as error:
            log.exception("order could not be forecast", order=str(order_id))
            made.left_out[str(order_id)] = reason_of(error)


def _pressed(state: LineState, futures: Any) -> dict[str, Any]:
    """Hours ahead in which somebody waits and no place is free, a future: what limits the line."""
    hours = futures.pressed.mean(axis=1)
    waited = futures.queue.mean(axis=1)
    pools = [
        {"site": site, "pool": code, "pressed_hours": round(float(hours[at]), 1),
         "waited_hours": round(float(waited[at]), 1)}
        for at, (site, code) in enumerate(state.pool_keys)
        if waited[at] > 0
    ]  # fmt: skip
    return {"pools": sorted(pools, key=lambda pool: -pool["waited_hours"])}


@transaction.atomic
def _store(made: Made, lease: UUID | None, began: float) -> dict[UUID, frozenset[UUID]]:
    """Write what moved, wake the orders whose flags change, and say when the line is due again.

    Every judgement of news ends by touching its line: it waits for the line's row, and its flags with it. So the row
    is locked last, and what was written for a lease that was taken meanwhile is taken back.
    """
    if lease and not ForecastJob.objects.filter(line=made.line_id, lease=lease).exists():
        return {}
    moved = {one.order_id for one in made.said if changes_flags(one.standing, one.made)}
    make_due(moved | made.flagged, now=made.now)
    # After the first words, which were written for the same moment.
    made_at = made.now + (timedelta.resolution if made.first else timedelta())
    made.left_out |= write_said(made.said, (made.line_id, made_at, made.model, made.paths))
    row = ForecastJob.objects.select_for_update(of=("self",)).filter(line=made.line_id).first()
    row = row or ForecastJob(line_id=made.line_id)
    if lease and row.lease != lease:
        transaction.set_rollback(True)
        return {}  # somebody else has claimed the line after our lease: theirs is the newer reading
    touched = row.forecast_after if lease and row.forecast_after != row.leased_until else None
    row.forecast_after = min(touched or made.now + UNTOUCHED, made.now + UNTOUCHED)
    row.made_at, row.orders, row.paths = made.now, made.orders, made.paths
    row.seconds = round(time.monotonic() - began - made.aside_seconds, 3)
    row.rescued_at = made.now if made.rescued else row.rescued_at
    kept = {name: value for name, value in row.evidence.items() if name in ("newcomers", "looked_at")}
    looked_at = {} if made.looked_at is None else {"looked_at": made.looked_at}
    row.evidence = kept | made.limits | looked_at | {"left_out": made.left_out, "unknown_demand": made.unknown_demand}
    row.give_back()
    row.save()
    return {one.order_id: one.sites for one in made.said if str(one.order_id) not in made.left_out}
