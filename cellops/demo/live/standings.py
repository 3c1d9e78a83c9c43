"""Where an order stands, as the API tells it, in the demo's own terms."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cellops.demo.facts import DemoEvent, DemoOrder, FlowPath
from cellops.demo.journeys import Standing
from cellops.demo.sites import CENTRES, JOURNEYS
from supplychain.flows.rules.checks import StageDefinition
from supplychain.flows.statuses import StageKind
from supplychain.identifiers.statuses import IdentifierKind
from supplychain.orders.statuses import AT_WORK_STAGE_STATUSES, OrderStatus, Priority, StageStatus

DONE = (StageStatus.COMPLETED, StageStatus.SKIPPED)
# Stages for which somebody makes an appointment; the others wait for a place alone.
BOOKED = (StageKind.COLLECTION, StageKind.TRANSPORT, StageKind.INFUSION)

Run = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class LiveOrder:
    """An order that goes on: where it stands, its open tests, since when it waits (ISO 8601), whether it is late."""

    id: str
    order: DemoOrder
    standing: Standing
    tests: tuple[tuple[StageDefinition, Run], ...]
    waits_since: str
    late: bool


def read_order(detail: Mapping[str, Any], paths: Mapping[str, FlowPath], now: datetime) -> LiveOrder | None:
    """The order in an API detail; None for one that is not of the demo's world."""
    centre = next((site for site in CENTRES if site.code == detail["ordering_site"]), None)
    kind = (detail["product"], detail["flow"], detail["plant"])
    journey = next((one for one in JOURNEYS if (one.product, one.flow, one.plant.code) == kind), None)
    path = paths.get(detail["flow"])
    if centre is None or journey is None or path is None:
        return None
    order = DemoOrder(
        index=_index(detail),
        coi=detail["coi"],
        patient_reference=detail["patient_reference"],
        hospital_order_number="",
        journey=journey,
        centre=centre,
        urgent=detail["priority"] == Priority.URGENT,
        ordered_at=datetime.fromisoformat(detail["ordered_at"]),
    )
    runs = {run["stage"]: run for run in detail["stage_runs"] if run["counts"]}
    standing = _standing(detail, path, runs, now)
    waiting = runs[path.stages[standing.position].code] if standing.position < len(path.stages) else {}
    flags = {flag["code"] for flag in detail["flags"]}
    return LiveOrder(
        id=detail["id"],
        order=order,
        standing=standing,
        tests=_open_tests(path, runs),
        waits_since=waiting.get("ready_at") or "",
        late=bool(flags & {"silent", "stage_late", "hold_expiring"}),
    )


def shipment_meant(detail: Mapping[str, Any], event: DemoEvent) -> Mapping[str, Any]:
    """The shipment of which a report of a transport speaks, in an API detail; empty: there is none yet."""
    meant = (event.stage, event.attempt or 1)
    return next((one for one in detail["shipments"] if (one["direction"], one["attempt"]) == meant), {})


def _index(detail: Mapping[str, Any]) -> int:
    """The number in the hospital's order number; one made of the order's id for orders of somebody else."""
    for identifier in detail["identifiers"]:
        if identifier["kind"] == IdentifierKind.HOSPITAL_ORDER and (found := re.search(r"(\d+)$", identifier["value"])):
            return int(found[1]) - 1
    return int(detail["id"][-5:], 16)


def _standing(detail: Mapping[str, Any], path: FlowPath, runs: Mapping[str, Run], now: datetime) -> Standing:
    undone = (index for index, stage in enumerate(path.stages) if runs[stage.code]["status"] not in DONE)
    position = next(undone, len(path.stages))
    if position == len(path.stages):
        return Standing(attempt=detail["attempt"], position=position)
    stage, run = path.stages[position], runs[path.stages[position].code]
    begun = run["status"] in AT_WORK_STAGE_STATUSES and run["started_at"] is not None
    # Between two stages in one suite the place is the one of the stage before.
    holder = runs[path.stages[position - 1].code] if stage.keeps_pool and not begun else run
    booked = bool(run["planned_start_at"] or run["details"].get("planned_pickup_at"))
    return Standing(
        attempt=detail["attempt"],
        position=position,
        begun_hours=hours_since(run["started_at"], now) if begun else None,
        place=place_number(holder["resource"]) if begun or stage.keeps_pool else 0,
        resource=run["resource"],
        planned=booked,
        waits=run["status"] == StageStatus.READY and stage.kind not in BOOKED and stage.pool != "",
        held=run["status"] == StageStatus.HELD,
        failed=run["status"] == StageStatus.FAILED,
        order_held=detail["status"] == OrderStatus.ON_HOLD,
    )


def _open_tests(path: FlowPath, runs: Mapping[str, Run]) -> tuple[tuple[StageDefinition, Run], ...]:
    """Tests beside the path that could start or have started, and have not ended."""
    open_statuses = (StageStatus.READY, *AT_WORK_STAGE_STATUSES)
    tests = [stage for beside in path.beside.values() for stage in beside]
    return tuple((stage, runs[stage.code]) for stage in tests if runs[stage.code]["status"] in open_statuses)


def hours_since(moment: str, now: datetime) -> float:
    """Hours from a moment in ISO 8601 to `now`, never quite none."""
    return max((now - datetime.fromisoformat(moment)).total_seconds() / 3600, 0.01)


def place_number(resource: str) -> int:
    """The number of the place that a report named; 0: none."""
    found = re.search(r"(\d+)$", resource)
    return int(found[1]) if found else 0
