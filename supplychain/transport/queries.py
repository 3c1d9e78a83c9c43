"""On which lanes shipments are, and when they arrive by them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, time
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models.functions import Upper

from supplychain.flows.queries import flow_plan
from supplychain.flows.rules.plans import StagePlan
from supplychain.orders.models import PatientOrder, StageRun, StatusEvent
from supplychain.orders.queries import order_state, sites_of
from supplychain.orders.rules.packing import ANSWERS, PACKED, UNPACKED, KnownShipper, ShippersKnown
from supplychain.orders.rules.states import RunState
from supplychain.sql import read
from supplychain.transport.models import Shipment, Shipper
from supplychain.transport.rules.arrivals import ShownArrival, asks_lane
from supplychain.transport.rules.delays import delay_words
from supplychain.transport.rules.lanes import Lane, Lanes, lane_of
from supplychain.transport.rules.packaging import PackagingFault
from supplychain.transport.rules.packing_words import NO_ANSWERS, NO_REPORT, answered, packaging_step, packing_words
from supplychain.withdrawals import standing_part

LANES_SQL = """SELECT lane.from_site_id::text, lane.to_site_id::text, lane.courier, lane.usual_hours,
    lane.customs_hours, lane.cut_offs::text[], site.time_zone
    FROM supplychain_lane lane JOIN supplychain_site site ON site.id = lane.from_site_id
    WHERE lane.is_active
        AND (lane.from_site_id = ANY(%(plants)s::uuid[]) OR lane.to_site_id = ANY(%(plants)s::uuid[]))"""


def lanes_of_plants(plants: Iterable[str]) -> Lanes:
    """The lanes in use from and to these plants (ids as text): every transport of an order is one or the other; one
    query."""
    rows = read(LANES_SQL, plants=sorted(plants))
    return {
        (origin, to, courier.upper()): Lane(courier, usual, customs, tuple(map(time.fromisoformat, cut_offs)), zone)
        for origin, to, courier, usual, customs, cut_offs, zone in rows
    }


def arrivals_of(order: PatientOrder, runs: Sequence[StageRun], now: datetime) -> dict[UUID, ShownArrival]:
    """When its awaited shipments are expected to arrive, by the id of their run; one query where nobody said it of one.
    `runs`: with their stage and shipment."""
    if not order.is_open:
        return {}
    state = order_state(order, runs)
    awaited = {run.pk: state.runs[run.attempt, run.stage.code] for run in runs if standing_part(run, "shipment")}
    lanes = lanes_of_orders([(order, awaited.values())], now).get(order.pk, {})
    shown = {
        pk: ShownArrival.of(state.flow.stages[run.stage], run, lanes.get(run.stage), now) for pk, run in awaited.items()
    }
    return {pk: one for pk, one in shown.items() if one}


def lanes_of_orders(
    orders: Iterable[tuple[PatientOrder, Iterable[RunState]]], now: datetime
) -> dict[UUID, dict[str, Lane]]:
    """The lanes of those of these orders' runs of which nobody said when they arrive, by order and stage; one query
    where there are any."""
    asked = [
        (order, plan, run)
        for order, runs in orders
        for run in runs
        if asks_lane(plan := flow_plan(order.flow_id).stages[run.stage], run, now)
    ]
    lanes = lanes_of_plants({str(order.plant_id) for order, *_ in asked}) if asked else {}
    found: dict[UUID, dict[str, Lane]] = {}
    for order, plan, run in asked:
        places = {place: str(site) for place, site in sites_of(order).items()}
        if lane := lane_of(lanes, plan.direction, places, run.courier):
            found.setdefault(order.pk, {})[plan.code] = lane
    return found


class ShownDelay(NamedTuple):
    """A delay or rerouting as it is shown: its words, when it was said, and by whom; `said`: as the shipment keeps it;
    `is_newest`: the arrival that it tells is the one that counts."""

    words: str
    at: datetime
    by: str
    said: Mapping[str, Any]
    is_newest: bool = True


def delays_of(runs: Sequence[StageRun]) -> dict[UUID, list[ShownDelay]]:
    """What was said of the delays of these runs' shipments, in the order in which it counts, by the id of their run;
    one query where there are any."""
    kept = {run.pk: shipment.delays for run in runs if (shipment := standing_part(run, "shipment")) and shipment.delays}
    by = _reporters([one["event"] for ones in kept.values() for one in ones])
    return {pk: [_shown(one, by, is_newest=one is ones[-1]) for one in ones] for pk, ones in kept.items()}


def _reporters(event_ids: Sequence[str]) -> dict[str, str]:
    """Who reported these events, by id; no query where there are none."""
    events = StatusEvent.objects.filter(pk__in=event_ids).select_related("source", "user") if event_ids else ()
    return {str(event.pk): event.source.name if event.source else str(event.user) for event in events}


class ShownPacking(NamedTuple):
    """A packing or unpacking as it is shown; `answers`: to its checklist, each as question and answer."""

    words: str
    at: datetime
    by: str
    answers: Sequence[tuple[str, str]]


class ShownPackaging(NamedTuple):
    """What was reported of a shipment's shipper and packaging, what is amiss with it, and what is missing."""

    reports: Sequence[ShownPacking]
    faults: Sequence[PackagingFault]
    missing: str


def packagings_of(order: PatientOrder, runs: Sequence[StageRun]) -> dict[UUID, ShownPackaging]:
    """How the shipments of these runs were packed and unpacked, by the id of their run; one query where that was
    reported. `runs`: with their stage and shipment."""
    plans = flow_plan(order.flow_id).stages
    parts = {run: part for run in runs if (part := standing_part(run, "shipment"))}
    said = [one for part in parts.values() for one in (part.packing, part.unpacking) if one]
    by = _reporters([one["event"] for one in said])
    shown = {run.pk: _packaging(plans[run.stage.code], run, part, by) for run, part in parts.items()}
    return {pk: one for pk, one in shown.items() if any(one)}


def _packaging(plan: StagePlan, run: StageRun, part: Shipment, by: Mapping[str, str]) -> ShownPackaging:
    told = ((PACKED, part.packing, plan.packing), (UNPACKED, part.unpacking, plan.unpacking))
    reports = [
        ShownPacking(
            packing_words(plan, kind, said), datetime.fromisoformat(said["at"]), by.get(said["event"], ""),
            answered(items, said),
        )
        for kind, said, items in told if said
    ]  # fmt: skip
    missing = [NO_ANSWERS[kind] for kind, said, items in told if said and items and not said.get(ANSWERS)]
    if plan.packing and not part.packing and (run.started_at or run.completed_at):
        missing.append(NO_REPORT)
    return ShownPackaging(reports, [PackagingFault(*one) for one in part.packaging_faults], " ".join(missing))


def _shown(said: Mapping[str, Any], by: Mapping[str, str], *, is_newest: bool) -> ShownDelay:
    at, whose = datetime.fromisoformat(said["at"]), by.get(said["event"], "")
    return ShownDelay(delay_words(said), at, whose, said, is_newest)


def shippers_called(numbers: Collection[str], site_ids: Collection[UUID]) -> ShippersKnown:
    """The shippers of these sites with one of these numbers (in capitals), and which sites keep any; two queries."""
    of_sites = Shipper.objects.filter(site__in=site_ids)
    columns = (
        "pk", "number", "site_id", "site__code", "model", "coldest", "warmest", "hold_hours", "qualified_until",
        "site__time_zone", "qualification_record", "is_retired",
    )  # fmt: skip
    named = of_sites.annotate(key=Upper("number")).filter(key__in=numbers).order_by().values_list(*columns)
    keepers = of_sites.order_by().values_list("site_id", flat=True).distinct()
    return ShippersKnown([KnownShipper(*row) for row in named], frozenset(keepers))


def is_packed(shipper: Shipper) -> bool:
    """Whether a report of a packing names this shipper, or a shipment of its site's orders names its number."""
    packings = StatusEvent.objects.filter(kind=PACKED.value, payload__shipper__id=str(shipper.pk))
    orders = PatientOrder.objects.of_sites([shipper.site_id])
    shipments = Shipment.objects.annotate(key=Upper("shipper_number")).filter(key=shipper.number.upper())
    named = shipments.exclude(shipper_number="").filter(stage_run__order__in=orders)
    return packings.exists() or named.exists()


def packaging_doubt(order: PatientOrder, event_id: UUID | None, now: datetime) -> str:
    """What is amiss by a report of packing or unpacking just made, and what is to be done, as its flag says it; empty:
    nothing, or no such report. `event_id`: of the report; one query."""
    parts = Shipment.objects.filter(stage_run__order=order, withdrawn_at=None).select_related("stage_run__stage")
    for part in parts if event_id else ():
        run = part.stage_run
        if str(event_id) not in [(said or {}).get("event") for said in (part.packing, part.unpacking)]:
            continue
        faults = [PackagingFault(*one) for one in part.packaging_faults]
        is_grave = any(fault.is_critical for fault in faults)
        has_left = bool(run.completed_at or (run.started_at and run.started_at <= now))
        step = packaging_step(flow_plan(order.flow_id).stages[run.stage.code], is_grave=is_grave, has_left=has_left)
        return f"Amiss: {'; '.join(fault.words for fault in faults)}. {step}" if faults else ""
    return ""
