"""Writing what came of predictions, and what follows from it for the next ones."""

from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import structlog
from django.db import connection, transaction
from django.db.models import F, Max, Min

from batches.calibration.queries.outcomes import EXIT_READY, EXIT_READY_SQL
from batches.calibration.queries.replays import learned_of_line, line_as_of, placed_orders, replays_of
from batches.calibration.queries.scored import newest_of_lines
from batches.calibration.rules.arrivals import judge_arrivals, past_weeks
from batches.calibration.rules.choice import choose
from batches.calibration.rules.conformal import NEWEST_ORDERS, widening
from batches.calibration.rules.gate import judge
from batches.calibration.rules.questions import Question, Scored, said_of, simulated_of, simulated_stretches
from batches.calibration.rules.recalibration import recalibrate
from batches.calibration.rules.replays import (
    PATHS,
    ScoredOrder,
    is_whole,
    moments,
    name_of,
    orders_row,
    pairs_of,
    replay,
    variants,
)
from batches.forecasts.models import CalibrationState, ForecastJob, RefinementState, ReplayedForecast
from batches.forecasts.queries.refinements import learned_row, refinements_of
from batches.forecasts.rules.corrections import UNCHANGED
from batches.forecasts.statuses import Refinement
from supplychain.orders.actions.due import make_due_in_turns
from supplychain.orders.models import PatientOrder
from supplychain.orders.statuses import OPEN_ORDER_STATUSES, OrderStatus
from supplychain.sql import LOST

log = structlog.get_logger(__name__)

CHUNK = 2_000
ENDED = [status.value for status in OrderStatus if status not in OPEN_ORDER_STATUSES]
# Reports come in batches: what a source says within a day of the promise still counts for it.
REPORT_GRACE = timedelta(days=1)
# Whether a dose was ready by the promise is known when the promise passes; all else when the order has ended: infused,
# or cancelled or closed without a dose. The claim leaves alone what another worker has claimed; what was scored once
# never changes, whatever is reported later (nor does `was_late` of rows that were scored when their order had ended).
SCORE_SQL = f"""
    WITH due AS MATERIALIZED (
        SELECT p.id, p.order_id, p.made_at, p.promised_at,
            p.scored_at IS NULL AND o.status = ANY(%(ended)s) AS has_ended,
            p.promise_scored_at IS NULL AND p.promised_at <= %(promised_by)s AS has_passed
        FROM batches_prediction p JOIN supplychain_patientorder o ON o.id = p.order_id
        WHERE COALESCE(o.last_recorded_at, %(now)s) <= %(now)s AND (p.scored_at IS NULL AND o.status = ANY(%(ended)s)
            OR p.promise_scored_at IS NULL AND p.promised_at <= %(promised_by)s)
        ORDER BY p.made_at, p.id LIMIT %(limit)s FOR NO KEY UPDATE OF p SKIP LOCKED),
    outcome AS MATERIALIZED (
        SELECT o.id, o.infused_at IS NULL AS no_dose, COALESCE(o.infused_at, o.cancelled_at, o.closed_at) AS ended_at,
            CASE WHEN o.infused_at IS NULL THEN COALESCE(o.cancelled_at, o.closed_at) END AS withdrawn_at,
            ({EXIT_READY_SQL}) AS ready_at
        FROM supplychain_patientorder o WHERE o.id IN (SELECT order_id FROM due)),
    by_promise AS MATERIALIZED (
        SELECT due.id, outcome.ready_at IS NULL OR outcome.ready_at > due.promised_at AS is_missed,
            outcome.ready_at IS NULL AND outcome.withdrawn_at <= due.promised_at AS is_withdrawn,
            LEAST(due.promised_at, outcome.ready_at, outcome.withdrawn_at) AS settled_at
        FROM due JOIN outcome ON outcome.id = due.order_id WHERE due.has_passed),
    waits AS MATERIALIZED (
        SELECT r.order_id, r.wait_expires_at AS ran_out_at
        FROM outcome JOIN supplychain_stagerun r ON r.order_id = outcome.id
        WHERE r.withdrawn_at IS NULL
            AND COALESCE(r.started_at, r.completed_at, r.failed_at, outcome.ended_at) > r.wait_expires_at)
    UPDATE batches_prediction p SET
        missed_promise = CASE WHEN due.has_passed THEN COALESCE(p.was_late, by_promise.is_missed)
            ELSE p.missed_promise END,
        was_late = CASE WHEN due.has_passed AND NOT COALESCE(by_promise.is_withdrawn, false)
            THEN COALESCE(p.was_late, by_promise.is_missed) ELSE p.was_late END,
        promise_settled_at = CASE WHEN due.has_passed THEN by_promise.settled_at ELSE p.promise_settled_at END,
        promise_scored_at = CASE WHEN due.has_passed THEN %(now)s ELSE p.promise_scored_at END,
        had_no_dose = CASE WHEN due.has_ended THEN outcome.no_dose ELSE p.had_no_dose END,
        was_ready_at = CASE WHEN due.has_ended THEN outcome.ready_at ELSE p.was_ready_at END,
        wait_expired = CASE WHEN due.has_ended THEN EXISTS (
            SELECT 1 FROM waits WHERE waits.order_id = due.order_id AND waits.ran_out_at > due.made_at)
            ELSE p.wait_expired END,
        scored_at = CASE WHEN due.has_ended THEN %(now)s ELSE p.scored_at END
    FROM due JOIN outcome ON outcome.id = due.order_id LEFT JOIN by_promise ON by_promise.id = due.id
    WHERE p.id = due.id"""
PARAMETERS: dict[str, Any] = {"ended": ENDED} | EXIT_READY


def score_predictions(*, now: datetime, limit: int = CHUNK) -> int:
    """Write what has come of at most `limit` predictions; returns how many. One statement.

    Once the promise of *that* prediction has passed: `missed_promise`, no dose was ready by then; `was_late`, the same,
    empty where the order was withdrawn before it. Who is open then is late. Once the order has ended: `was_ready_at`,
    when the exit stage could have started, in the attempt that counted; `had_no_dose`; `wait_expired`, a permitted wait
    ran out after the prediction was made.
    """
    moments = {"now": now, "promised_by": now - REPORT_GRACE, "limit": limit}
    with connection.cursor() as cursor:
        cursor.execute(SCORE_SQL, PARAMETERS | moments)
        return cursor.rowcount


def refresh_calibration(*, now: datetime) -> int:
    """Judge every line by its newest scored orders: is the model used, how far is each end of its intervals
    moved, what was its P(late) worth; returns how many.

    Three statements however many lines there are; two more where one's model comes into use or goes out of it.
    """
    known = CalibrationState.objects.in_bulk()
    fresh = []
    for line, rows in newest_of_lines(now).items():
        try:
            fresh.append(_state(line, rows, known.get(line), now))
        except Exception:
            log.exception("a line's forecasts could not be scored; the others go on", line=str(line))
    _keep(fresh, [one.line_id for one in fresh if one.is_used != _was_used(known.get(one.line_id))], now)
    return len(fresh)


@transaction.atomic
def _keep(fresh: list[CalibrationState], turned: list[UUID], now: datetime) -> None:
    """With the open orders of lines where another model decides from now on made due: no wait that moves wakes them."""
    fields = [field.name for field in CalibrationState._meta.concrete_fields if not field.primary_key]
    CalibrationState.objects.bulk_create(fresh, update_conflicts=True, unique_fields=["line"], update_fields=fields)
    if turned:
        make_due_in_turns(PatientOrder.objects.open().filter(plant__in=turned).values_list("pk", flat=True), now=now)


def _was_used(known: CalibrationState | None) -> bool:
    return known.is_used if known else True


def _state(line: UUID, rows: list[Scored], known: CalibrationState | None, now: datetime) -> CalibrationState:
    was_used = _was_used(known)
    choice = choose(said_of(rows, Question.LATE), was_used=was_used)
    stretches = simulated_stretches(rows, now)[:NEWEST_ORDERS]
    ends = widening(stretches)
    was_corrected = known is not None and (known.late_intercept, known.late_slope) != UNCHANGED
    late = recalibrate(simulated_of(rows), was_used=was_corrected)
    return CalibrationState(
        line_id=line,
        model=rows[0].model,
        is_used=choice.is_used,
        changed_at=known.changed_at if known and choice.is_used == was_used else now,
        why=choice.why,
        orders=choice.orders,
        brier=choice.brier,
        baseline_brier=choice.baseline_brier,
        widening_low_hours=ends.low_hours,
        widening_high_hours=ends.high_hours,
        interval_orders=len(stretches),
        late_intercept=late.used.intercept,
        late_slope=late.used.slope,
        late_why=late.why,
        refreshed_at=now,
    )


def replay_next(*, now: datetime) -> bool:
    """Forecast one past week of one line anew, without and with each refinement, and judge by all of them what its
    forecast uses; returns whether there was one to do.

    The line that was looked at longest ago goes first; one that cannot be read stops no other. Some seconds: not for a
    request.
    """
    for line_id in _least_lately_replayed():
        try:
            if _replay_next_of(line_id, now):
                return True
        except LOST:
            raise
        except Exception:
            log.exception("a line's past weeks could not be judged; the others go on", line=str(line_id))
    return False


def _replay_next_of(line_id: UUID, now: datetime) -> bool:
    used = refinements_of(line_id).refinements
    done = {row.moment for row in replays_of(line_id, now) if is_whole(row.said, used)}
    first = PatientOrder.objects.filter(plant=line_id).aggregate(at=Min("ordered_at"))["at"] or now
    due = [moment for moment in moments(now) if moment not in done and moment > first]
    if not due:
        return False
    _replay(line_id, due[0], used, now)
    judge_refinements(line_id, now=now)
    return True


def _least_lately_replayed() -> list[UUID]:
    """Lines that are forecast; those that never were replayed first."""
    last = ForecastJob.objects.annotate(replayed_at=Max("line__replayed_forecasts__made_at"))
    return list(last.order_by(F("replayed_at").asc(nulls_first=True), "line").values_list("line", flat=True))


def _replay(line_id: UUID, moment: datetime, used: frozenset[Refinement], now: datetime) -> None:
    """Write what would have been said at the moment; a moment that cannot be simulated is written as empty."""
    orders: list[ScoredOrder] = []
    said: dict[str, list[float]] = {name_of(one): [] for one in variants(used)}
    try:
        past = line_as_of(line_id, moment)
        orders, said = replay(past.facts, past.learned, past.outcomes, moment, used)
    except LOST:
        raise
    except Exception:
        log.exception("a past week could not be forecast anew; the others go on", line=str(line_id), moment=str(moment))
    ReplayedForecast.objects.update_or_create(
        line_id=line_id, moment=moment,
        defaults={"orders": orders_row(orders), "said": said, "paths": PATHS, "made_at": now},
    )  # fmt: skip


def judge_refinements(line_id: UUID, *, now: datetime) -> None:
    """Say of each refinement whether the line's forecast uses it. One enters at a time: what the next brings beyond it
    has to be simulated first."""
    rows, used = replays_of(line_id, now), refinements_of(line_id).refinements
    known = {Refinement(one.refinement): one for one in RefinementState.objects.filter(line=line_id)}
    weeks = past_weeks(placed_orders(line_id, now=now), now)
    by_its_kind = {Refinement.ARRIVALS: partial(judge_arrivals, weeks)}
    found = {
        one: by_its_kind.get(one, judge)(pairs_of(str(line_id), rows, used, one), was_used=one in used)
        for one in Refinement
    }
    entering = max((one for one in found if found[one].is_used and one not in used), key=lambda one: found[one].gain,
                   default=None)  # fmt: skip
    learned = learned_of_line(line_id, now=now)
    for one, judged in found.items():
        is_used = judged.is_used and (one in used or one == entering)
        before = known.get(one)
        RefinementState.objects.update_or_create(
            line_id=line_id, refinement=one,
            defaults={
                "is_used": is_used, "why": judged.why, "orders": judged.orders, "refreshed_at": now,
                "brier_without": judged.brier_without, "brier_with": judged.brier_with,
                "learned": learned_row(one, learned),
                "changed_at": before.changed_at if before and before.is_used == is_used else now,
            },
        )  # fmt: skip
