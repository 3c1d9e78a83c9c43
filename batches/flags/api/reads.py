"""Reading flags as tuples and writing them as bodies."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from uuid import UUID

from django.db.models import QuerySet

from batches.flags.api.bodies import FlagFlip, FlagSummary, HarmName
from batches.flags.models import Flag, FlagChange
from batches.flags.queries.flags import URGENT_FIRST
from batches.flags.rules.causes import cause_key
from batches.flags.statuses import SETTLED_AT, SETTLED_BY, flag_title
from batches.judgement.statuses import Harm
from supplychain.orders.models import takes_part_in
from supplychain.rest.moments import hours_until
from supplychain.sentences import said_in

# The fields of FlagSummary that are columns, and what the others are made of.
FLAG_COLUMNS = (
    "id", "order_id", "order__coi", "order__product__code", "code", "stage", "subject", "severity", "harm", "since",
    "due", "act_by", "probability", "why", "next_step", "evidence", "raised_at", "cleared_at", "owner__username",
    "acknowledged_at", "acknowledged_by", "comment", "owner__first_name", "owner__last_name", "remedy", "cause",
    "order__plant__code",
)  # fmt: skip
CHANGE_COLUMNS = ("kind", "severity", "changed_at", "person", "source__code", "comment", "why", "evidence")


def visible_flags(site_ids: Iterable[UUID]) -> QuerySet:
    """Flags of the orders in which one of these sites takes part."""
    return Flag.objects.filter(takes_part_in(site_ids, "order__"))


def flag_body(row: Sequence, *, now: datetime) -> FlagSummary:
    """One flag of FLAG_COLUMNS."""
    said = dict(zip(FLAG_COLUMNS, row, strict=True))
    said["why"], said["next_step"] = said_in(said["why"], UTC), said_in(said["next_step"], UTC)
    plant = said.pop("order__plant__code")
    said["cause"] = cause_key(plant, said["cause"]) if said["cause"] else None
    username, *names = (said.pop(f"owner__{name}") for name in ("username", "first_name", "last_name"))
    moment, decided_by = (said["evidence"].get(name, "") for name in (SETTLED_AT, SETTLED_BY))
    decided_at = datetime.fromisoformat(moment) if moment else None
    is_settled = said["harm"] == Harm.SETTLED and decided_at is not None
    return FlagSummary(
        order=said.pop("order_id"),
        coi=said.pop("order__coi"),
        product=said.pop("order__product__code"),
        title=flag_title(said["code"], said["evidence"]),
        harm=HarmName(Harm(said.pop("harm")).name.lower()),
        slack_hours=None if said["cleared_at"] else hours_until(said["due"], now),
        settled_at=decided_at if is_settled else None,
        settled_by=decided_by if is_settled else "",
        decided_at=decided_at,
        decided_by=decided_by,
        work_is_left=decided_at is not None and not is_settled,
        owner=(" ".join(names).strip() or username) if username else None,
        **said,
    )


def raised_flags(order_id: UUID, *, now: datetime) -> list[FlagSummary]:
    """The raised flags of one order, the most urgent first."""
    rows = Flag.objects.filter(order=order_id, cleared_at=None).order_by(*URGENT_FIRST)
    return [flag_body(row, now=now) for row in rows.values_list(*FLAG_COLUMNS)]


def flag_flips(flag_id: UUID) -> list[FlagFlip]:
    """The history of one flag, oldest first."""
    rows = FlagChange.objects.filter(flag=flag_id).values_list(*CHANGE_COLUMNS)
    return [FlagFlip(*row[:6], said_in(row[6], UTC), row[7]) for row in rows]
