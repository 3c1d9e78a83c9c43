"""What became of orders, as the key figures and the ramp-up read it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db.models import BooleanField, Count, DateTimeField, F, Func, IntegerField, Q, Value

from batches.outcomes.rules import Attempt, InProcess, KpiOutcome
from supplychain.orders.models import PatientOrderQuerySet

COLUMNS = (
    "product_id", "plant_id", "ordering_site_id", "ordered_at", "promised_at", "outcome__first_collected_at",
    "outcome__collected_at", "outcome__released_at", "outcome__ready_at", "infused_at", "cancelled_at", "closed_at",
    "outcome__lost_reason", "outcome__attempts",
)  # fmt: skip
# Whether anything became of an attempt: JSON has its moments as texts, or null.
SOME_ATTEMPT = Func(
    F("outcome__attempts"), Value("$[*][*] ? (@ != null)"), output_field=BooleanField(),
    template="COALESCE(jsonb_path_exists(%(expressions)s::jsonpath), false)",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class KpiFacts:
    """What became of the orders and of the attempts to make their doses."""

    outcomes: list[KpiOutcome]
    attempts: list[Attempt]


def kpi_facts(orders: PatientOrderQuerySet) -> KpiFacts:
    """The facts of these orders; one query. An order too new to have an outcome yet has reached nothing."""
    facts = KpiFacts([], [])
    for pk, product_id, plant_id, site_id, *moments, attempts in orders.order_by().values_list("pk", *COLUMNS):
        order = (pk, product_id, plant_id, site_id)
        runs = [Attempt(*order, *map(_moment, attempt)) for attempt in attempts or ()]
        facts.attempts.extend(runs)
        facts.outcomes.append(_outcome(order, moments, runs))
    return facts


def decided_or_due(now: datetime) -> Q:
    """The orders of which anything but `in_process` can be told: something was decided, or is due by the promise."""
    reached = ("infused_at", "cancelled_at", "closed_at", "outcome__released_at", "outcome__ready_at")
    decided = Q(*(Q((f"{moment}__isnull", False)) for moment in reached), _connector=Q.OR)
    return decided | Q(promised_at__lte=now) | Q(SOME_ATTEMPT)


def in_process(orders: PatientOrderQuerySet, ends: Sequence[datetime], now: datetime) -> list[InProcess]:
    """The orders in process that are not `decided_or_due`, counted up to each of the `ends` of spans (rising), instead
    of a row for each; one query."""
    waiting = orders.exclude(decided_or_due(now)).filter(outcome__first_collected_at__lt=ends[-1])
    moments = Value(list(ends), output_field=ArrayField(DateTimeField()))
    end = Func(F("outcome__first_collected_at"), moments, function="WIDTH_BUCKET", output_field=IntegerField())
    rows = waiting.order_by().values_list("product_id", "plant_id", "ordering_site_id", end).annotate(Count("pk"))
    return [InProcess(*places, ends[past], number) for *places, past, number in rows]


def _outcome(order: tuple[UUID, UUID, UUID, UUID], moments: Sequence[Any], runs: Sequence[Attempt]) -> KpiOutcome:
    *reached, infused_at, cancelled_at, closed_at, reason = moments
    # Closing an order after the infusion loses nobody.
    lost_at = None if infused_at else cancelled_at or closed_at
    conforming = any(run.released_at and not run.tests_failed_at for run in runs)
    return KpiOutcome(*order, *reached, infused_at, lost_at, reason or "", conforming)


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
