"""Orders at risk: raised flags per order, the most urgent first (flags/rules/harm.py).

Orders that hang under a cause of their line, and those of which nothing can be changed any more, stand in groups of
their own (flags/rules/causes.py).
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Min, Q, QuerySet

from batches.flags.models import Flag
from batches.flags.queries.causes import MOST_HANGING, hang_under, line_alarms, nearest_promised, stand_alone
from batches.flags.queries.flags import CRITICAL, acts_by, head_flag, owners_of, settlements_of, urgency_in_sql
from batches.flags.rules.causes import LineAlarm, LineCause
from batches.flags.rules.harm import urgency
from batches.forecasts.queries.hold_budgets import hold_budgets_of
from batches.forecasts.rules.hold_budgets import HoldBudget
from batches.judgement.rules.spans import SHIFT
from batches.judgement.statuses import FlagCode, Harm, Remedy, Severity
from dashboards.tower.queries.filters import TowerFilter, Whose
from supplychain.orders.models import PatientOrder, PatientOrderQuerySet
from supplychain.orders.rules.interlocks import Settlement
from supplychain.pages.viewers import Viewer, of_orders
from supplychain.people.models import User

INFUSED_WITHIN = timedelta(days=30)
# A night shift acts on these itself; more than so many is a list again.
MOST_PINNED = 25
# Of an order, its worst flag asks for something.
ASKED_FOR = Q(worst__lt=Harm.SETTLED)
IDENTITY = (FlagCode.IDENTITY_SHARED, FlagCode.DONATION_NUMBER, FlagCode.IDENTITY_MISMATCH)
# A settlement acknowledges, too.
SEEN_DOUBT = Q(harm__lte=Harm.IDENTITY, acknowledged_at__isnull=False)


@dataclass(frozen=True, slots=True)
class Counts:
    """The figures on top, in orders but for `causes`. `critical`, `attention`: with an alarm of their own, critical or
    not; `hanging`: under one of the causes and no more; `past_changing`: nothing can be changed any more; `promises`:
    of those with an alarm of their own, whose only harm it is; `calm_promises`: of these not critical."""

    open: int
    critical: int
    attention: int
    infused: int
    promises: int
    calm_promises: int = 0
    hanging: int = 0
    past_changing: int = 0
    causes: int = 0

    @property
    def at_risk(self) -> int:
        """Orders with a flag that asks for something."""
        return self.critical + self.attention + self.hanging + self.past_changing

    @property
    def attention_alarms(self) -> int:
        """What needs attention, a cause counted once."""
        return self.attention + self.causes


@dataclass(frozen=True, slots=True)
class RiskyOrder:
    """One order with its raised flags, the most urgent first. `partners`: other orders that bear the same label, which
    is one matter and one row; `budget`: what is left of the limit of its cells that ends first, where it is little."""

    order: PatientOrder
    flags: list[Flag]
    partners: list["RiskyOrder"] = field(default_factory=list)
    budget: HoldBudget | None = None

    @property
    def first(self) -> Flag:
        """Its most urgent flag: the one that gives the order its place in the list."""
        return self.flags[0]

    @property
    def head(self) -> Flag:
        """The flag of which its row tells."""
        return head_flag(self.flags) or self.first

    @property
    def is_promise(self) -> bool:
        """Whether nothing but its promised date is at risk."""
        return self.first.harm == Harm.PROMISE

    @property
    def is_critical(self) -> bool:
        """Whether any flag is critical."""
        return self.head.is_critical

    @property
    def others(self) -> int:
        """How many flags it has besides the one of which its row tells."""
        return len(self.flags) - 1

    @property
    def owners(self) -> list[User]:
        """Who has taken on any of its flags, each once, in the flags' order."""
        return owners_of(self.flags)

    @property
    def joined(self) -> list["RiskyOrder"]:
        """The orders of its row: itself, and those that bear the same label."""
        return [self, *self.partners]


@dataclass(frozen=True, slots=True)
class Risks:
    """One page of the at-risk list. `pinned`: what cannot wait, on every page and whatever is chosen of the list.

    `pinned_orders`: how many orders cannot wait; one that is settled stands with its partner and is not counted;
    `first_promise`: the first of `rows` that is a matter of its promise alone; its group begins there;
    `settlements`: what quality assurance decided of their flags; `causes`: each with the orders that hang under it;
    `past_changing`: flags of which nothing can be changed any more.
    """

    pinned: list[RiskyOrder]
    pinned_orders: int
    rows: list[RiskyOrder]
    has_more: bool
    settlements: dict[UUID, Settlement]
    causes: Sequence[LineAlarm] = ()
    past_changing: Sequence[Flag] = ()

    @property
    def first_promise(self) -> RiskyOrder | None:
        """Where the group of promises begins on this page."""
        return next((row for row in self.rows if row.is_promise), None)

    @property
    def others(self) -> list[RiskyOrder]:
        """The rows that are not a matter of their promise alone, and those of a promise that is critical: no wall folds
        what is critical away."""
        return [row for row in self.rows if row.is_critical or not row.is_promise]


def counts(orders: PatientOrderQuerySet, causes: Collection[LineCause], now: datetime) -> Counts:
    """Open, at-risk and lately infused orders; three queries.

    What is open and what was infused is counted apart, each by its index: one count of either would read all orders
    that ever were.
    """
    lately = orders.filter(infused_at__gte=now - INFUSED_WITHIN, infused_at__lte=now)
    totals = {"open": orders.open().count(), "infused": lately.count()}
    flags = _raised(orders).order_by().values("order_id")
    by_order = flags.annotate(
        worst=Min("harm"),
        grave=Count("pk", filter=CRITICAL),
        alone=Count("pk", filter=stand_alone(causes)),
        hangs=Count("pk", filter=hang_under(causes)),
    )
    is_alone = Q(alone__gt=0)
    flagged = by_order.aggregate(
        critical=Count("order_id", filter=Q(grave__gt=0)),
        attention=Count("order_id", filter=is_alone & Q(grave=0) & ASKED_FOR),
        promises=Count("order_id", filter=is_alone & Q(worst=Harm.PROMISE)),
        calm_promises=Count("order_id", filter=is_alone & Q(worst=Harm.PROMISE, grave=0)),
        hanging=Count("order_id", filter=Q(alone=0, hangs__gt=0)),
        past_changing=Count("order_id", filter=Q(alone=0, hangs=0)),
    )
    return Counts(**totals, **flagged, causes=len(causes))


def at_risk(
    orders: PatientOrderQuerySet, chosen: TowerFilter, viewer: Viewer, causes: Sequence[LineCause], now: datetime
) -> Risks:
    """What cannot wait, and the chosen page of the other orders with raised flags; fifteen queries at most.

    An order that has ended stays as long as a rule still has something against it (a test that fails after infusion).
    Whoever asks for their own flags gets each of them as a row.
    """
    raised = _raised(orders)
    own = Q(pk__isnull=False) if chosen.whose == Whose.MINE else stand_alone(causes)
    pressing = _pinned_ids(orders, now)
    pinned_ids = [*pressing, *_partners_of(raised, pressing)]
    first = chosen.size * (chosen.page - 1)
    fitting = Count("pk", filter=_whose(chosen.whose, viewer))
    ranked = _by_urgency(raised.exclude(order_id__in=pinned_ids)).annotate(fitting=fitting, own=Count("pk", filter=own))
    listed = ranked.filter(fitting__gt=0, own__gt=0).values_list("order_id", flat=True)[first : first + chosen.size + 1]
    order_ids = list(listed)
    rows = {row.order.pk: row for row in _rows([*pinned_ids, *order_ids[: chosen.size]], now)}
    return Risks(
        _paired(rows[pk] for pk in pinned_ids if pk in rows),
        sum(pk in rows for pk in pressing),
        _paired(rows[pk] for pk in order_ids[: chosen.size] if pk in rows),
        has_more=len(order_ids) > chosen.size,
        settlements=settlements_of(flag for row in rows.values() for flag in row.flags),
        causes=line_alarms(causes, raised, viewer.site_ids),
        past_changing=_past_changing(raised),
    )


def _past_changing(raised: QuerySet[Flag]) -> list[Flag]:
    """Promises that nothing brings back, the oldest first; one query."""
    lost = nearest_promised(raised.filter(remedy=Remedy.TELL), MOST_HANGING)
    return list(lost.select_related("order__ordering_site", "order__product"))


def _paired(rows: Iterable[RiskyOrder]) -> list[RiskyOrder]:
    """The rows of a doubt about identity, with those that share a label joined to the first of them; the others."""
    firsts: dict[str, RiskyOrder] = {}
    paired = []
    for row in rows:
        shared = [flag.subject for flag in row.flags if flag.code == FlagCode.IDENTITY_SHARED and flag.subject]
        labels = shared if row.first.code in IDENTITY else []
        if known := next((firsts[label] for label in labels if label in firsts), None):
            known.partners.append(row)
        else:
            paired.append(row)
        firsts |= dict.fromkeys(labels, known or row)
    return paired


def _pinned_ids(orders: PatientOrderQuerySet, now: datetime) -> list[UUID]:
    """Orders that cannot wait; one query, three where somebody has seen a dose or an identity in doubt (settled?)."""
    pressing = _raised(orders).filter(acts_by(now + SHIFT))
    found = list(_by_urgency(pressing).annotate(seen=Count("pk", filter=SEEN_DOUBT))[:MOST_PINNED])
    if any(seen for *_, seen in found):
        settled = settlements_of(_raised(orders).filter(SEEN_DOUBT).defer("evidence"))
        found = list(_by_urgency(pressing.exclude(pk__in=list(settled)))[:MOST_PINNED])
    return [order_id for order_id, *_ in found]


def _partners_of(raised: QuerySet[Flag], order_ids: list[UUID]) -> list[UUID]:
    """The other orders that bear a label of these, settled or not: as long as one of the two stands they are one
    matter; one query, none where nothing is pinned."""
    if not order_ids:
        return []
    labels = raised.filter(code=FlagCode.IDENTITY_SHARED, order__in=order_ids).exclude(subject="").order_by()
    alike = raised.filter(
        code=FlagCode.IDENTITY_SHARED, severity=Severity.CRITICAL, subject__in=labels.values("subject")
    )
    return list(
        alike.exclude(order_id__in=order_ids).order_by("order_id").values_list("order_id", flat=True).distinct()
    )


def _by_urgency(flags: QuerySet[Flag]) -> QuerySet[Any]:
    """(order, how urgent its worst flag is), the most urgent first."""
    return (
        flags.order_by().values_list("order_id").annotate(urgency=Min(urgency_in_sql())).order_by("urgency", "order_id")
    )


def _whose(whose: Whose, viewer: Viewer) -> Q:
    """What a flag must be for its order to be listed."""
    if whose == Whose.MINE:
        return Q(owner=viewer.user)
    if whose == Whose.NOBODYS:
        return Q(owner__isnull=True)
    return Q(acknowledged_at__isnull=True) if whose == Whose.NOT_SEEN else Q(pk__isnull=False)


def _raised(orders: PatientOrderQuerySet) -> QuerySet[Flag]:
    return of_orders(Flag.objects.filter(cleared_at__isnull=True), orders)


def _rows(order_ids: list[UUID], now: datetime) -> list[RiskyOrder]:
    orders = PatientOrder.objects.select_related("product", "plant", "ordering_site", "infusion_site")
    found = {order.pk: order for order in orders.filter(pk__in=order_ids)}
    flags: dict[UUID, list[Flag]] = {}
    for flag in Flag.objects.filter(order__in=order_ids, cleared_at__isnull=True).select_related("owner"):
        flags.setdefault(flag.order_id, []).append(flag)
    # A flag may have been cleared between the two queries.
    budgets = hold_budgets_of(found, now)
    return [
        RiskyOrder(
            found[pk], sorted(flags[pk], key=urgency),
            budget=next((one for one in budgets.get(pk, ()) if one.is_tight(now)), None),
        )
        for pk in order_ids if pk in found and pk in flags
    ]  # fmt: skip
