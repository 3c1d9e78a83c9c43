"""Readings for telling people of flips: a constant number of statements however many flips are due."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Count, F, OuterRef, Subquery, Value
from django.db.models.functions import Coalesce, NullIf

from batches.flags.rules.causes import LEAST_ORDERS
from batches.flags.rules.centre_words import asks_second
from batches.flags.statuses import FlagChangeKind
from batches.judgement.statuses import Severity
from batches.notifications.models import EscalationStep, Notification
from batches.notifications.rules.notifications import (
    USUAL_CHAIN,
    Around,
    Escalation,
    Flip,
    Member,
    Reader,
    ToldPerson,
)
from batches.notifications.statuses import NotificationKind
from supplychain.pages.time_zones import FALLBACK, zones_of_sites
from supplychain.people.models import Membership, User
from supplychain.people.statuses import ACTING_ROLES

ALARMS = (NotificationKind.RAISED, NotificationKind.BECAME_CRITICAL, NotificationKind.ESCALATED)
# A flip still stands if the flag is raised with its severity and no newer flip has said anything else.
DUE_SQL = """SELECT c.id, c.kind, c.severity, p.told_at, p.steps_done, f.id, f.code, f.order_id, o.plant_id,
    o.ordering_site_id, o.collection_site_id, o.infusion_site_id,
    f.cleared_at IS NULL AND f.severity = c.severity AND NOT EXISTS (
        SELECT 1 FROM batches_flagchange n WHERE n.flag_id = f.id AND n.kind = ANY(%(flips)s)
        AND (n.changed_at, n.id) > (c.changed_at, c.id)),
    f.acknowledged_at IS NOT NULL, f.cause, f.harm, f.next_step
    FROM batches_pendingflip p JOIN batches_flagchange c ON c.id = p.id
    JOIN batches_flag f ON f.id = c.flag_id JOIN supplychain_patientorder o ON o.id = f.order_id
    WHERE p.due_at <= %(now)s ORDER BY p.due_at, p.id LIMIT %(limit)s FOR UPDATE OF p SKIP LOCKED"""
FLIPS = [
    FlagChangeKind.RAISED.value,
    FlagChangeKind.RAISED_AGAIN.value,
    FlagChangeKind.SEVERITY_CHANGED.value,
    FlagChangeKind.CLEARED.value,
]
ENDINGS = (FlagChangeKind.CLEARED, FlagChangeKind.SEVERITY_CHANGED)
PREFERENCES = ("email_critical", "email_attention", "digest_minutes", "quiet_from", "quiet_to", "muted")


def claim_due_flips(*, now: datetime, limit: int) -> list[Flip]:
    """Lock at most `limit` flips that are due, the oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(DUE_SQL, {"now": now, "limit": limit, "flips": FLIPS})
        return [_flip(*row) for row in cursor.fetchall()]


class FlipSurroundings:
    """What the rules need to know of all these flips; six queries at most."""

    def __init__(self, flips: Sequence[Flip]) -> None:
        self._members = _members({site for flip in flips for site in flip.sites})
        ended = [flip.flag_id for flip in flips if flip.told_at is None and flip.kind in ENDINGS]
        self._told = _told(ended) if ended else {}
        people = {member.person for members in self._members.values() for member in members}
        people |= {one.person for told in self._told.values() for one in told}
        self._readers = _readers(people)
        self._chains = _chains({flip.plant for flip in flips})
        waiting = [flip for flip in flips if flip.pool]
        self._mailed = _mailed_of_causes(waiting) if waiting else {}

    def around(self, flip: Flip) -> Around:
        """Those around one flip."""
        members = [
            member
            for site in sorted(flip.sites)
            for member in self._members.get(site, ())
            if member.person in self._readers
        ]
        chain = self._chains.get(flip.plant, USUAL_CHAIN)
        mailed = self._mailed.get((flip.plant, flip.pool), ())
        return Around(members, self._readers, self._told.get(flip.flag_id, ()), chain, mailed)


def around_told(flag: UUID) -> Around:
    """Whoever has an open message that this flag is critical, and how they want to be told."""
    told = _told([flag]).get(flag, ())
    return Around((), _readers({one.person for one in told}), told)


def _flip(*row: Any) -> Flip:
    change, kind, severity, told_at, steps_done, flag, code, order, plant, *rest = row
    *centres, is_current, is_acknowledged, pool, harm, next_step = rest
    return Flip(
        change_id=change,
        kind=kind,
        severity=severity,
        told_at=told_at,
        steps_done=steps_done,
        flag_id=flag,
        code=code,
        order_id=order,
        plant=plant,
        centres=frozenset(centres),
        is_current=is_current,
        is_acknowledged=is_acknowledged,
        pool=pool,
        harm=harm,
        bedside=centres[-1],
        asks_centre=asks_second(next_step),
    )


def _members(sites: Collection[UUID]) -> Mapping[UUID, list[Member]]:
    found: dict[UUID, list[Member]] = {}
    rows = Membership.objects.filter(site__in=sites, user__is_active=True, role__in=ACTING_ROLES).order_by("id")
    for row in rows.values_list("id", "user_id", "site_id", "role"):
        member = Member(*row)
        found.setdefault(member.site, []).append(member)
    return found


def _readers(people: Collection[UUID]) -> Mapping[UUID, Reader]:
    """How each of these people wants to be told; in their own zone, or in that of their sites."""
    of_sites = zones_of_sites(Membership.objects.filter(user=OuterRef("pk")))
    columns = [f"notification_preference__{name}" for name in PREFERENCES]
    rows = (
        User.objects.filter(pk__in=people, is_active=True)
        .annotate(zone=Coalesce(NullIf(F("time_zone"), Value("")), Subquery(of_sites), Value(FALLBACK)))
        .values_list("pk", "email", "zone", *columns)
    )
    return {pk: _reader(email, zone, dict(zip(PREFERENCES, said, strict=True))) for pk, email, zone, *said in rows}


def _reader(email: str, zone: str, said: dict[str, Any]) -> Reader:
    if said["muted"] is None:  # no preferences stored: the defaults hold
        return Reader(has_address=bool(email), zone=zone)
    return Reader(has_address=bool(email), zone=zone, **(said | {"muted": frozenset(said["muted"])}))


def _told(flags: Iterable[UUID]) -> Mapping[UUID, list[ToldPerson]]:
    """Who has an open message that one of these flags is critical."""
    rows = Notification.objects.filter(
        flag__in=list(flags), closed_at=None, severity=Severity.CRITICAL, kind__in=ALARMS
    ).order_by("id")
    found: dict[UUID, list[ToldPerson]] = {}
    for flag, person, role, mail in rows.values_list("flag_id", "person_id", "role", "mail_id"):
        found.setdefault(flag, []).append(ToldPerson(person, role, mail is not None))
    return found


def _mailed_of_causes(flips: Iterable[Flip]) -> Mapping[tuple[UUID, str], set[UUID]]:
    """By plant and pool, who has been mailed, or is to be, of so many orders waiting there that they are one alarm."""
    plants, pools = {flip.plant for flip in flips}, {flip.pool for flip in flips}
    standing = Notification.objects.filter(closed_at=None, email_due_at__isnull=False, flag__cleared_at=None)
    rows = standing.filter(order__plant__in=plants, flag__cause__in=pools).order_by()
    grouped = rows.values_list("order__plant", "flag__cause", "person").annotate(orders=Count("order", distinct=True))
    found: dict[tuple[UUID, str], set[UUID]] = {}
    for plant, pool, person, _ in grouped.filter(orders__gte=LEAST_ORDERS):
        found.setdefault((plant, pool), set()).add(person)
    return found


def _chains(plants: Collection[UUID]) -> Mapping[UUID, list[Escalation]]:
    found: dict[UUID, list[Escalation]] = {}
    rows = EscalationStep.objects.filter(site__in=plants).order_by("site", "after_minutes")
    for site, minutes, role in rows.values_list("site_id", "after_minutes", "role"):
        found.setdefault(site, []).append(Escalation(minutes, role))
    return found
