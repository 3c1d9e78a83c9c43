"""What to do first: by what can still be changed, not by what is worst (docs/rules.md, “Do first”)."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db.models import BooleanField, Case, F, IntegerField, Q, QuerySet, Value, When

from batches.flags.models import Flag
from batches.flags.queries.causes import stand_alone
from batches.flags.queries.flags import ACTED_ON, head_flag, owners_of, settlements_of
from batches.flags.rules.causes import LineCause
from batches.flags.rules.harm import urgency
from batches.flags.rules.mismatches import may_resolve
from batches.flags.rules.owners import tasks_of
from batches.flags.rules.unaccounted import OVERDUE
from batches.judgement.rules.spans import SHIFT
from batches.judgement.statuses import TO_STOP, FlagCode, Harm, Severity
from dashboards.tower.rules import IN_TIME, LATER, OVER, FirstRank, before_words
from supplychain.orders.models import PatientOrderQuerySet
from supplychain.orders.rules.withdrawals import waits_for_another
from supplychain.pages.viewers import of_orders
from supplychain.people.models import User
from supplychain.people.statuses import Role

MOST_NAMED = 3
# Among so many flags they are looked for: several may be of one order, or settled.
MOST_CANDIDATES = 40
# What can still be stopped comes before a dose that was given, of which somebody can only be told.
CHANCE = Case(
    When(harm=Harm.IDENTITY, then=Value(Harm.DOSE_IN_DOUBT)),
    When(harm=Harm.DOSE_IN_DOUBT, then=Value(Harm.IDENTITY)),
    default=F("harm"),
    output_field=IntegerField(),
)
# Of cells of which there is no word it is the report that is over its time; they may still be found.
NO_WORD = Q(harm=Harm.CELLS, code__in=OVERDUE)


class FirstDeed(NamedTuple):
    """A flag to act on first; who has taken on any flag of its order; the flags about the same label of other orders;
    and why it stands before the next."""

    flag: Flag
    owners: list[User]
    partners: Sequence[Flag] = ()
    before: str = ""


def do_first(
    orders: PatientOrderQuerySet,
    causes: Collection[LineCause],
    now: datetime,
    roles: Collection[Role] = (),
    reader: str = "",
) -> list[FirstDeed]:
    """The flags to act on first, at most MOST_NAMED; three queries, one more where somebody has acknowledged a critical
    one, and one where a label stands on two orders.

    What is this shift's (critical) first; then by harm, what can still be stopped before a dose that was given; of one
    class what can be done in time this shift (cells of which there is no word are to be found), then what is over its
    time, then what has longer; then by the latest moment to act, of a dose to be stopped by when it may be given. One
    row an order, and one a label that two orders share. `roles`: of the reader, of whose tasks they are; empty: of
    anybody's. `reader`: id of the person, who is no second one about what they said themselves.
    """
    raised = of_orders(Flag.objects.filter(cleared_at__isnull=True), orders).exclude(ACTED_ON)
    if pattern := tasks_of(roles):
        asked = Q(harm__lte=Harm.IDENTITY) | Q(next_step__regex=pattern)
        # CASE looks into no next step of what hangs under a cause, which most may.
        raised = raised.filter(Case(When(stand_alone(causes), then=asked), default=False, output_field=BooleanField()))
    else:
        raised = raised.filter(stand_alone(causes))
    # Whole rows, with their orders, are read of the first alone: not of all that must be sorted.
    first = Flag.objects.filter(pk__in=_ranked(raised, now).values("pk")[:MOST_CANDIDATES])
    read = _ranked(first, now).select_related("order__product", "order__plant", "owner")
    candidates = [flag for flag in read if not _waits_for_another(flag, reader)]
    named = _one_a_matter(candidates)
    shown = named[:MOST_NAMED]
    owners, partners = _owners_of(flag.order_id for flag in shown), _partners_of(shown, orders)
    return [
        FirstDeed(
            flag,
            owners.get(flag.order_id, []),
            [one for one in partners.get(flag.subject, ()) if one.order_id != flag.order_id],
            before_words(_rank(flag), _rank(following)) if following else "",
        )
        for flag, following in zip(shown, [*named[1:], None], strict=False)
    ]


def _waits_for_another(flag: Flag, reader: str) -> bool:
    """Whether nothing about it is left to this reader; to stop cells or a dose is everybody's, whoever decides."""
    if flag.code == FlagCode.IDENTITY_MISMATCH:
        return flag.harm == Harm.DOSE_IN_DOUBT and not may_resolve(flag.evidence, reader)
    is_of_record = flag.code == FlagCode.OUT_OF_SEQUENCE and flag.harm > Harm.IDENTITY
    return is_of_record and waits_for_another(flag.order.surprises, flag.stage, reader)


def _ranked(flags: QuerySet[Flag], now: datetime) -> QuerySet[Flag]:
    in_shift = Q(act_by__lt=now + SHIFT)
    return flags.annotate(
        is_later=Case(When(severity=Severity.CRITICAL, then=0), default=1),
        chance=CHANCE,
        timing=Case(
            When(harm__in=TO_STOP, then=IN_TIME),
            When(~Q(harm=Harm.PROMISE) & ~NO_WORD & Q(due__lte=now), then=OVER),
            When(in_shift, then=IN_TIME),
            default=LATER,
        ),
    ).order_by("is_later", "chance", "timing", "act_by", "id")


def _rank(flag: Flag) -> FirstRank:
    """By what `_ranked` sorted it."""
    row = vars(flag)
    return FirstRank(bool(row["is_later"]), row["chance"], row["timing"], flag.harm)


def _one_a_matter(candidates: Sequence[Flag]) -> list[Flag]:
    """The first flag of each order, and of each label that two orders share; of what is decided only what is left."""
    settled, labels = settlements_of(candidates), _labels_of(candidates)
    named: list[Flag] = []
    matters: set[str] = set()
    standing = [flag for flag in candidates if flag.pk not in settled or flag.is_left_to_do]
    for flag in standing:
        its_own = {str(flag.order_id), *labels.get(flag.order_id, ())}
        if not matters & its_own:
            matters |= its_own
            alike = [one for one in standing if one.order_id == flag.order_id and _rank(one) == _rank(flag)]
            named.append(head_flag(alike) or flag)
    return named


def _owners_of(order_ids: Iterable[UUID]) -> dict[UUID, list[User]]:
    """Who has taken on any raised flag of these orders, each once, the most urgent first."""
    owned = Flag.objects.filter(order__in=list(order_ids), cleared_at__isnull=True, owner__isnull=False)
    of_order: dict[UUID, list[Flag]] = {}
    for flag in sorted(owned.select_related("owner").defer("evidence"), key=urgency):
        of_order.setdefault(flag.order_id, []).append(flag)
    return {order_id: owners_of(flags) for order_id, flags in of_order.items()}


def _partners_of(flags: Iterable[Flag], orders: PatientOrderQuerySet) -> dict[str, list[Flag]]:
    """By label, the flags about it of each of `orders` that bears it; one query, none where no label is shared."""
    labels = [flag.subject for flag in flags if flag.code == FlagCode.IDENTITY_SHARED and flag.subject]
    if not labels:
        return {}
    alike = Flag.objects.filter(code=FlagCode.IDENTITY_SHARED, subject__in=labels, cleared_at__isnull=True)
    found: dict[str, list[Flag]] = {}
    for flag in of_orders(alike, orders).select_related("owner", "order").defer("evidence").order_by("order__coi"):
        found.setdefault(flag.subject, []).append(flag)
    return found


def _labels_of(flags: Iterable[Flag]) -> dict[UUID, set[str]]:
    """The labels that an order shares with another: the two are one matter, whatever else is wrong with either."""
    found: dict[UUID, set[str]] = {}
    for flag in flags:
        if flag.code == FlagCode.IDENTITY_SHARED and flag.subject:
            found.setdefault(flag.order_id, set()).add(flag.subject)
    return found
