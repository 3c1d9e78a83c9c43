"""Readings of hand-overs and of who holds cells."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db.models import Q, QuerySet

from supplychain.custody.models import CustodyEntry, HandOverLink
from supplychain.custody.queries.steps import SecondPerson, second_people, steps_of
from supplychain.custody.rules.holdings import Holding, custody_of
from supplychain.custody.rules.links import (
    KIND_OF_END,
    KNOWN_ALREADY,
    STOPPED,
    LinkOffer,
    found_amiss,
    is_known_already,
    link_offers,
    shown_number,
    why_stopped,
)
from supplychain.custody.rules.transfers import ENDS
from supplychain.custody.rules.whereabouts import LastHolder
from supplychain.custody.rules.witnesses import AskedStep, attempt_of, with_lacks
from supplychain.custody.rules.words import gap_said, gap_words, holder_words, told_words
from supplychain.custody.statuses import GapKind, LinkEnd
from supplychain.flows.queries import flow_plan
from supplychain.flows.statuses import StageKind
from supplychain.orders.models import PatientOrder
from supplychain.orders.queries import open_stops, order_state, sites_of, told_budgets
from supplychain.orders.rules.cells_clock import cells_times, decided_on
from supplychain.orders.rules.duties import has_right, holders_of, roles_at
from supplychain.orders.rules.hand_overs import ToldHandOver
from supplychain.orders.rules.interlocks import Stop
from supplychain.orders.rules.states import CELLS_DECIDED, OrderState, RunState
from supplychain.orders.statuses import OrderEventKind, OrderStatus
from supplychain.people.models import User
from supplychain.sites.models import Site
from supplychain.sites.rules import call_words
from supplychain.sql import from_json, read, texts

# Not what was decided on with the closing of its cancelled order.
UNDECIDED = ~Q(order__status=OrderStatus.CANCELLED, order__closed_at__isnull=False)
TOLD_SQL = """SELECT e.order_id, e.id, e.occurred_at, e.payload::text, COALESCE(e.source_id, e.user_id)::text
    FROM supplychain_statusevent e JOIN supplychain_patientorder o ON o.id = e.order_id
    WHERE e.order_id = ANY(%(ids)s::uuid[]) AND e.kind = %(kind)s AND e.stage = ''
    AND NOT o.withdrawn_events ? e.id::text ORDER BY e.occurred_at, e.id"""


def hand_overs_told(order_ids: Iterable[UUID]) -> dict[UUID, list[ToldHandOver]]:
    """The hand-overs that were told of these orders and stand; one query."""
    found: dict[UUID, list[ToldHandOver]] = {}
    for order_id, event, at, payload, reporter in read(
        TOLD_SQL, ids=texts(order_ids), kind=OrderEventKind.HANDED_OVER.value
    ):
        found.setdefault(order_id, []).append(ToldHandOver.of(event, at, from_json(payload), reporter))
    return found


def held_at(moment: datetime) -> Q:
    """Entries of those who held cells at a moment: from a hand-over on, until the next one."""
    return Q(until__isnull=True, since__lte=moment) | Q(since__lte=moment, until__gt=moment)


def held_now(now: datetime) -> Q:
    """What somebody holds at `now`: a hand-over reported for later is still to come."""
    return held_at(now) & UNDECIDED


@dataclass(frozen=True, slots=True)
class CustodyLine:
    """One entry of the chain as people and systems read it. `reported_by`: who said so, a system by its name; `gap`:
    what is amiss, in words (moments as sentences.moment_mark has them); `checked`: who the second person was."""

    holding: Holding
    site: Site | None
    holder: str
    reported_by: str
    gap: str
    checked: tuple[SecondPerson, ...] = ()

    @property
    def said(self) -> str:
        """Who gave and took the cells, and what was seen of them, as told; empty where no hand-over was."""
        return told_words(self.holding.told) if self.holding.told else ""


class CellsDecided(NamedTuple):
    """What was decided on the cells of a cancelled order when it was closed, in the words of whoever closed it."""

    at: datetime
    reason: str
    by: str


@dataclass(frozen=True, slots=True)
class Custody:
    """An order's chain of custody. `clocks`: until when the cells may wait, a sentence for each limit that runs;
    `steps`: where two people are asked; `decided`: that the order was cancelled and its cells decided on, so that
    nobody is said to hold them."""

    lines: list[CustodyLine]
    clocks: list[str]
    seen_at: datetime
    steps: list[AskedStep] = field(default_factory=list)
    decided: CellsDecided | None = None

    @property
    def last(self) -> CustodyLine | None:
        """The last hand-over that has come: what was reported for later is still to come."""
        return next((one for one in reversed(self.lines) if one.holding.since <= self.seen_at), None)

    @property
    def now(self) -> CustodyLine | None:
        """Who holds the cells; None: nobody is known to, their custody has ended, or they were decided on."""
        return None if self.decided or self.last is None or self.last.holding.is_end else self.last

    @property
    def gaps(self) -> int:
        """How many hand-overs do not fit the one before."""
        gaps = [line.holding.gap for line in self.lines if line.holding.gap]
        return sum(gap.kind != GapKind.UNWITNESSED for gap in gaps)


def custody_for(order: PatientOrder, now: datetime, stops: Sequence[Stop] | None = None) -> Custody:
    """Who held its cells, as the newest facts have it; four queries, six where two people are asked, and while its
    cells wait those of its critical flags (`stops`, where they are read already) and of its hold-time budget."""
    state, sites = order_state(order), {str(site.pk): site for site in _sites(order)}
    chain = chain_of(order, state)
    steps = steps_of(order, state, chain)
    chain, checked = with_lacks(chain, steps), second_people(steps)
    people = _reporters(order, chain, state.runs.values())
    runs = {code: state.run_of(code) for code in state.flow.stages}
    is_undecided = order.is_open or (order.status == OrderStatus.CANCELLED and order.closed_at is None)
    clocks: list[str] = []
    if is_undecided and chain and not chain[-1].is_end:
        known = open_stops([order.pk], now=now).get(order.pk, ()) if stops is None else stops
        clocks = cells_times(state.flow, runs, now, told_budgets(order.pk, now), decided_on(known))
    lines = [_line(one, sites, people, checked.get(place, ())) for place, one in enumerate(chain)]
    return Custody(lines, clocks, now, steps, None if is_undecided or not chain else _decided(order))


def chain_of(order: PatientOrder, state: OrderState) -> list[Holding]:
    """Its chain of custody by the newest facts, without what it lacks of second people; two queries."""
    told = hand_overs_told([order.pk]).get(order.pk, ())
    return custody_of(state.flow, state.runs.values(), sites_of(order), told)


def _decided(order: PatientOrder) -> CellsDecided | None:
    """What the closing of a cancelled order says of its cells; one query of an order that was cancelled."""
    if order.status != OrderStatus.CANCELLED or order.closed_at is None:
        return None
    closings = order.events.filter(kind=OrderEventKind.CLOSED, payload__cells=CELLS_DECIDED, lacked_scope="")
    said = closings.exclude(pk__in=order.withdrawn_events).select_related("source", "user").order_by("position").last()
    return said and CellsDecided(said.occurred_at, str(said.payload.get("reason", "")), str(said.source or said.user))


def _sites(order: PatientOrder) -> list[Site]:
    return [order.collection_site, order.plant, order.infusion_site, order.ordering_site]


def _line(
    one: Holding, sites: Mapping[str, Site], people: Mapping[str, str], checked: Sequence[SecondPerson]
) -> CustodyLine:
    site = sites.get(one.holder.site)
    holder = site.name if site else holder_words(one.holder.holder, one.holder.name)
    by = [people.get(key, "") for key in _keys(one)]
    gap = gap_words(one.gap.kind, holder, one.since, gap_said(one)) if one.gap else ""
    by_whom = ", ".join(dict.fromkeys(filter(None, by)))
    return CustodyLine(one, site, f"{holder[:1].upper()}{holder[1:]}", by_whom, gap, tuple(checked))


def _keys(one: Holding) -> list[str]:
    """What reported an entry: its hand-overs, its stage, or both."""
    return [*one.hand_overs, *([f"{one.attempt}/{one.stage}/{one.kind}"] if one.stage else ())]


def _reporters(order: PatientOrder, chain: Sequence[Holding], runs: Collection[RunState]) -> dict[str, str]:
    """Who made the reports from which the chain follows, by hand-over and by stage report (its first that stands)."""
    told = Q(kind=OrderEventKind.HANDED_OVER)
    stages = Q(stage__in={one.stage for one in chain if one.stage}, kind__in={one.kind for one in chain if one.stage})
    events = order.events.filter(told | stages).exclude(pk__in=order.withdrawn_events)
    found: dict[str, str] = {}
    for event in events.select_related("source", "user").order_by("position"):
        attempt = attempt_of(runs, event.stage, event.kind, event.attempt, event.occurred_at)
        key = f"{attempt}/{event.stage}/{event.kind}" if event.stage else str(event.pk)
        found.setdefault(key, str(event.source or event.user))
    return found


def offers_for(order: PatientOrder, user: User) -> tuple[list[LinkOffer], bool]:
    """The hand-overs for which this person may make a driver's link, and whether they see those that were made."""
    state, roles = order_state(order), roles_at(sites_of(order), user.rights)
    transports = [plan for plan in state.flow.stages.values() if plan.kind == StageKind.TRANSPORT]
    may = any(has_right(holders_of(plan, kind), roles) for plan in transports for kind in KIND_OF_END.values())
    return link_offers(state.flow, state, roles), may


def stopped_offers(
    order: PatientOrder, offers: Iterable[LinkOffer], stops: Sequence[Stop], now: datetime
) -> dict[LinkOffer, str]:
    """Those of the hand-overs for which no link is made now, and why; `stops`: the order's critical flags."""
    state, last = order_state(order), last_holders([order.pk], now).get(order.pk)
    found = {one: why_stopped(state.flow, state, stops, one.plan, one.end, now, last) for one in offers}
    return {offer: why for offer, why in found.items() if why}


def last_holders(order_ids: Collection[UUID], now: datetime) -> dict[UUID, LastHolder]:
    """With whom the cells of each of these orders are, by the last hand-over that has come; one query."""
    come = CustodyEntry.objects.filter(order__in=order_ids, since__lte=now).order_by("order", "position")
    columns = ("holder", "since", "name", "place", "site_id")
    return {order_id: LastHolder(*values) for order_id, *values in come.values_list("order_id", *columns)}


def links_of(order: PatientOrder) -> QuerySet[HandOverLink]:
    """The links that were made for its drivers, the newest first."""
    return order.hand_over_links.select_related("made_by", "revoked_by")


class Try(NamedTuple):
    """Something that was tried with a link and not recorded."""

    at: datetime
    driver: str
    why: str


def tries_of(link: HandOverLink) -> list[Try]:
    """What was tried with it in vain, the newest first."""
    return [Try(datetime.fromisoformat(one["at"]), one["driver"], one["why"]) for one in link.refused]


class LinkPage(NamedTuple):
    """All that a driver may read: nothing that leads to the patient."""

    number: str
    giver: str
    taker: str
    is_pickup: bool


def link_page_of(link: HandOverLink) -> LinkPage:
    """What the page of an open link shows."""
    order = link.order
    plan = flow_plan(order.flow_id).stages[link.stage]
    run = order.stage_runs.filter(stage__code=link.stage, attempt=link.attempt).first()
    number = str(run.details.get("tracking_number", "")) if run else ""
    names = [getattr(order, holder.value).name for holder in ENDS[plan.direction]]
    return LinkPage(shown_number(order.coi, number), *names, link.end == LinkEnd.PICKUP)


def why_unusable(link: HandOverLink, now: datetime) -> str:
    """Why nothing is recorded with an open link now, for its driver; empty: it is."""
    state = order_state(link.order)
    plan = state.flow.stages[link.stage]
    if is_known_already(state, plan, link.attempt, link.end, now):
        return KNOWN_ALREADY.format(call=plant_called(link.order))
    is_pickup = link.end == LinkEnd.PICKUP
    stops = open_stops([link.order_id], now=now, is_judged_anew=True).get(link.order_id, ()) if is_pickup else ()
    last = last_holders([link.order_id], now).get(link.order_id)
    is_stopped = why_stopped(state.flow, state, stops, plan, link.end, now, last)
    return STOPPED.format(call=plant_called(link.order)) if is_stopped else ""


def plant_called(order: PatientOrder) -> str:
    """Whom a driver calls: “Porto: +351 …”."""
    plant = order.plant
    return (
        f"{plant.name}{call_words(plant.telephone)}" if plant.telephone else f"{plant.name} and who sent you this link"
    )


def amiss_of(link: HandOverLink) -> str:
    """What the page of a used link warns of, whichever report of its hand-over says so; empty: nothing."""
    if link.event is None:
        return ""
    chain = chain_of(link.order, order_state(link.order))
    is_grave = any(gap_said(one).get("is_grave") for one in chain if str(link.event_id) in one.hand_overs)
    return found_amiss(link.event.payload, is_grave=is_grave, call=plant_called(link.order))
