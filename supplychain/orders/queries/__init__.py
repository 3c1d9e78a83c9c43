"""Readings of orders, and of what a person may order."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import BooleanField, F, Func, Q

from supplychain.flows.models import Flow
from supplychain.flows.queries import flow_plan
from supplychain.flows.statuses import StagePlace
from supplychain.identifiers.rules.codes import CodeReading
from supplychain.identifiers.rules.leading import GIVEN_AT, Lead, orders_led_to
from supplychain.identifiers.statuses import IdentifierKind
from supplychain.orders.models import PatientOrder, StageRun, StatusEvent
from supplychain.orders.rules.interlocks import Settlement, Stop
from supplychain.orders.rules.promises import ExpectedDose
from supplychain.orders.rules.states import ChangeRequest, OrderState, RunState
from supplychain.orders.rules.withdrawals import EventWithdrawal, SaidWrong, event_named, rejected_by
from supplychain.orders.signals import budgets_asked, expected_doses_asked, stops_asked
from supplychain.orders.statuses import OrderEventKind, OrderStatus, StageEventKind, StageStatus
from supplychain.people.models import User
from supplychain.people.statuses import Role
from supplychain.sites.models import Site
from supplychain.sites.statuses import SiteKind
from supplychain.sql import read, texts

ORDER_TABLE = "supplychain_patientorder"
# Whose orders a reporter may touch: one of its sites takes part; as one condition, which no index fits: of orders found
# by their ids PostgreSQL need not weigh four more ways.
OF_SITES = """ARRAY[o.ordering_site_id, o.collection_site_id, o.infusion_site_id, o.plant_id] && %(sites)s::uuid[]"""
# Identifiers are never deleted, so a wrong number stands until its order says another one, or the report that said it
# was withdrawn: a donation or batch number counts while some stage run still says it; where none says any, and of a
# tracking number, a material's or a label's, while some report of it was not withdrawn. A chain of identity and an
# order's number always count.
STANDS_SQL = """({kind} NOT IN ({numbers}) OR COALESCE(
    (SELECT bool_or(r.details ->> said.detail = {value}) FROM supplychain_stagerun r,
        (SELECT CASE {kind} {details} END AS detail) said
        WHERE r.order_id = {order} AND r.withdrawn_at IS NULL AND r.details ->> said.detail IS NOT NULL),
    (SELECT p.withdrawn_events = '[]' FROM supplychain_patientorder p WHERE p.id = {order})
    OR NOT EXISTS ({says} AND o.withdrawn_events ? e.id::text)
    OR EXISTS ({says} AND NOT o.withdrawn_events ? e.id::text)))"""
SAYS_SQL = """SELECT 1 FROM supplychain_statusevent e JOIN supplychain_patientorder o ON o.id = e.order_id
    WHERE e.order_id = {order} AND {value} IN (e.payload ->> 'donation_number', e.payload ->> 'batch_number',
        e.payload ->> 'tracking_number',
        CASE e.kind WHEN '{material}' THEN e.payload ->> 'number' WHEN '{label}' THEN e.payload ->> 'serial' END)"""
SAYS_KINDS = {"material": OrderEventKind.MATERIAL.value, "label": OrderEventKind.LABEL_PRINTED.value}
REPORTED = (IdentifierKind.DONATION, IdentifierKind.BATCH, IdentifierKind.TRACKING, IdentifierKind.MATERIAL,
            IdentifierKind.LABEL)  # fmt: skip
OF_A_RUN = {IdentifierKind.DONATION: "donation_number", IdentifierKind.BATCH: "batch_number"}


def _stands(order: str, kind: str, value: str) -> str:
    says = SAYS_SQL.format(order=order, value=value, **SAYS_KINDS)
    details = " ".join(f"WHEN '{of_kind}' THEN '{detail}'" for of_kind, detail in OF_A_RUN.items())
    numbers = ", ".join(f"'{of_kind}'" for of_kind in REPORTED)
    return STANDS_SQL.format(order=order, kind=kind, value=value, says=says, details=details, numbers=numbers)


def stands_sql(alias: str) -> str:
    """Whether the row of supplychain_identifier under this alias stands."""
    return _stands(f"{alias}.order_id", f"{alias}.kind", f"{alias}.value")


GIVEN_SQL = " ".join(f"WHEN '{kind}' THEN s.id = o.{place}_id" for kind, place in GIVEN_AT.items())
# What was said before issuers were kept counts as given.
LEADS_SQL = f"""SELECT i.key, i.order_id, i.kind, i.issuer, COALESCE(s.id = ANY(%(sites)s::uuid[]), false),
    i.issuer = '' OR CASE i.kind {GIVEN_SQL} ELSE true END
    FROM supplychain_identifier i JOIN {ORDER_TABLE} o ON o.id = i.order_id
    LEFT JOIN supplychain_site s ON s.code = i.issuer
    WHERE i.key = ANY(%(keys)s) AND {OF_SITES}
    AND {stands_sql("i")}"""
RUN_FIELDS = ("status", "ready_at", "started_at", "completed_at", "failed_at", "held_at", "planned_start_at",
              "planned_end_at", "resource", "wait_until", "wait_limit", "wait_expires_at", "details")  # fmt: skip
RUNS_WITH_STAGE = StageRun.objects.select_related("stage")


class Stands(Func):
    """Whether an Identifier stands, as a condition or an annotation of a queryset of them."""

    output_field = BooleanField()

    def __init__(self) -> None:
        super().__init__(F("order_id"), F("kind"), F("value"))

    def as_sql(self, compiler: Any, connection: Any, **given: Any) -> tuple[str, list[Any]]:
        """The fragment, on whatever alias the table has in this query."""
        order, kind, value = (compiler.compile(column)[0] for column in self.get_source_expressions())
        return _stands(order, kind, value), []


def order_state(order: PatientOrder, runs: Iterable[StageRun] | None = None) -> OrderState:
    """Where the order stands, as the rules read it; one query unless its runs (with their stage) are given."""
    rows = order.stage_runs.select_related("stage") if runs is None else runs
    moments = (order.promised_at, order.confirmed_at, order.held_at, order.cancelled_at, order.closed_at)
    state = OrderState(flow_plan(order.flow_id), order.attempt, *moments, last_occurred_at=order.last_occurred_at)
    state.change, state.surprises = change_of(order), order.surprises
    for row in rows:
        key = (row.attempt, row.stage.code)
        state.runs[key] = RunState(*key, **{name: getattr(row, name) for name in RUN_FIELDS})
    return state


def counting_runs(order: PatientOrder, runs: Iterable[StageRun]) -> list[RunState]:
    """The run of each stage that counts for the order's attempt."""
    state = order_state(order, runs)
    return [state.run_of(code) for code in state.flow.stages]


def change_of(order: PatientOrder) -> ChangeRequest | None:
    """What the treatment centre asked of the plant last; no query."""
    return ChangeRequest.from_row(order.change_request)


def said_by(orders: Iterable[PatientOrder]) -> dict[str, str]:
    """By event id, who asked for the changes of these orders and who answered; one query where anything was asked."""
    ids = {event for one in orders if (said := change_of(one)) for event in (said.event, said.outcome_event) if event}
    events = StatusEvent.objects.filter(pk__in=ids).select_related("source", "user") if ids else ()
    return {str(event.pk): str(event.source or event.user) for event in events}


def leads(keys: Collection[str], site_ids: Collection[UUID]) -> dict[str, list[Lead]]:
    """What stands under each of these look-up keys on the orders of these sites; one query."""
    found: dict[str, list[Lead]] = {key: [] for key in keys}
    for key, *lead in read(LEADS_SQL, keys=list(found), sites=texts(site_ids)) if found else ():
        found[key].append(Lead(*lead))
    return found


def led_to(reading: CodeReading, site_ids: Collection[UUID]) -> list[set[UUID]]:
    """Ids of the orders of these sites to which each field of a code leads, as its own kind alone; one query."""
    found = leads(reading.keys, site_ids)
    return [
        orders_led_to([lead for lead in found[key] if field.kind in (None, lead.kind)])
        for field, key in zip(reading.fields, reading.keys, strict=True)
    ]


def orders_read(reading: CodeReading, site_ids: Collection[UUID]) -> set[UUID]:
    """Ids of the orders of these sites that a code names; none where one with marks holds a field that names none."""
    meant = led_to(reading, site_ids)
    return set() if reading.is_marked and not all(meant) else set().union(*meant)


def sites_of(order: PatientOrder) -> dict[str, UUID]:
    """Ids of the order's sites by place."""
    return {place.value: getattr(order, f"{place.value}_id") for place in StagePlace}


def told_budgets(order_id: UUID, now: datetime) -> dict[str, str]:
    """What is left of the limits that run for the cells of an order, in a sentence by stage (signals.budgets_asked)."""
    told = budgets_asked.send(PatientOrder, order_ids=[order_id], now=now)
    return {one.stage: one.words for _, answer in told for one in answer}


def open_stops(order_ids: Collection[UUID], *, now: datetime, is_judged_anew: bool = False) -> dict[UUID, list[Stop]]:
    """The critical flags that stand on each of these orders (signals.stops_asked), with what quality assurance decided
    of them; one query besides the receivers' where there are any."""
    if not order_ids:
        return {}
    told = stops_asked.send(PatientOrder, order_ids=list(order_ids), now=now, is_judged_anew=is_judged_anew)
    stops = [stop for _, answer in told for stop in answer]
    decided = settlements({stop.order_id for stop in stops})
    of_order: dict[UUID, list[Stop]] = {}
    for stop in stops:
        said = decided.get(str(stop.flag_id))
        counts = said and said.settled_at >= stop.raised_at
        of_order.setdefault(stop.order_id, []).append(_settled(stop, said) if said and counts else stop)
    return of_order


def _settled(stop: Stop, said: Settlement) -> Stop:
    return replace(stop, settlement=replace(said, beside=stop.beside))


def expected_doses(order_ids: Collection[UUID], now: datetime) -> dict[UUID, ExpectedDose]:
    """When the dose of each of these orders is expected (signals.expected_doses_asked), where anything is known."""
    told = expected_doses_asked.send(PatientOrder, order_ids=list(order_ids), now=now)
    return {outlook.order_id: outlook for _, answer in told for outlook in answer}


def settlements(order_ids: set[UUID]) -> dict[str, Settlement]:
    """By flag id as text, the newest decision of which nobody said that it is wrong.

    That it is wrong counts once two have said it; but until they agree the flag stands as if nothing were decided.
    """
    if not order_ids:
        return {}
    kinds = (OrderEventKind.SETTLED, OrderEventKind.WITHDRAWN)
    said = StatusEvent.objects.filter(order__in=order_ids, stage="", kind__in=kinds)
    rows = list(said.select_related("user").order_by("recorded_at"))
    doubted = {event_named(row.payload) for row in rows if row.kind == OrderEventKind.WITHDRAWN}
    return {
        event.payload["flag"]: Settlement(str(event.user), event.payload["reason"], event.recorded_at)
        for event in rows if event.kind == OrderEventKind.SETTLED and event.pk not in doubted
    }  # fmt: skip


def event_withdrawals(order: PatientOrder) -> dict[UUID, EventWithdrawal]:
    """By event id, what was said against the events of the order; one query."""
    events = StatusEvent.objects.filter(order=order, kind__in=(StageEventKind.WITHDRAWN, OrderEventKind.SETTLED))
    rows = list(events.select_related("source", "user").order_by("position"))
    settled = [row for row in rows if row.kind == OrderEventKind.SETTLED and str(row.pk) not in order.withdrawn_events]
    rejected = {pk: (str(row.user), row.recorded_at) for row in settled for pk in rejected_by(row.payload)}
    against: dict[UUID, tuple[SaidWrong, ...]] = {}
    for row in rows:
        if row.kind == StageEventKind.WITHDRAWN and (named := event_named(row.payload)):
            said = (str(row.source or row.user), row.payload["reason"], row.recorded_at, row.user_id)
            against[named] = (*against.get(named, ()), SaidWrong(*said, *rejected.get(str(row.pk), ())))
    return {named: EventWithdrawal(str(named) in order.withdrawn_events, said) for named, said in against.items()}


@dataclass(frozen=True, slots=True)
class OrderOptions:
    """What a person may order, and where: journeys (current flows), centres and plants.

    `coordinated`: codes of the centres that they coordinate; `made`: of the plants at which they are in operations.
    """

    flows: list[Flow]
    ordering_sites: list[Site]
    other_sites: list[Site]
    plants: list[Site]
    coordinated: frozenset[str]
    made: frozenset[str]

    @property
    def may_order(self) -> bool:
        """Whether there is anything at all that they may order."""
        return bool(self.coordinated or self.made)

    @property
    def sites(self) -> dict[str, Site]:
        """All sites that can be named, by code."""
        return {site.code: site for site in (*self.ordering_sites, *self.other_sites, *self.plants)}

    def permits(self, ordering_site: str, plant: str) -> bool:
        """Whether they may order for this centre from this plant."""
        return ordering_site in self.coordinated or plant in self.made


def order_options(user: User) -> OrderOptions:
    """What `user` may order; two queries besides their memberships. A coordinator chooses among the own centres;
    others' names are offered only where cells may be collected for many."""
    coordinated, operated = set(user.site_ids(Role.SITE_COORDINATOR)), set(user.site_ids(Role.OPERATIONS))
    sites = list(Site.objects.filter(is_active=True))
    plants, centres = ([one for one in sites if (one.kind == SiteKind.PLANT) is made] for made in (True, False))
    made = frozenset(site.code for site in plants if site.pk in operated)
    own, belongs = [site for site in centres if site.pk in coordinated], set(user.site_ids())
    shared = [site for site in centres if site.pk in belongs or site.kind == SiteKind.COLLECTION_CENTRE]
    flows = Flow.objects.filter(is_current=True, product__is_active=True).select_related("product")
    return OrderOptions(
        flows=sorted(flows, key=lambda flow: (flow.product.name, not flow.is_default, flow.name)),
        ordering_sites=centres if made else own,
        other_sites=centres if made else shared,
        plants=plants if own else [site for site in plants if site.code in made],
        coordinated=frozenset(site.code for site in own),
        made=made,
    )


def open_orders_of_patient(user: User, patient_reference: str, ordering_site: str) -> list[PatientOrder]:
    """The patient's open orders at this centre, as far as they exist for `user`; one query."""
    of_user = PatientOrder.objects.of_sites(user.site_ids()).open().select_related("product")
    return list(of_user.filter(patient_reference__iexact=patient_reference, ordering_site__code=ordering_site)[:6])


def runs_at(status: StageStatus, now: datetime) -> Q:
    """The runs that wait, are at work or on hold at `now` (rules.standing.counted_at, for the database)."""
    begins, is_held = Q(status=StageStatus.RUNNING, started_at__gt=now), Q(order__status=OrderStatus.ON_HOLD)
    waits = Q(status=StageStatus.READY) | begins
    of_status = {StageStatus.RUNNING: Q(status=status) & ~begins, StageStatus.READY: waits & ~is_held}
    return of_status.get(status, Q(status=status) | waits & is_held)
