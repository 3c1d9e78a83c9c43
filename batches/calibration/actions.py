"""Writing what came of predictions, and what follows from it for the next ones."""

from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from django.db import connection

from batches.calibration.queries.scored import newest_of_lines
from batches.calibration.rules.choice import choose
from batches.calibration.rules.conformal import NEWEST_ORDERS, widening_hours
from batches.calibration.rules.questions import Question, Scored, said_of, stretches_of
from batches.forecasts.models import CalibrationState
from supplychain.flows.statuses import StageKind
from supplychain.orders.statuses import OPEN_ORDER_STATUSES, OrderStatus, StageStatus

log = structlog.get_logger(__name__)

CHUNK = 2_000
ENDED = [status.value for status in OrderStatus if status not in OPEN_ORDER_STATUSES]
# Everything is known once the order has ended: infused, or cancelled or closed without a dose. The claim leaves alone
# what another worker has claimed; what was scored once never changes, whatever is reported later.
SCORE_SQL = """
    WITH due AS MATERIALIZED (
        SELECT p.id, p.order_id, p.made_at, p.promised_at FROM batches_prediction p
        JOIN supplychain_patientorder o ON o.id = p.order_id
        WHERE p.scored_at IS NULL AND o.status = ANY(%(ended)s) AND COALESCE(o.last_recorded_at, %(now)s) <= %(now)s
        ORDER BY p.made_at, p.id LIMIT %(limit)s FOR NO KEY UPDATE OF p SKIP LOCKED),
    ended AS MATERIALIZED (
        SELECT o.id, o.infused_at IS NULL AS no_dose, COALESCE(o.infused_at, o.cancelled_at, o.closed_at) AS at,
            last.ready_at
        FROM supplychain_patientorder o
        LEFT JOIN LATERAL (
            SELECT COALESCE(r.ready_at, r.started_at, r.completed_at) AS ready_at
            FROM supplychain_stagerun r JOIN supplychain_stage s ON s.id = r.stage_id
            WHERE r.order_id = o.id AND s.kind = %(infusion)s AND r.withdrawn_at IS NULL
                AND (r.attempt = o.attempt OR r.status = %(completed)s)
            ORDER BY r.status = %(completed)s DESC, r.attempt DESC LIMIT 1) last ON true
        WHERE o.id IN (SELECT order_id FROM due)),
    waits AS MATERIALIZED (
        SELECT r.order_id, r.wait_expires_at AS ran_out_at
        FROM ended JOIN supplychain_stagerun r ON r.order_id = ended.id
        WHERE r.withdrawn_at IS NULL
            AND COALESCE(r.started_at, r.completed_at, r.failed_at, ended.at) > r.wait_expires_at)
    UPDATE batches_prediction p SET
        had_no_dose = ended.no_dose,
        was_ready_at = ended.ready_at,
        was_late = ended.ready_at > due.promised_at,
        wait_expired = EXISTS (
            SELECT 1 FROM waits WHERE waits.order_id = due.order_id AND waits.ran_out_at > due.made_at),
        scored_at = %(now)s
    FROM due JOIN ended ON ended.id = due.order_id
    WHERE p.id = due.id AND p.scored_at IS NULL"""
PARAMETERS: dict[str, Any] = {
    "ended": ENDED,
    "infusion": StageKind.INFUSION.value,
    "completed": StageStatus.COMPLETED.value,
}


def score_predictions(*, now: datetime, limit: int = CHUNK) -> int:
    """Write the outcome of at most `limit` predictions of orders that have ended; returns how many. One statement.

    `was_ready_at`: when the exit stage could have started, in the attempt that counted; `was_late`: whether that was
    after the promise of *that* prediction, empty where there was no promise or no dose ever became ready: this is
    scored as `had_no_dose` alone. `wait_expired`: a permitted wait ran out after the prediction was made.
    """
    with connection.cursor() as cursor:
        cursor.execute(SCORE_SQL, PARAMETERS | {"now": now, "limit": limit})
        return cursor.rowcount


def refresh_calibration(*, now: datetime) -> int:
    """Judge every line by its newest scored orders: is the model used, how far are intervals widened; returns how many.

    Three statements however many lines there are.
    """
    known = CalibrationState.objects.in_bulk()
    fresh = []
    for line, rows in newest_of_lines(now).items():
        try:
            fresh.append(_state(line, rows, known.get(line), now))
        except Exception:
            log.exception("a line's forecasts could not be scored; the others go on", line=str(line))
    fields = [field.name for field in CalibrationState._meta.concrete_fields if not field.primary_key]
    CalibrationState.objects.bulk_create(fresh, update_conflicts=True, unique_fields=["line"], update_fields=fields)
    return len(fresh)


def _state(line: UUID, rows: list[Scored], known: CalibrationState | None, now: datetime) -> CalibrationState:
    was_used = known.is_used if known else True
    choice = choose(said_of(rows, Question.LATE), was_used=was_used)
    stretches = stretches_of(rows, widened=False)[:NEWEST_ORDERS]
    return CalibrationState(
        line_id=line,
        model=rows[0].model,
        is_used=choice.is_used,
        changed_at=known.changed_at if known and choice.is_used == was_used else now,
        why=choice.why,
        orders=choice.orders,
        brier=choice.brier,
        baseline_brier=choice.baseline_brier,
        widening_hours=widening_hours(stretches),
        interval_orders=len(stretches),
        refreshed_at=now,
    )
