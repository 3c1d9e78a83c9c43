"""When the dose of an order was ready, as every score reads it: once for SQL that writes, once for queries of pages."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Case, DateTimeField, F, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce

from batches.calibration.rules.replays import PastOutcome
from supplychain.flows.statuses import StageKind
from supplychain.orders.models import StageRun
from supplychain.orders.statuses import StageStatus
from supplychain.sql import read, texts

# Of the order `o`: when its exit stage could have started, in the completed run, else in the newest attempt.
EXIT_READY_SQL = """
    SELECT COALESCE(r.ready_at, r.started_at, r.completed_at)
    FROM supplychain_stagerun r JOIN supplychain_stage s ON s.id = r.stage_id
    WHERE r.order_id = o.id AND s.kind = %(infusion)s AND r.withdrawn_at IS NULL
        AND (r.attempt = o.attempt OR r.status = %(completed)s)
    ORDER BY r.status = %(completed)s DESC, r.attempt DESC LIMIT 1"""
EXIT_READY = {"infusion": StageKind.INFUSION.value, "completed": StageStatus.COMPLETED.value}
OUTCOMES_SQL = f"""SELECT o.id, ({EXIT_READY_SQL}),
    CASE WHEN o.infused_at IS NULL THEN COALESCE(o.cancelled_at, o.closed_at) END
    FROM supplychain_patientorder o WHERE o.id = ANY(%(ids)s::uuid[])"""


def outcomes_of(order_ids: Iterable[UUID]) -> dict[UUID, PastOutcome]:
    """What became of these orders; one query."""
    return {order: PastOutcome(*rest) for order, *rest in read(OUTCOMES_SQL, ids=texts(order_ids), **EXIT_READY)}


def known_ready_at() -> Case:
    """Of a query of predictions: when the dose was ready, also of an order that is open; empty: not yet, or never.

    What was written when the order ended stands; only for open orders the stages are looked at.
    """
    runs = StageRun.objects.filter(order=OuterRef("order"), stage__kind=EXIT_READY["infusion"], withdrawn_at=None)
    runs = runs.filter(Q(attempt=F("order__attempt")) | Q(status=EXIT_READY["completed"]))
    is_later = Case(When(status=EXIT_READY["completed"], then=Value(0)), default=Value(1))
    at = Coalesce("ready_at", "started_at", "completed_at")
    newest = runs.annotate(at=at).order_by(is_later, "-attempt").values("at")[:1]
    return Case(
        When(scored_at__isnull=False, then=F("was_ready_at")), default=Subquery(newest), output_field=DateTimeField()
    )
