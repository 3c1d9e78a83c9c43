"""Telling people of flips: messages into their inboxes, the escalation of what nobody acknowledges, reading marks."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import structlog
from django.db import connection, transaction
from django.db.models import Case, F, Q, When

from batches.flags.models import Flag, FlagChange
from batches.notifications.models import Notification
from batches.notifications.queries.flips import FlipSurroundings, around_told, claim_due_flips
from batches.notifications.rules import notifications as rules
from batches.notifications.rules.notifications import Flip, Telling, tell
from batches.notifications.statuses import NotificationKind
from supplychain.ids import new_id
from supplychain.live import publish_change
from supplychain.people.models import Membership, User
from supplychain.sql import LOST, Writes

# Flips of one flag are told in the order in which they happened, so one worker tells at a time; telling is quick.
TELLING_LOCK = "cellops:tell_due_flips"
# A flip that could not be told is tried again so much later; the others go on.
FAILED_RETRY = timedelta(minutes=5)
# Read or closed messages are kept for so long; the flips themselves are kept for good.
KEPT_FOR = timedelta(days=180)
COLUMNS = (
    "id", "person_id", "order_id", "flag_id", "change_id", "kind", "severity", "role", "created_at", "closed_at",
    "email_due_at",
)  # fmt: skip
# Whatever happens twice, one flip makes one message of a kind per person.
ONCE = "(person_id, change_id, kind) DO NOTHING"
NEXT_SQL = """UPDATE batches_pendingflip p SET due_at = v.due_at, told_at = v.told_at, steps_done = v.steps_done
    FROM unnest(%(ids)s::uuid[], %(due)s::timestamptz[], %(told)s::timestamptz[], %(steps)s::int[])
    AS v(id, due_at, told_at, steps_done) WHERE p.id = v.id"""

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Round:
    """What one claim comes to."""

    now: datetime
    mails: bool
    rows: list[tuple[Any, ...]] = field(default_factory=list)
    closed: list[UUID] = field(default_factory=list)
    ended: list[UUID] = field(default_factory=list)
    again: list[tuple[UUID, datetime, datetime | None, int]] = field(default_factory=list)
    orders: dict[UUID, frozenset[UUID]] = field(default_factory=dict)

    def take(self, flip: Flip, telling: Telling) -> None:
        """Note what to write for one flip."""
        for to in telling.deliveries:
            self.rows.append((
                new_id(), to.person, flip.order_id, flip.flag_id, flip.change_id, to.kind.value, flip.severity, to.role,
                self.now, self.now if to.is_closed else None, to.email_due_at if self.mails else None,
            ))  # fmt: skip
        if telling.deliveries or telling.closes:
            self.orders[flip.order_id] = flip.sites
        if telling.closes:
            self.closed.append(flip.flag_id)
        if telling.next_at:
            self.again.append((flip.change_id, telling.next_at, flip.told_at or self.now, telling.steps_done))
        else:
            self.ended.append(flip.change_id)

    def postpone(self, flip: Flip) -> None:
        """Leave a flip that cannot be told for later."""
        self.again.append((flip.change_id, self.now + FAILED_RETRY, flip.told_at, flip.steps_done))


def tell_due_flips(*, now: datetime, limit: int = 500, mails: bool = True) -> int:
    """Tell people of at most `limit` flips that are due, escalations among them, in a constant number of statements.

    Returns how many there were; 0 also while another worker is at it. A worker that is killed leaves everything as it
    was. `mails` False: into the inboxes only.
    """
    try:
        return _tell_together(now, limit, mails)
    except LOST:
        raise
    except Exception:
        log.exception("people could not be told of flips together; they are told one by one")
        return _tell_one_by_one(now, limit, mails)


@transaction.atomic
def _tell_together(now: datetime, limit: int, mails: bool) -> int:
    flips = claim_due_flips(now=now, limit=limit) if _alone() else []
    if flips:
        _write(_round(flips, now, mails))
    return len(flips)


@transaction.atomic
def _tell_one_by_one(now: datetime, limit: int, mails: bool) -> int:
    """Whatever one flip makes of it stays with that flip: it is tried again later."""
    flips = claim_due_flips(now=now, limit=limit) if _alone() else []
    for flip in flips:
        try:
            with transaction.atomic():
                _write(_round([flip], now, mails))
        except LOST:
            raise
        except Exception:
            log.exception("people could not be told of a flip", change=str(flip.change_id))
            later = _Round(now, mails)
            later.postpone(flip)
            _write(later)
    return len(flips)


def _alone() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [TELLING_LOCK])
        return cursor.fetchone()[0]


def _round(flips: Sequence[Flip], now: datetime, mails: bool) -> _Round:
    around, found = FlipSurroundings(flips), _Round(now, mails)
    for flip in flips:
        try:
            telling = tell(flip, around.around(flip), now)
        except Exception:
            log.exception("people could not be told of a flip", change=str(flip.change_id))
            found.postpone(flip)
        else:
            found.take(flip, telling)
            if not telling.deliveries and flip.is_critical and flip.is_current and flip.told_at is None:
                log.warning("nobody can be told of a critical flag", flag=str(flip.flag_id))
    return found


def _write(found: _Round) -> None:
    """Close before telling: what is told in the same round stands."""
    if found.closed:
        _close(found.closed, found.now)
    writes = Writes()
    writes.insert("batches_notification", COLUMNS, found.rows, on_conflict=ONCE)
    writes.delete("batches_pendingflip", "id", found.ended)
    writes.run()
    if found.again:
        ids, due, told, steps = map(list, zip(*found.again, strict=True))
        with connection.cursor() as cursor:
            cursor.execute(NEXT_SQL, {"ids": [str(one) for one in ids], "due": due, "told": told, "steps": steps})
    if found.orders:
        transaction.on_commit(partial(publish_change, found.orders))


def _close(flags: Collection[UUID], now: datetime) -> None:
    """Nothing is left to do for these flags: their messages no longer wait, neither in the inbox nor to be mailed."""
    still_mailed = Case(When(mail=None, then=None), default=F("email_due_at"))
    Notification.objects.filter(flag__in=flags, closed_at=None).update(closed_at=now, email_due_at=still_mailed)


def tell_assigned(*, flag: Flag, change: FlagChange, to: User, now: datetime) -> Notification:
    """Put into the inbox of `to` that somebody made the flag theirs."""
    order = flag.order
    sites = {order.ordering_site_id, order.collection_site_id, order.infusion_site_id, order.plant_id}
    role = Membership.objects.filter(user=to, site__in=sites).order_by("id").values_list("role", flat=True).first()
    return Notification.objects.create(
        person=to, order=order, flag=flag, change=change, kind=NotificationKind.ASSIGNED, severity=flag.severity,
        role=role or "", created_at=now,
    )  # fmt: skip


def tell_settled(*, flag: Flag, change: FlagChange, by: User, now: datetime) -> None:
    """Put into the inboxes of those who were told of the flag that quality assurance settled it; mail them if due."""
    Notification.objects.bulk_create(
        Notification(
            person_id=to.person, order_id=flag.order_id, flag=flag, change=change, kind=to.kind,
            severity=flag.severity, role=to.role, created_at=now, email_due_at=to.email_due_at,
        )
        for to in rules.tell_settled(around_told(flag.pk), by.pk, now)
    )  # fmt: skip


def mark_read(*, by: User, orders: Iterable[UUID] | None = None, until: UUID, now: datetime) -> int:
    """Mark the person's messages up to `until` (the newest that they saw) as read: of these orders, or all of them.

    Returns how many. What came later stays unread: nobody has read what was not on the page.
    """
    chosen = Q(person=by, read_at=None, pk__lte=until)
    if orders is not None:
        chosen &= Q(order__in=list(orders))
    return Notification.objects.filter(chosen).update(read_at=now)


def mark_flag_read(*, flag_id: UUID, by: User, now: datetime) -> None:
    """Whoever acknowledges a flag or takes it on has read what they were told of it."""
    Notification.objects.filter(person=by, flag=flag_id, read_at=None).update(read_at=now)


def forget_old_notifications(*, now: datetime) -> int:
    """Delete messages older than KEPT_FOR that were read or closed. Returns how many."""
    done = Q(read_at__isnull=False) | Q(closed_at__isnull=False)
    return Notification.objects.filter(done, created_at__lt=now - KEPT_FOR).delete()[0]
