"""Reading flags as tuples and writing them as bodies."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from batches.flags.api.bodies import FlagFlip, FlagSummary
from batches.flags.models import Flag, FlagChange
from batches.judgement.statuses import FlagCode
from supplychain.orders.models import PatientOrder
from supplychain.rest.moments import hours_until

# Column by column the fields of FlagSummary without `title` and `slack_hours`; the owner's names last.
FLAG_COLUMNS = (
    "id", "order_id", "order__coi", "order__product__code", "code", "stage", "severity", "since", "due", "probability",
    "why", "next_step", "evidence", "raised_at", "cleared_at", "owner__username", "acknowledged_at", "acknowledged_by",
    "comment", "owner__first_name", "owner__last_name",
)  # fmt: skip
CHANGE_COLUMNS = ("kind", "severity", "changed_at", "person", "source__code", "comment", "why", "evidence")
TITLES = dict(FlagCode.choices)


def visible_flags(site_ids: Iterable[UUID]) -> QuerySet:
    """Flags of the orders in which one of these sites takes part."""
    return Flag.objects.filter(order__in=PatientOrder.objects.of_sites(site_ids))


def flag_body(row: Sequence, *, now: datetime) -> FlagSummary:
    """One flag of FLAG_COLUMNS."""
    username, first_name, last_name = row[15], row[19], row[20]
    owner = f"{first_name} {last_name}".strip() or username if username else None
    slack = hours_until(row[8], now) if row[14] is None else None
    return FlagSummary(*row[:5], TITLES[row[4]], *row[5:9], slack, *row[9:15], owner, *row[16:19])


def raised_flags(order_id: UUID, *, now: datetime) -> list[FlagSummary]:
    """The raised flags of one order, worst first."""
    rows = Flag.objects.filter(order=order_id, cleared_at=None).order_by("-severity", "due", "id")
    return [flag_body(row, now=now) for row in rows.values_list(*FLAG_COLUMNS)]


def flag_flips(flag_id: UUID) -> list[FlagFlip]:
    """The history of one flag, oldest first."""
    return [FlagFlip(*row) for row in FlagChange.objects.filter(flag=flag_id).values_list(*CHANGE_COLUMNS)]
