"""What people do with flags: acknowledge, comment, take on, assign, give back. Raising and clearing are the rules'."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, NamedTuple
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from batches.flags.models import Flag, FlagChange
from batches.flags.queries.flags import assignees_of, decisions_withdrawn
from batches.flags.queries.resolving import signed_about
from batches.flags.rules.decided import leaves_work
from batches.flags.rules.gone_on import settled_evidence, settled_words
from batches.flags.rules.stops import doubt_of
from batches.flags.signals import flag_assigned, flag_handled, flag_settled
from batches.flags.statuses import FlagChangeKind
from batches.judgement.statuses import FlagCode, Harm, Severity
from supplychain.audit.signing import Proof
from supplychain.live import publish_change
from supplychain.orders.actions.events import Reporter, record_event
from supplychain.orders.rules.mismatches import MISMATCHES
from supplychain.orders.rules.signing import SIGNED_ABOUT
from supplychain.orders.rules.withdrawals import REJECTS, asked_of_second
from supplychain.orders.statuses import OrderEventKind, ReportOutcome
from supplychain.people.models import User
from supplychain.reasons import says_nothing
from supplychain.sentences import said_in
from supplychain.systems.models import SourceSystem

MOST_COMMENT = 500
MOST_NAME = 150
MOST_TOGETHER = 100
# A dose in doubt and a swapped identity are each read by themselves, never acknowledged in bulk.
MOST_HARM = Harm.IDENTITY
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
    """Note that `person` knows of a raised flag and what they say of it; the newest word stands, all are kept.

    `by` is the person whose word it is, shown as `person`; `source` the system that passed it on, if they are not
    signed in here; `seen_…` is what they had read when they spoke, if known. Raises FlagActionRefused for a flag that
    is not raised or has become worse or another since it was read, and for an empty or too long name or comment.
    """
    flag = _raised_flag(flag_id)
    _check_same(flag, seen_severity, seen_raised_at)
    _acknowledge(flag, by, source, person, comment, now)
    return flag


def _acknowledge(
    flag: Flag, by: User, source: SourceSystem | None, person: str, comment: str, now: datetime, *,
    is_settled: bool = False,
) -> FlagChange:  # fmt: skip
    person, comment = _text("name", person, MOST_NAME), _text("comment", comment, MOST_COMMENT)
    seen = FlagChangeKind.COMMENTED if flag.acknowledged_at else FlagChangeKind.ACKNOWLEDGED
    kind = FlagChangeKind.SETTLED if is_settled else seen
    flag.acknowledged_at, flag.acknowledged_by, flag.comment = now, person, comment
    flag.save(update_fields=["acknowledged_at", "acknowledged_by", "comment"])
    return note_flip(flag, kind, now, user=by, source=source, person=person, comment=comment)


@transaction.atomic
def settle_flag(
    flag_id: UUID, *, by: User, reason: str, now: datetime, seen_raised_at: datetime | None = None,
    proof: Proof | None = None,
) -> Flag:  # fmt: skip
    """Record the decision of quality assurance that people may carry the order on although the flag stands, and why.

    The decision is a fact of the order; it counts until the flag is raised again. It acknowledges the flag, too, and
    whoever was told of the flag is told of it, where nothing is left to do; and it rejects the withdrawal of which the
    flag asked a second person. Raises FlagActionRefused for a flag that keeps nobody from reporting, for who asked for
    that withdrawal, and for a flag that has become another since it was read. `proof`: with which `by` signs.
    """
    reason = _text("reason", reason, MOST_COMMENT)
    flag = Flag.objects.select_related("order").filter(pk=flag_id).first()
    if flag is None or not doubt_of(flag.code, flag.severity, flag.evidence):
        raise FlagActionRefused("This flag keeps nobody from reporting: acknowledge it instead.")
    about = {"why": said_in(flag.why, UTC), SIGNED_ABOUT: signed_about(flag)}
    row = {
        "source_event_id": f"settle-{flag.pk}-{flag.raised_at.isoformat()}{_anew(flag)}",
        "order": str(flag.order_id), "kind": OrderEventKind.SETTLED.value, "occurred_at": now.isoformat(),
        "payload": {"flag": str(flag.pk), "reason": reason} | about | _rejected(flag),
    }  # fmt: skip
    result = record_event(row, by=Reporter.of_user(by, proof), now=now)
    if result.outcome == ReportOutcome.CONFLICT:
        raise FlagActionRefused("You settled this flag already: look at the order again.")
    if result.outcome == ReportOutcome.REJECTED:
        raise FlagActionRefused(result.refusal)
    flag = _raised_flag(flag_id)
    _check_same(flag, None, seen_raised_at)
    change = _acknowledge(flag, by, None, str(by)[:MOST_NAME], reason, now, is_settled=True)
    if not leaves_work(flag.code, flag.subject, flag.evidence):  # else the order stands still, and the flag says why
        _show_settled(flag, by, reason, now)
        flag_settled.send(sender=Flag, flag=flag, change=change, by=by, now=now)
    return flag


@transaction.atomic
def resolve_flag(
    flag_id: UUID, *, by: User, reason: str, now: datetime, seen_raised_at: datetime | None = None,
    proof: Proof | None = None,
) -> Flag:  # fmt: skip
    """Record how one of the two people whom that takes cleared up a mismatch; after both the judgement clears the flag.

    Raises FlagActionRefused for any other flag, for who is none of the two, and for a flag that has become another
    since it was read. `proof`: with which `by` signs.
    """
    reason, flag = _text("reason", reason, MOST_COMMENT), _raised_flag(flag_id)
    if flag.code != FlagCode.IDENTITY_MISMATCH:
        raise FlagActionRefused("This flag is no identity mismatch: settle or acknowledge it instead.")
    _check_same(flag, None, seen_raised_at)
    said = {MISMATCHES: flag.evidence[MISMATCHES], "reason": reason, SIGNED_ABOUT: signed_about(flag)}
    row = {
        "source_event_id": f"resolve-{flag.pk}-{now.isoformat()}", "order": str(flag.order_id),
        "kind": OrderEventKind.RESOLVED.value, "occurred_at": now.isoformat(), "payload": {"flag": str(flag.pk)} | said,
    }  # fmt: skip
    result = record_event(row, by=Reporter.of_user(by, proof), now=now)
    if result.outcome == ReportOutcome.REJECTED:
        raise FlagActionRefused(result.refusal)
    _acknowledge(flag, by, None, str(by)[:MOST_NAME], reason, now)
    return flag


def _show_settled(flag: Flag, by: User, reason: str, now: datetime) -> None:
    """Have every list say at once what the next judgement will: nothing is left to do (gone_on, decided)."""
    flag.harm, flag.next_step = Harm.SETTLED, settled_words(str(by), reason)
    flag.evidence |= settled_evidence(str(by), now)
    flag.save(update_fields=["harm", "next_step", "evidence"])


def _rejected(flag: Flag) -> dict[str, list[str]]:
    """The withdrawals that the decision finds wrong; nothing where the flag asks no second person."""
    is_asked = flag.code == FlagCode.OUT_OF_SEQUENCE
    rejected = asked_of_second(flag.order.surprises, flag.stage) if is_asked else []
    return {REJECTS: rejected} if rejected else {}


def _anew(flag: Flag) -> str:
    """Tells a decision after one that was withdrawn from the same said twice (a double click)."""
    withdrawn = decisions_withdrawn(flag)
    return f"-{withdrawn}" if withdrawn else ""


@transaction.atomic
def take_on_flag(flag_id: UUID, *, by: User, source: SourceSystem | None = None, now: datetime) -> Flag:
    """Make `by` the owner of a raised flag, in place of whoever had it; `source` is the system that passed it on.

    Raises FlagActionRefused if it is cleared.
    """
    flag = _raised_flag(flag_id)
    if flag.owner_id == by.pk:
        return flag
    flag.owner = by
    flag.save(update_fields=["owner"])
    note_flip(flag, FlagChangeKind.TAKEN_ON, now, user=by, source=source, person=str(by)[:MOST_NAME])
    return flag


@transaction.atomic
def assign_flag(flag_id: UUID, *, to: User, by: User, source: SourceSystem | None = None, now: datetime) -> Flag:
    """Make `to` the owner of a raised flag, in place of whoever had it.

    Raises FlagActionRefused if it is cleared or `to` does not handle flags of its order.
    """
    if to == by:
        return take_on_flag(flag_id, by=by, source=source, now=now)
    flag = _raised_flag(flag_id)
    if not assignees_of(flag).filter(pk=to.pk).exists():
        raise FlagActionRefused(f"{to} does not handle such flags of this order; choose somebody of its sites.")
    if flag.owner_id == to.pk:
        return flag
    flag.owner = to
    flag.save(update_fields=["owner"])
    words = f"to {to}"[:MOST_COMMENT]
    said = {"user": by, "source": source, "person": str(by)[:MOST_NAME], "comment": words}
    change = note_flip(flag, FlagChangeKind.ASSIGNED, now, **said)
    flag_assigned.send(sender=Flag, flag=flag, change=change, to=to, now=now)
    return flag


@transaction.atomic
def give_back_flag(flag_id: UUID, *, by: User, source: SourceSystem | None = None, now: datetime) -> Flag:
    """Leave a raised flag without an owner. Raises FlagActionRefused if it is cleared or another's."""
    flag = _raised_flag(flag_id)
    if flag.owner_id is None:
        return flag
    if flag.owner_id != by.pk:
        raise FlagActionRefused("This flag is not yours to give back: take it over first.")
    flag.owner = None
    flag.save(update_fields=["owner"])
    note_flip(flag, FlagChangeKind.GIVEN_BACK, now, user=by, source=source, person=str(by)[:MOST_NAME])
    return flag


class Seen(NamedTuple):
    """A flag as a person read it."""

    flag_id: UUID
    severity: str
    raised_at: datetime


@transaction.atomic
def acknowledge_flags(
    seen: Sequence[Seen], *, by: User, comment: str, takes_on: bool, now: datetime
) -> dict[UUID, str]:
    """Acknowledge several flags with one comment, and take them on if wanted. Returns why those not done were not.

    One that was cleared, became worse or must be read by itself (MOST_HARM) does not stop the others. Raises
    FlagActionRefused for an empty or too long comment, and for more than MOST_TOGETHER.
    """
    comment = _text("comment", comment, MOST_COMMENT)
    if len(seen) > MOST_TOGETHER:
        raise FlagActionRefused(f"Choose at most {MOST_TOGETHER} flags at once; these are {len(seen)}.")
    refused: dict[UUID, str] = {}
    for one in sorted(seen):
        try:
            with transaction.atomic():
                _acknowledge_one(one, by=by, comment=comment, takes_on=takes_on, now=now)
        except FlagActionRefused as refusal:
            refused[one.flag_id] = str(refusal)
    return refused


def _acknowledge_one(one: Seen, *, by: User, comment: str, takes_on: bool, now: datetime) -> None:
    if _raised_flag(one.flag_id).harm <= MOST_HARM:
        raise FlagActionRefused("This flag must be read and acknowledged by itself.")
    acknowledge_flag(
        one.flag_id, by=by, person=str(by)[:MOST_NAME], comment=comment, now=now, seen_severity=one.severity,
        seen_raised_at=one.raised_at,
    )  # fmt: skip
    if takes_on:
        take_on_flag(one.flag_id, by=by, now=now)


def _check_one_speaker(by: User | None, source: SourceSystem | None) -> None:
    if (by is None) == (source is None):
        raise FlagActionRefused("Say who speaks: either a person who is signed in or a system.")


def _text(name: str, value: str, most: int) -> str:
    text = value.replace("\x00", "").strip()
    if says_nothing(text):
        raise FlagActionRefused(f"Write a {name}: an acknowledgement says who knows and what they do about it.")
    if len(text) > most:
        raise FlagActionRefused(f"The {name} has {len(text)} characters; use at most {most}.")
    return text


def _check_same(flag: Flag, seen_severity: str | None, seen_raised_at: datetime | None) -> None:
    """Whoever read less than is true now has not seen this flag."""
    said = said_in(flag.why, timezone.get_current_timezone(), timezone.now())
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


def note_flip(flag: Flag, kind: FlagChangeKind, now: datetime, **said: Any) -> FlagChange:
    """Keep the flip, and tell open pages once it is committed; a `user` that is said has handled the flag."""
    change = FlagChange.objects.create(
        flag=flag, kind=kind, severity=flag.severity, changed_at=now, why=flag.why, **said
    )
    if user := said.get("user"):
        flag_handled.send(sender=Flag, flag=flag, by=user, now=now)
    order = flag.order
    sites = {order.ordering_site_id, order.collection_site_id, order.infusion_site_id, order.plant_id}
    transaction.on_commit(partial(publish_change, {order.pk: sites}))
    return change
