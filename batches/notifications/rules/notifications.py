"""Who is told of a flip, by which way, and when somebody else is to be told if nobody acknowledges it.

The defaults stand in the tables below and in docs/notifications.md.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from batches.flags.statuses import FlagChangeKind
from batches.judgement.statuses import FlagCode, Harm, Severity
from batches.notifications.rules.quiet_hours import QuietHours, after_quiet, next_digest
from batches.notifications.statuses import DigestEvery, NotificationKind
from supplychain.people.statuses import Role

# Operations and QA are told of the orders of their plant, coordinators of those of their ordering, collection or
# infusion site. QA hears of what QA has to decide, everything else reaches it by escalation.
USUAL_AUDIENCE = (Role.OPERATIONS, Role.SITE_COORDINATOR)
AUDIENCE: Mapping[FlagCode, tuple[Role, ...]] = {
    FlagCode.HOLD_EXPIRING: USUAL_AUDIENCE,
    FlagCode.STAGE_LATE: USUAL_AUDIENCE,
    FlagCode.SHIPMENT_LATE: USUAL_AUDIENCE,
    FlagCode.PROMISE_AT_RISK: USUAL_AUDIENCE,
    FlagCode.DOSE_AT_RISK: USUAL_AUDIENCE,
    FlagCode.SILENT: USUAL_AUDIENCE,
    FlagCode.OUT_OF_SEQUENCE: (Role.OPERATIONS, Role.QA),
    FlagCode.STAGE_FAILED: (Role.OPERATIONS, Role.QA, Role.SITE_COORDINATOR),
    FlagCode.ON_HOLD: (Role.OPERATIONS, Role.QA, Role.SITE_COORDINATOR),
    FlagCode.CHANGE_ASKED: USUAL_AUDIENCE,
    FlagCode.CELLS_UNDECIDED: (Role.QA,),
    FlagCode.IDENTITY_SHARED: (Role.OPERATIONS, Role.QA, Role.SITE_COORDINATOR),
    FlagCode.DONATION_NUMBER: (Role.OPERATIONS, Role.QA, Role.SITE_COORDINATOR),
    FlagCode.COLLECTION_RECORD: (Role.OPERATIONS, Role.QA, Role.SITE_COORDINATOR),
    FlagCode.PACKAGING: (Role.OPERATIONS, Role.QA, Role.SITE_COORDINATOR),
    FlagCode.CUSTODY_GAP: (Role.OPERATIONS, Role.QA, Role.SITE_COORDINATOR),
    FlagCode.EXCURSION: (Role.OPERATIONS, Role.QA, Role.SITE_COORDINATOR),
    FlagCode.IDENTITY_MISMATCH: (Role.OPERATIONS, Role.QA, Role.SITE_COORDINATOR),
    FlagCode.DOSE_REJECTED: (Role.OPERATIONS, Role.QA, Role.SITE_COORDINATOR),
    FlagCode.LABEL_UNRECONCILED: (Role.OPERATIONS, Role.QA),
    FlagCode.NOT_ENTITLED: (Role.OPERATIONS, Role.QA),
    FlagCode.EVALUATION_FAILED: (Role.OPERATIONS, Role.ADMINISTRATOR),
}
# A person with several roles is told once, as the first of these.
ROLE_ORDER = (Role.OPERATIONS, Role.SITE_COORDINATOR, Role.QA, Role.ADMINISTRATOR)


class Escalation(NamedTuple):
    """Tell this role of the plant when a critical flag has gone unacknowledged for so long (since it was told)."""

    after_minutes: int
    role: str


USUAL_CHAIN = (Escalation(30, Role.QA), Escalation(60, Role.ADMINISTRATOR))


@dataclass(frozen=True, slots=True)
class Flip:
    """A flip that is due. `is_current`: the flag stands as this flip left it; `told_at` once the first were told.
    `pool`: for a place in which its order waits, where only the line can change that; `bedside`: the infusion site;
    `asks_centre`: whether a coordinator may be the second person about a report that is said to be wrong."""

    change_id: UUID
    kind: str
    severity: str
    told_at: datetime | None
    steps_done: int
    flag_id: UUID
    code: str
    order_id: UUID
    plant: UUID
    centres: frozenset[UUID]
    is_current: bool
    is_acknowledged: bool
    pool: str = ""
    harm: int = Harm.UNCLEAR
    bedside: UUID | None = None
    asks_centre: bool = False

    @property
    def sites(self) -> frozenset[UUID]:
        """Every site that takes part in the order."""
        return self.centres | {self.plant}

    @property
    def is_critical(self) -> bool:
        """Whether the flip left the flag critical."""
        return self.severity == Severity.CRITICAL


class Member(NamedTuple):
    """A membership of an active person."""

    id: UUID
    person: UUID
    site: UUID
    role: str


@dataclass(frozen=True, slots=True)
class Reader:
    """How a person wants to be told."""

    has_address: bool = True
    zone: str = "UTC"
    email_critical: bool = True
    email_attention: bool = True
    digest_minutes: int = DigestEvery.HOUR
    quiet_from: time | None = None
    quiet_to: time | None = None
    muted: frozenset[UUID] = frozenset()

    @property
    def quiet(self) -> QuietHours | None:
        """The hours without mail that can wait."""
        if self.quiet_from is None or self.quiet_to is None:
            return None
        return QuietHours(self.quiet_from, self.quiet_to)


class ToldPerson(NamedTuple):
    """A person who has an open message that the flag is critical; `mailed`: it has gone out by e-mail."""

    person: UUID
    role: str
    mailed: bool


@dataclass(frozen=True, slots=True)
class Around:
    """What the rules need to know beside the flip: memberships at its sites, their people, whom it concerns already.

    `mailed_cause`: who has been mailed of so many flags of the same pool that these are one alarm to them.
    """

    members: Sequence[Member]
    readers: Mapping[UUID, Reader]
    told: Sequence[ToldPerson] = ()
    chain: Sequence[Escalation] = USUAL_CHAIN
    mailed_cause: Collection[UUID] = ()


class Delivery(NamedTuple):
    """One message to one person. `email_due_at` None: inbox only; `is_closed`: overtaken, kept for the record."""

    person: UUID
    role: str
    kind: NotificationKind
    email_due_at: datetime | None
    is_closed: bool = False


@dataclass(frozen=True, slots=True)
class Telling:
    """What a flip comes to: messages, whether those before it are closed, and when to look again (None: never)."""

    deliveries: Sequence[Delivery] = ()
    closes: bool = False
    next_at: datetime | None = None
    steps_done: int = 0


def tell(flip: Flip, around: Around, now: datetime) -> Telling:
    """Who is told of this flip now. Pure: the same flip, people and moment give the same messages."""
    if flip.told_at is not None:
        return _escalate(flip, around, now)
    if flip.kind == FlagChangeKind.CLEARED:
        return Telling(_follow_up(NotificationKind.CLEARED, around, now, at_once=_is_doubt(flip)), closes=True)
    if flip.kind == FlagChangeKind.SEVERITY_CHANGED and not flip.is_critical:
        return Telling(_follow_up(NotificationKind.EASED, around, now, at_once=_is_doubt(flip)))
    return _announce(flip, around, now)


def tell_settled(around: Around, by: UUID, now: datetime) -> list[Delivery]:
    """Whoever was told of a flag that quality assurance has settled, but who settled it: by mail at once if the alarm
    was mailed, for they may have put a dose aside that a patient waits for."""
    told = _follow_up(NotificationKind.SETTLED, around, now, at_once=True)
    return [delivery for delivery in told if delivery.person != by]


def audience(flip: Flip, around: Around) -> dict[UUID, str]:
    """The role as which each person is told at first. A critical flag always reaches somebody: if nobody is left whom
    it concerns, then everybody at the plant, and if nobody is there, everybody at the order's sites."""
    roles = (*AUDIENCE[FlagCode(flip.code)], *((Role.SITE_COORDINATOR,) if flip.asks_centre else ()))
    wanted = [
        member
        for member in around.members
        if member.role in roles and member.site in _places(flip, member.role) and not _is_muted(member, around)
    ]
    if not wanted and flip.is_critical:
        at_plant = [member for member in around.members if member.site == flip.plant]
        wanted = at_plant or [member for member in around.members if member.site in flip.sites]
    return _people([*wanted, *_at_bedside(flip, around)])


def _at_bedside(flip: Flip, around: Around) -> list[Member]:
    """Coordinators where the dose is, or is on its way to, whatever says that it is in doubt: they alone can keep it
    from being given. Where all of them have switched their role off, they are told all the same."""
    if flip.harm > Harm.DOSE_IN_DOUBT or not flip.is_critical:
        return []
    there = [one for one in around.members if (one.site, one.role) == (flip.bedside, Role.SITE_COORDINATOR)]
    return [one for one in there if not _is_muted(one, around)] or there


def _announce(flip: Flip, around: Around, now: datetime) -> Telling:
    rose = flip.kind == FlagChangeKind.SEVERITY_CHANGED
    kind = NotificationKind.BECAME_CRITICAL if rose else NotificationKind.RAISED
    people = audience(flip, around)
    if not flip.is_current:
        return Telling([Delivery(person, role, kind, None, is_closed=True) for person, role in people.items()])
    # Whoever was mailed of the full pool hears of one more order behind it in the inbox: one mail a cause.
    known = () if flip.is_critical else around.mailed_cause
    deliveries = [
        Delivery(
            person, role, kind, None if person in known else _mail_at(flip.is_critical, around.readers[person], now)
        )
        for person, role in people.items()
    ]
    waits = flip.is_critical and not flip.is_acknowledged and around.chain
    return Telling(deliveries, next_at=now + _minutes(around.chain[0].after_minutes) if waits else None)


def _escalate(flip: Flip, around: Around, now: datetime) -> Telling:
    """The next role of the chain that anybody has; roles that nobody has are passed over at once."""
    if not flip.is_current or flip.is_acknowledged or not flip.is_critical:
        return Telling()
    for number, step in enumerate(around.chain[flip.steps_done :], flip.steps_done):
        holders = [member for member in around.members if (member.site, member.role) == (flip.plant, step.role)]
        people = _people([member for member in holders if not _is_muted(member, around)] or holders)
        if people:
            deliveries = [
                Delivery(person, role, NotificationKind.ESCALATED, _mail_at(True, around.readers[person], now))
                for person, role in people.items()
            ]
            return Telling(deliveries, next_at=_next_step(around.chain, number, now), steps_done=number + 1)
    return Telling()


def _next_step(chain: Sequence[Escalation], number: int, now: datetime) -> datetime | None:
    """After a standstill, too, each role has its own time to answer before the next is told."""
    if number + 1 >= len(chain):
        return None
    return now + _minutes(chain[number + 1].after_minutes - chain[number].after_minutes)


def _is_doubt(flip: Flip) -> bool:
    """Whether people were told to stop because of it: a dose, or whose cells they are, was in doubt."""
    return flip.harm <= Harm.IDENTITY


def _follow_up(kind: NotificationKind, around: Around, now: datetime, *, at_once: bool) -> list[Delivery]:
    """Whoever was told that the flag is critical hears of its end; by mail, too (in the digest, or at once), if the
    alarm was mailed."""
    told = {one.person: one for one in sorted(around.told, key=lambda one: one.mailed)}

    def mail_at(reader: Reader) -> datetime | None:
        return _mail_at(True, reader, now) if at_once else _digest_at(reader, now)

    return [
        Delivery(one.person, one.role, kind, mail_at(around.readers[one.person]) if one.mailed else None)
        for one in told.values()
        if one.person in around.readers
    ]


def _mail_at(is_critical: bool, reader: Reader, now: datetime) -> datetime | None:
    """Quiet hours and digests are for what can wait; a critical flag cannot."""
    if not reader.has_address:
        return None
    if is_critical:
        return now if reader.email_critical else None
    return _digest_at(reader, now) if reader.email_attention else None


def _digest_at(reader: Reader, now: datetime) -> datetime | None:
    if not reader.has_address:
        return None
    zone = ZoneInfo(reader.zone)
    return after_quiet(next_digest(now, reader.digest_minutes, zone), reader.quiet, zone)


def _places(flip: Flip, role: str) -> Collection[UUID]:
    return flip.centres if role == Role.SITE_COORDINATOR else (flip.plant,)


def _is_muted(member: Member, around: Around) -> bool:
    return member.id in around.readers[member.person].muted


def _people(members: Iterable[Member]) -> dict[UUID, str]:
    ordered = sorted(members, key=lambda member: (ROLE_ORDER.index(member.role), member.person))
    return {member.person: member.role for member in reversed(ordered)}


def _minutes(minutes: int) -> timedelta:
    return timedelta(minutes=minutes)
