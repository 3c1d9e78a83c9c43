"""Past orders with their flags and outcomes, and the alarms of the last weeks; as many statements whatever there is."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.contrib.postgres.aggregates import BoolOr
from django.db.models import Count, Exists, F, Max, Min, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from batches.alarms.rules.figures import FORESEEN, AlarmOutcome, WatchedOrder
from batches.alarms.rules.loads import STALE_AFTER, AlarmRaise, StandingAlarms
from batches.alarms.rules.replays import Ledger, SaidOfPromise
from batches.calibration.queries.scored import LOOK_BACK
from batches.flags.models import Flag, FlagChange
from batches.flags.statuses import FlagChangeKind
from batches.forecasts.models import Forecast, Prediction
from batches.judgement.statuses import FlagCode, Severity
from supplychain.orders.models import PatientOrderQuerySet, StageRun
from supplychain.pages.viewers import of_orders

# Orders with a promise that passed, the newest of the last 400 days (or ahead), the newest first.
MOST_ORDERS = 1_000
LOAD_WINDOW = timedelta(days=28)
JUDGED_WITHIN = timedelta(days=1)
RAISING = (FlagChangeKind.RAISED, FlagChangeKind.RAISED_AGAIN, FlagChangeKind.SEVERITY_CHANGED)
ENDED_AT = Coalesce("order__infused_at", "order__cancelled_at", "order__closed_at")
WAITED_UNTIL = Coalesce(
    "started_at", "completed_at", "failed_at", "order__infused_at", "order__cancelled_at", "order__closed_at"
)


class _RunMoments(NamedTuple):
    """Of an order: when its last work that needs a place began, and when a permitted wait first ran out."""

    last_begun_at: datetime | None = None
    ran_out_at: datetime | None = None


def watched_orders(orders: PatientOrderQuerySet, now: datetime) -> list[WatchedOrder]:
    """Of these orders the newest whose promise has passed; five queries."""
    # From the orders, of which there are few: the ledger of ten years has no index for all lines by promise.
    passed = Exists(Prediction.objects.filter(order=OuterRef("pk"), promised_at__lt=now))
    newest = orders.filter(passed, promised_at__gte=now - LOOK_BACK).order_by("-promised_at", "pk")
    ids = list(newest.values_list("pk", flat=True)[:MOST_ORDERS])
    runs, raised, judged = _run_moments(ids), _first_raised(ids), _first_judged(ids)
    found = [_watched(row, runs.get(row["order_id"], _RunMoments()), raised) for row in _settled(ids)]
    return [order._replace(is_judged=order.order_id in judged) for order in found]


def ledger_of(watched: Iterable[WatchedOrder]) -> Ledger:
    """What was said of the promises of these orders, oldest first; one query."""
    ids = [order.order_id for order in watched]
    said = Prediction.objects.filter(order__in=ids, p_late__isnull=False, promised_at__isnull=False)
    found: dict[UUID, list[SaidOfPromise]] = {}
    rows = said.order_by("order_id", "made_at").values_list("order_id", *SaidOfPromise._fields)
    for order_id, *rest in rows:
        found.setdefault(order_id, []).append(SaidOfPromise(*rest))
    return found


def raises_of(orders: PatientOrderQuerySet, now: datetime) -> list[AlarmRaise]:
    """Every flag of these orders that was raised, raised again or became critical in the last 28 days; one query."""
    flips = FlagChange.objects.filter(changed_at__gte=now - LOAD_WINDOW, kind__in=RAISING)
    eased = Q(kind=FlagChangeKind.SEVERITY_CHANGED, severity=Severity.ATTENTION)
    rows = of_orders(flips.exclude(eased), orders, "flag__order").order_by()
    columns = rows.values_list("flag_id", "flag__plant_id", "changed_at", "severity")
    return [AlarmRaise(flag, line, at, severity == Severity.CRITICAL) for flag, line, at, severity in columns]


def standing_of(orders: PatientOrderQuerySet, now: datetime) -> Mapping[UUID, StandingAlarms]:
    """The flags that stand now, by plant; one query."""
    standing = of_orders(Flag.objects.filter(cleared_at__isnull=True), orders).order_by()
    stale = Count("pk", filter=Q(raised_at__lt=now - STALE_AFTER))
    rows = standing.values_list("plant_id").annotate(flags=Count("pk"), stale=stale)
    return {line: StandingAlarms(flags, stale) for line, flags, stale in rows}


def _settled(ids: list[UUID]) -> QuerySet[Prediction, dict[str, Any]]:
    said = Prediction.objects.filter(order__in=ids, promised_at__isnull=False).order_by()
    return said.values("order_id", "order__product_id", "order__plant_id").annotate(
        is_late=BoolOr("was_late"),
        late_at=Min("promise_settled_at", filter=Q(was_late=True)),
        settled_at=Max("promise_settled_at"),
        told=Count("was_late"),
        awaited=Count("pk", filter=Q(promise_scored_at=None)),
        was_lost=BoolOr("had_no_dose"),
        ended_at=Max(ENDED_AT, filter=Q(scored_at__isnull=False)),
        infused_at=Max("order__infused_at"),
    )


def _run_moments(ids: list[UUID]) -> dict[UUID, _RunMoments]:
    runs = StageRun.objects.filter(order__in=ids, withdrawn_at=None).order_by()
    found = runs.annotate(waited_until=WAITED_UNTIL).values_list("order_id").annotate(
        last=Max("started_at", filter=~Q(pool="")),
        ran_out=Min("wait_expires_at", filter=Q(waited_until__gt=F("wait_expires_at"))),
    )  # fmt: skip
    return {order: _RunMoments(*rest) for order, *rest in found}


def _first_raised(ids: list[UUID]) -> dict[UUID, dict[tuple[FlagCode, Severity], datetime]]:
    flips = FlagChange.objects.filter(flag__order__in=ids, flag__code__in=list(FORESEEN), kind__in=RAISING).order_by()
    rows = flips.values_list("flag__order_id", "flag__code").annotate(
        first=Min("changed_at"), critical=Min("changed_at", filter=Q(severity=Severity.CRITICAL))
    )
    found: dict[UUID, dict[tuple[FlagCode, Severity], datetime]] = {}
    for order, code, first, critical in rows:
        of_order = found.setdefault(order, {})
        of_order[FlagCode(code), Severity.ATTENTION] = first
        if critical:
            of_order[FlagCode(code), Severity.CRITICAL] = critical
    return found


def _first_judged(ids: list[UUID]) -> set[UUID]:
    """Orders that were judged from the beginning: each judgement keeps a plain forecast, the first within a day of the
    first prediction. Where a past was brought in afterwards, no flag could be raised in it."""
    first = Forecast.objects.filter(order=OuterRef("order")).order_by().values("order").annotate(at=Min("made_at"))
    said = Prediction.objects.filter(order__in=ids).order_by().values("order_id").annotate(
        said_at=Min("made_at"), judged_at=Subquery(first.values("at"))
    )  # fmt: skip
    return {row["order_id"] for row in said if row["judged_at"] and row["judged_at"] <= row["said_at"] + JUDGED_WITHIN}


def _watched(
    row: Mapping[str, Any], runs: _RunMoments, raised: Mapping[UUID, Mapping[tuple[FlagCode, Severity], datetime]]
) -> WatchedOrder:
    free_until = runs.last_begun_at if row["infused_at"] else None
    return WatchedOrder(
        row["order_id"], row["order__product_id"], row["order__plant_id"], _outcomes(row, runs),
        raised.get(row["order_id"], {}), free_until,
    )  # fmt: skip


def _outcomes(row: Mapping[str, Any], runs: _RunMoments) -> dict[FlagCode, AlarmOutcome]:
    """Of the promise: any that was made of it was missed; kept, once all of them have passed. The rest at the end."""
    found = {}
    if row["is_late"]:
        found[FlagCode.PROMISE_AT_RISK] = AlarmOutcome(True, row["late_at"])
    elif row["told"] and not row["awaited"]:
        found[FlagCode.PROMISE_AT_RISK] = AlarmOutcome(False, row["settled_at"])
    if ended_at := row["ended_at"]:
        lost_at = ended_at if row["was_lost"] else None
        harmed_at = min((at for at in (runs.ran_out_at, lost_at) if at), default=None)
        found[FlagCode.DOSE_AT_RISK] = AlarmOutcome(harmed_at is not None, harmed_at or ended_at)
        found[FlagCode.HOLD_EXPIRING] = AlarmOutcome(runs.ran_out_at is not None, runs.ran_out_at or ended_at)
    return found
