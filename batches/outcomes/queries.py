"""What became of orders, as the key figures and the ramp-up read it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from batches.outcomes.rules import Attempt, KpiOutcome
from supplychain.orders.models import PatientOrderQuerySet

COLUMNS = (
    "product_id", "plant_id", "ordering_site_id", "ordered_at", "promised_at", "outcome__first_collected_at",
    "outcome__collected_at", "outcome__released_at", "outcome__ready_at", "infused_at", "cancelled_at", "closed_at",
    "outcome__lost_reason", "outcome__attempts",
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


def _outcome(order: tuple[UUID, UUID, UUID, UUID], moments: Sequence[Any], runs: Sequence[Attempt]) -> KpiOutcome:
    *reached, infused_at, cancelled_at, closed_at, reason = moments
    # Closing an order after the infusion loses nobody.
    lost_at = None if infused_at else cancelled_at or closed_at
    conforming = any(run.released_at and not run.tests_failed_at for run in runs)
    return KpiOutcome(*order, *reached, infused_at, lost_at, reason or "", conforming)


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
