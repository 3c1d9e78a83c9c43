"""What became of orders, as the key figures and the ramp-up read it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db import connection

from batches.outcomes.rules import IN_PROCESS, Attempt, Cases, KpiOutcome
from supplychain.orders.models import PatientOrderQuerySet

COLUMNS = (
    "product_id", "plant_id", "ordering_site_id", "ordered_at", "promised_at", "outcome__first_collected_at",
    "outcome__collected_at", "outcome__released_at", "outcome__ready_at", "infused_at", "cancelled_at", "closed_at",
    "outcome__lost_reason", "outcome__attempts",
)  # fmt: skip
# The same columns under short names, and from them the moments that `KpiOutcome` and `figures` reckon with.
FACTS = ("id, product_id, plant_id, site_id, ordered_at, promised_at, first_collected_at, collected_at, released_at,"
         " ready_at, infused_at, cancelled_at, closed_at, lost_reason, attempts")  # fmt: skip
KNOWN_SQL = """
    ended AS (SELECT *, CASE WHEN infused_at IS NULL THEN COALESCE(cancelled_at, closed_at) END AS lost_at,
        COALESCE(jsonb_path_exists(attempts, 'strict $[*] ? (@[3] != null && @[2] == null)'), false) AS conforms
        FROM facts),
    left_at AS (SELECT *, COALESCE(infused_at, CASE WHEN first_collected_at <= lost_at THEN lost_at END) AS ended_at,
        CASE WHEN promised_at <= %s AND (lost_at <= promised_at) IS NOT TRUE THEN promised_at END AS due_at FROM ended),
    known AS MATERIALIZED (SELECT *, CASE WHEN conforms THEN released_at ELSE ended_at END AS decided_at FROM left_at),
    tried AS MATERIALIZED (SELECT product_id, plant_id, site_id, (one ->> 1)::timestamptz AS making_failed_at,
        COALESCE(one ->> 1, one ->> 0)::timestamptz AS made_at, (one ->> 2)::timestamptz AS tests_failed_at,
        COALESCE(one ->> 2, one ->> 3)::timestamptz AS tested_at FROM known, jsonb_array_elements(attempts) AS one)"""


class Counted(NamedTuple):
    """How cases are found: where, their moment, which of them it is so of, how long they took, why."""

    measure: str
    source: str
    moment: str
    hits: str = "false"
    days: str = "NULL::float8"
    reason: str = "''"

    @property
    def sql(self) -> str:
        """Counted by place, month and reason; its parameters are the bounds, the first and the last of them."""
        return (
            f"SELECT '{self.measure}', product_id, plant_id, site_id,"
            f" WIDTH_BUCKET({self.moment}, %s::timestamptz[]) - 1, {self.reason},"
            f" COUNT(*), COUNT(*) FILTER (WHERE {self.hits}),"
            f" ARRAY_AGG({self.days}) FILTER (WHERE {self.days} IS NOT NULL)"
            f" FROM {self.source} AND {self.moment} >= %s AND {self.moment} < %s GROUP BY 2, 3, 4, 5, 6"
        )


def _days_to(moment: str) -> Counted:
    # Of facts that contradict each other, an end before its beginning, no duration can be had.
    measure = {"infused_at": "vein_to_vein", "released_at": "turnaround"}[moment]
    days = f"(EXTRACT(EPOCH FROM {moment} - collected_at) * 1000000)::float8 / 86400000000"
    return Counted(measure, f"known WHERE collected_at <= {moment}", moment, days=days)


COUNTED = (
    _days_to("infused_at"),
    _days_to("released_at"),
    Counted("on_time", "known WHERE true", "due_at", "LEAST(ready_at, infused_at) <= promised_at"),
    Counted("conforming", "known WHERE true", "decided_at", "conforms"),
    Counted("making_failures", "tried WHERE true", "made_at", "making_failed_at IS NOT NULL"),
    Counted("out_of_specification", "tried WHERE true", "tested_at", "tests_failed_at IS NOT NULL"),
    Counted("losses", "known WHERE true", "ended_at", "infused_at IS NULL",
            reason="CASE WHEN infused_at IS NULL THEN lost_reason ELSE '' END"),
)  # fmt: skip
# Who was collected before these months is in process in the first of them, too.
IN_PROCESS_SQL = f"""SELECT '{IN_PROCESS}', product_id, plant_id, site_id,
    GREATEST(WIDTH_BUCKET(first_collected_at, %s::timestamptz[]) - 1, 0), '', COUNT(*), 0, NULL FROM known
    WHERE first_collected_at < %s AND lost_at IS NULL AND decided_at IS NULL GROUP BY 2, 3, 4, 5"""
CASES_SQL = f"{KNOWN_SQL} {' UNION ALL '.join([one.sql for one in COUNTED] + [IN_PROCESS_SQL])}"


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


def kpi_cases(orders: PatientOrderQuerySet, bounds: Sequence[datetime], now: datetime) -> list[Cases]:
    """What was decided of these orders between the `bounds` (rising): each but the last begins a month, the last one
    ends it. One query, which counts: a row for each order would cost more than all the rest.

    Figures of these are those that `figures` has of the orders' `kpi_facts`; tests hold one against the other.
    """
    try:
        facts, given = orders.order_by().values_list("pk", *COLUMNS).query.sql_with_params()
    except EmptyResultSet:  # The filter names a place that the viewer may not choose.
        return []
    months, (first, *_, last) = list(bounds), bounds
    parameters = (*given, now, *(months, first, last) * len(COUNTED), months, last)
    with connection.cursor() as cursor:
        cursor.execute(f"WITH facts ({FACTS}) AS ({facts}), {CASES_SQL}", parameters)
        return [Cases(*row, days or ()) for *row, days in cursor.fetchall()]


def _outcome(order: tuple[UUID, UUID, UUID, UUID], moments: Sequence[Any], runs: Sequence[Attempt]) -> KpiOutcome:
    *reached, infused_at, cancelled_at, closed_at, reason = moments
    # Closing an order after the infusion loses nobody.
    lost_at = None if infused_at else cancelled_at or closed_at
    conforming = any(run.released_at and not run.tests_failed_at for run in runs)
    return KpiOutcome(*order, *reached, infused_at, lost_at, reason or "", conforming)


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
