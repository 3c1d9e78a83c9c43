"""What to do first: by what can still be changed, not by what is worst."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db.models import Case, CharField, Q, QuerySet, When
from django.db.models.fields.json import KT

from batches.flags.models import Flag
from batches.flags.queries.flags import ACTED_ON, owners_of, settlements_of, stand_alone, urgency
from batches.flags.rules.causes import LineCause
from batches.judgement.rules.spans import SHIFT
from batches.judgement.statuses import FlagCode, Harm, Severity
from supplychain.orders.models import PatientOrderQuerySet
from supplychain.pages.viewers import of_orders
from supplychain.people.models import User

MOST_NAMED = 3
# Among so many flags they are looked for: several may be of one order, or settled.
MOST_CANDIDATES = 40
# A promise has its latest moment to act in its evidence: its `due` moves along with the forecast.
OF_PROMISE = Q(harm=Harm.PROMISE)


class FirstDeed(NamedTuple):
    """A flag to act on first, and who has taken on any flag of its order, as the order's row on the board says."""

    flag: Flag
    owners: list[User]


def do_first(orders: PatientOrderQuerySet, causes: Collection[LineCause], now: datetime) -> list[FirstDeed]:
    """The flags to act on first, at most MOST_NAMED; three queries, two where nobody has acknowledged a critical one.

    What is this shift's first; then by harm; of one class what can still be done in time before what is over; then by
    the latest moment to act. One row an order, and one a label that two orders share.
    """
    raised = of_orders(Flag.objects.filter(stand_alone(causes), cleared_at__isnull=True), orders).exclude(ACTED_ON)
    # Whole rows, with their orders, are read of the first alone: not of all that must be sorted.
    first = Flag.objects.filter(pk__in=_ranked(raised, now).values("pk")[:MOST_CANDIDATES])
    candidates = list(_ranked(first, now).select_related("order__product", "order__plant"))
    settled = settlements_of(candidates)
    labels = _labels_of(candidates)
    named: list[Flag] = []
    matters: set[str] = set()
    for flag in candidates:
        its_own = {str(flag.order_id), *labels.get(flag.order_id, ())}
        if flag.pk not in settled and not matters & its_own:
            matters |= its_own
            named.append(flag)
    owners = _owners_of(flag.order_id for flag in named[:MOST_NAMED])
    return [FirstDeed(flag, owners.get(flag.order_id, [])) for flag in named[:MOST_NAMED]]


def _ranked(flags: QuerySet[Flag], now: datetime) -> QuerySet[Flag]:
    return flags.annotate(
        is_later=Case(When(Q(severity=Severity.CRITICAL) | Q(act_by__lt=now + SHIFT), then=0), default=1),
        is_over=Case(When(~OF_PROMISE & Q(due__lte=now), then=1), default=0),
        promise_act_by=Case(When(OF_PROMISE, then=KT("evidence__act_by")), output_field=CharField()),
    ).order_by("is_later", "harm", "is_over", "promise_act_by", "act_by", "id")


def _owners_of(order_ids: Iterable[UUID]) -> dict[UUID, list[User]]:
    """Who has taken on any raised flag of these orders, each once, the most urgent first."""
    owned = Flag.objects.filter(order__in=list(order_ids), cleared_at__isnull=True, owner__isnull=False)
    of_order: dict[UUID, list[Flag]] = {}
    for flag in sorted(owned.select_related("owner").defer("evidence"), key=urgency):
        of_order.setdefault(flag.order_id, []).append(flag)
    return {order_id: owners_of(flags) for order_id, flags in of_order.items()}


def _labels_of(flags: Iterable[Flag]) -> dict[UUID, set[str]]:
    """The labels that an order shares with another: the two are one matter, whatever else is wrong with either."""
    found: dict[UUID, set[str]] = {}
    for flag in flags:
        if flag.code == FlagCode.IDENTITY_SHARED and flag.subject:
            found.setdefault(flag.order_id, set()).add(flag.subject)
    return found
