"""On which lanes shipments are, and when they arrive by them."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime, time
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models.functions import Upper

from supplychain.flows.queries import flow_plan
from supplychain.flows.rules.plans import StagePlan
from supplychain.orders.models import PatientOrder, StageRun, StatusEvent
from supplychain.orders.queries import order_state
from supplychain.orders.rules.packing import ANSWERS, PACKED, UNPACKED, KnownShipper, ShippersKnown
from supplychain.orders.statuses import StageStatus
from supplychain.sql import read
from supplychain.transport.models import Shipment, Shipper
from supplychain.transport.rules.delays import delay_words
from supplychain.transport.rules.lanes import Lane, lane_plan_words
from supplychain.transport.rules.packaging import PackagingFault
from supplychain.transport.rules.packing_words import NO_ANSWERS, NO_REPORT, answered, packaging_step, packing_words
from supplychain.withdrawals import standing_part

# A lane of the shipment's courier before one for whoever carries it; of two attempts the newer one counts.
LANES_SQL = """SELECT run.id, run.order_id, stage.code, lane.courier, lane.usual_hours, lane.customs_hours,
        lane.cut_offs::text[], site.time_zone
    FROM supplychain_stagerun run
    JOIN supplychain_stage stage ON stage.id = run.stage_id
    JOIN supplychain_shipment shipment ON shipment.stage_run_id = run.id AND shipment.withdrawn_at IS NULL
    JOIN supplychain_site site ON site.id = shipment.from_site_id
    CROSS JOIN LATERAL (
        SELECT courier, usual_hours, customs_hours, cut_offs FROM supplychain_lane
        WHERE from_site_id = shipment.from_site_id AND to_site_id = shipment.to_site_id AND is_active
            AND (courier = '' OR UPPER(courier) = UPPER(shipment.courier))
        ORDER BY courier = '' LIMIT 1
    ) lane
    WHERE run.order_id = ANY(%(ids)s::uuid[]) AND run.status = ANY(%(statuses)s)
    ORDER BY run.order_id, run.attempt"""


# Not arrived, and not in vain.
AWAITED = (StageStatus.PENDING, StageStatus.READY, StageStatus.RUNNING, StageStatus.HELD)


def lanes_of(order_ids: list[str]) -> dict[UUID, Mapping[str, Lane]]:
    """The lanes on which shipments of these orders (ids as text) are under way, by the code of their stage; one
    query."""
    found: dict[UUID, dict[str, Lane]] = {}
    for _, order_id, stage, lane in _lanes(order_ids, (StageStatus.RUNNING,)):
        found.setdefault(order_id, {})[stage] = lane
    return dict(found)


def lane_plans_of(order: PatientOrder, runs: Sequence[StageRun]) -> dict[UUID, str]:
    """When its awaited shipments arrive by their lanes, in words, by the id of their run; one query where nobody said
    of one when it is to arrive. `runs`: with their stage and shipment."""
    if not order.is_open:
        return {}
    state = order_state(order, runs)
    open_runs = {run.pk: state.runs[run.attempt, run.stage.code] for run in runs if _is_awaited(run)}
    is_asked = any(one.expected_end is None for one in open_runs.values())
    lanes = {pk: lane for pk, _, _, lane in _lanes([str(order.pk)], AWAITED)} if is_asked else {}
    words = {pk: lane_plan_words(lanes[pk], run) for pk, run in open_runs.items() if pk in lanes}
    return {pk: text for pk, text in words.items() if text}


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


def _is_awaited(run: StageRun) -> bool:
    return run.status in AWAITED and standing_part(run, "shipment") is not None


def _lanes(order_ids: list[str], statuses: Sequence[StageStatus]) -> Iterator[tuple[UUID, UUID, str, Lane]]:
    """Run, order, stage and lane of each shipment in one of these statuses, the newest attempt last."""
    rows = read(LANES_SQL, ids=order_ids, statuses=[one.value for one in statuses])
    for run, order, stage, courier, usual, customs, cut_offs, zone in rows:
        yield run, order, stage, Lane(courier, usual, customs, tuple(map(time.fromisoformat, cut_offs)), zone)


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
