"""What people do with a flag: acknowledge it, take it on. Raising and clearing belong to the rules alone."""

from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from batches.flags.models import Flag, FlagChange
from batches.flags.rules.stops import doubt_of
from batches.flags.signals import flag_handled
from batches.flags.statuses import FlagChangeKind
from batches.judgement.statuses import Severity
from supplychain.live import publish_change
from supplychain.orders.actions.events import Reporter, record_event
from supplychain.orders.statuses import OrderEventKind, ReportOutcome
from supplychain.people.models import User
from supplychain.sentences import said_in
from supplychain.systems.models import SourceSystem

MOST_COMMENT = 500
MOST_NAME = 150
# Senders may cut the moment that they read down to seconds.
SAME_MOMENT = timedelta(seconds=1)


class FlagActionRefused(Exception):
    """What a person asked for cannot be done with this flag; the message says why and what to do."""


@transaction.atomic
def acknowledge_flag(
    flag_id: UUID,
    *,
    by: User,
    source: SourceSystem | None = None,
    person: str,
    comment: str,
    now: datetime,
    seen_severity: str | None = None,
    seen_raised_at: datetime | None = None,
) -> Flag:
    """Note that `person` knows of a raised flag and what they say of it; the newest acknowledgement stands.

    `by` is the person whose word it is, shown as `person`; `source` the system that passed it on, if they are not
    signed in here; `seen_…` is what they had read when they spoke, if known. Raises FlagActionRefused for a flag that
    is not raised or has become worse or another since it was read, and for an empty or too long name or comment.
    """
    person, comment = _text("name", person, MOST_NAME), _text("comment", comment, MOST_COMMENT)
    flag = _raised_flag(flag_id)
    _check_same(flag, seen_severity, seen_raised_at)
    flag.acknowledged_at, flag.acknowledged_by, flag.comment = now, person, comment
    flag.save(update_fields=["acknowledged_at", "acknowledged_by", "comment"])
    _note(flag, FlagChangeKind.ACKNOWLEDGED, now, user=by, source=source, person=person, comment=comment)
    return flag


@transaction.atomic
def settle_flag(flag_id: UUID, *, by: User, reason: str, now: datetime, seen_raised_at: datetime | None = None) -> Flag:
    """Record the decision of quality assurance that people may carry the order on although the flag stands, and why.

    The decision is a fact of the order; it counts until the flag is raised again. It acknowledges the flag, too. Raises
    FlagActionRefused for a flag that keeps nobody from reporting, or that has become another since it was read.
    """
    reason = _text("reason", reason, MOST_COMMENT)
    flag = Flag.objects.filter(pk=flag_id).first()
    if flag is None or not doubt_of(flag.code, flag.severity, flag.evidence):
        raise FlagActionRefused("This flag keeps nobody from reporting: acknowledge it instead.")
    row = {
        "source_event_id": f"settle-{flag.pk}-{flag.raised_at.isoformat()}",
        "order": str(flag.order_id),
        "kind": OrderEventKind.SETTLED.value,
        "occurred_at": now.isoformat(),
        "payload": {"flag": str(flag.pk), "reason": reason, "why": flag.why},
    }
    result = record_event(row, by=Reporter.of_user(by), now=now)
    if result.outcome == ReportOutcome.CONFLICT:
        raise FlagActionRefused("You settled this flag already: look at the order again.")
    if result.outcome == ReportOutcome.REJECTED:
        raise FlagActionRefused(result.reason.removeprefix("kind: "))
    return acknowledge_flag(
        flag_id, by=by, person=str(by)[:MOST_NAME], comment=reason, now=now, seen_raised_at=seen_raised_at
    )


@transaction.atomic
def take_on_flag(flag_id: UUID, *, by: User, now: datetime) -> Flag:
    """Make `by` the owner of a raised flag, in place of whoever had it. Raises FlagActionRefused if it is cleared."""
    flag = _raised_flag(flag_id)
    if flag.owner_id == by.pk:
        return flag
    flag.owner = by
    flag.save(update_fields=["owner"])
    _note(flag, FlagChangeKind.TAKEN_ON, now, user=by, person=str(by)[:MOST_NAME])
    return flag


def _text(name: str, value: str, most: int) -> str:
    text = value.replace("\x00", "").strip()
    if not text:
        raise FlagActionRefused(f"Write a {name}: an acknowledgement says who knows and what they do about it.")
    if len(text) > most:
        raise FlagActionRefused(f"The {name} has {len(text)} characters; use at most {most}.")
    return text


def _check_same(flag: Flag, seen_severity: str | None, seen_raised_at: datetime | None) -> None:
    """Whoever read less than is true now has not seen this flag."""
    said = said_in(flag.why, timezone.get_current_timezone())
    if seen_severity and seen_severity != flag.severity and flag.severity == Severity.CRITICAL:
        raise FlagActionRefused(f"This flag has become {flag.severity} meanwhile: read it again. It says: {said}")
    if seen_raised_at and flag.raised_at - seen_raised_at >= SAME_MOMENT:
        raise FlagActionRefused(f"This flag has been raised again meanwhile: read it again. It says: {said}")


def _raised_flag(flag_id: UUID) -> Flag:
    """The flag, locked against the judgement that may clear it at this moment."""
    flag = Flag.objects.select_for_update(of=("self",), no_key=True).select_related("order").filter(pk=flag_id).first()
    if flag is None:
        raise FlagActionRefused("There is no such flag; go back to the list.")
    if flag.cleared_at is not None:
        raise FlagActionRefused("This flag has been cleared meanwhile; there is nothing left to do for it.")
    return flag


def _note(flag: Flag, kind: FlagChangeKind, now: datetime, **said: Any) -> None:
    """Keep the flip, and tell open pages once it is committed."""
    FlagChange.objects.create(flag=flag, kind=kind, severity=flag.severity, changed_at=now, why=flag.why, **said)
    if user := said.get("user"):
        flag_handled.send(sender=Flag, flag=flag, by=user, now=now)
    order = flag.order
    sites = {order.ordering_site_id, order.collection_site_id, order.infusion_site_id, order.plant_id}
    transaction.on_commit(partial(publish_change, {order.pk: sites}))
