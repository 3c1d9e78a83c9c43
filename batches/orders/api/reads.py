"""Reading orders as tuples and writing them as bodies: six queries for a page, thirteen for one order
(three more where its cells' time is limited).

Codes of sites and flows are read on their own: joined to every order, PostgreSQL planned for 15 ms what then took 0.4.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from django.db.models.functions import Coalesce

from batches.flags.api.reads import raised_flags
from batches.forecasts.models import Prediction
from batches.forecasts.queries.hold_budgets import hold_budgets_of
from batches.forecasts.queries.ready import ready_forecasts
from batches.forecasts.rules.hold_budgets import HoldBudget
from batches.forecasts.rules.ready import ReadyForecast
from batches.judgement.statuses import Harm
from batches.manufacturing.models import Batch
from batches.orders.api.bodies import (
    ArrivalBody,
    BatchBody,
    ChangeRequestBody,
    CollectionBody,
    FutureShare,
    HoldBudgetBody,
    IdentifierBody,
    OrderDetail,
    OrderPrediction,
    OrderSummary,
    RaisedFlag,
    ReadyBody,
    ShipmentBody,
    StageRunBody,
)
from batches.orders.api.shipment_bodies import shipment_parts
from supplychain.flows.models import Flow
from supplychain.orders.models import Identifier, PatientOrder, StageRun
from supplychain.orders.queries import Stands, stages_to_end
from supplychain.orders.rules.states import NUMBERS_SAID, ChangeRequest
from supplychain.orders.rules.waits import has_run_out
from supplychain.orders.statuses import OPEN_ORDER_STATUSES, WaitLimit
from supplychain.sites.models import Site
from supplychain.sql import read, texts
from supplychain.transport.models import Collection, Shipment
from supplychain.transport.queries import arrivals_of
from supplychain.transport.statuses import ShipmentStatus

ORDER_COLUMNS = (
    "id", "coi", "coi_issuer", "patient_reference", "flow_id", "ordering_site_id", "collection_site_id",
    "infusion_site_id", "plant_id", "priority", "ordered_at", "status", "current_stage", "attempt", "promised_at",
    "confirmed_at", "held_at", "infused_at", "cancelled_at", "closed_at", "version", "last_recorded_at",
    "change_request",
)  # fmt: skip
# Fields of OrderSummary that are columns as they are; columns 4 to 8 are ids whose codes are shown.
FIRST_FIELDS = ("id", "coi", "coi_issuer", "patient_reference")
SITE_FIELDS = ("ordering_site", "collection_site", "infusion_site", "plant")
LAST_FIELDS = (*ORDER_COLUMNS[9:-2], "updated_at")
CHANGE = ORDER_COLUMNS.index("change_request")
RUN_COLUMNS = (
    "stage__code", "stage__name", "attempt", "status", "site__code", "pool", "resource", "ready_at", "started_at",
    "completed_at", "failed_at", "held_at", "planned_start_at", "planned_end_at", "stage__planned_hours",
    "stage__worst_hours", "stage__may_end_after_release", "details",
)  # fmt: skip
COLLECTION_COLUMNS = (
    "stage_run__attempt", "site__code", "status", "donation_number", "planned_start_at", "planned_end_at", "started_at",
    "ended_at",
)  # fmt: skip
SHIPMENT_COLUMNS = (
    "stage_run__attempt", "direction", "from_site__code", "to_site__code", "status", "courier", "tracking_number",
    "planned_pickup_at", "planned_delivery_at", "picked_up_at", "delivered_at", "shipper_number", "qualified_until",
    "expected_delivery_at", "arrival_unknown", "delays", "packing", "unpacking", "packaging_faults",
)  # fmt: skip
STATUS = SHIPMENT_COLUMNS.index("status")
TO_COME = (ShipmentStatus.PLANNED, ShipmentStatus.IN_TRANSIT)
BATCH_COLUMNS = (
    "attempt", "number", "plant__code", "suite__code", "status", "started_at", "harvested_at", "released_at",
    "failed_at",
)  # fmt: skip
PREDICTION_COLUMNS = (
    "made_at", "model", "paths", "promised_at", "ready_low", "ready_median", "ready_high",
    "widened_low_hours", "widened_high_hours", "infused_median", "baseline_ready_at", "p_late",
    "p_wait_expires", "p_no_dose",
)  # fmt: skip

# By orders alone, then what is raised (sorted as queries.flags.URGENT_FIRST): as one condition PostgreSQL reads all
# raised flags for a page while the table has no statistics, as after an import or a restore.
RAISED_SQL = """WITH known AS MATERIALIZED (
    SELECT order_id, id, code, severity, stage, subject, harm, act_by, cleared_at FROM batches_flag
    WHERE order_id = ANY(%(ids)s::uuid[]))
    SELECT order_id, id, code, severity, stage, subject, harm = %(settled)s FROM known WHERE cleared_at IS NULL
    ORDER BY harm, severity DESC, act_by, id"""


@dataclass(frozen=True, slots=True)
class Codes:
    """Codes of all sites, and product, code and version of all flows, by id."""

    sites: dict[UUID, str]
    flows: dict[UUID, tuple[str, str, int]]

    @classmethod
    def read(cls) -> Self:
        """Two small queries; both tables have some dozens of rows."""
        flows = Flow.objects.values_list("pk", "product__code", "code", "version")
        return cls(dict(Site.objects.values_list("pk", "code")), {row[0]: row[1:] for row in flows})


def order_summaries(rows: Sequence[tuple], *, now: datetime) -> list[OrderSummary]:
    """A page of orders with their raised flags in short and what is said of them at `now`."""
    ids = [row[0] for row in rows]
    flags, codes, ready, ahead = _raised_in_short(ids), Codes.read(), ready_forecasts(ids, now), stages_to_end(ids, now)
    return [OrderSummary(**_fields(row, codes, ready.get(row[0]), ahead), flags=flags[row[0]]) for row in rows]


def order_detail(site_ids: Iterable[UUID], order_id: UUID, *, now: datetime) -> OrderDetail | None:
    """All that is known of an order; None unless one of these sites takes part in it."""
    order = PatientOrder.objects.of_sites(site_ids).filter(pk=order_id)
    row = order.values_list(*ORDER_COLUMNS, "surprises").first()
    if row is None:
        return None
    budgets = [_budget_body(one, now) for one in hold_budgets_of([order_id], now).get(order_id, ())]
    return OrderDetail(
        **_fields(row, Codes.read(), ready_forecasts([order_id], now).get(order_id), stages_to_end([order_id], now)),
        flags=raised_flags(order_id, now=now),
        surprises=row[-1],
        identifiers=_identifiers(order_id),
        stage_runs=_stage_runs(order_id),
        collections=_collections(order_id),
        shipments=_shipments(order_id, budgets, now),
        hold_budgets=budgets,
        batches=_batches(order_id),
        prediction=_prediction(order_id, now) if row[11] in OPEN_ORDER_STATUSES else None,
    )


def _fields(row: Sequence, codes: Codes, ready: ReadyForecast | None, ahead: Mapping[UUID, str]) -> dict[str, Any]:
    """The fields of OrderSummary but the flags, for a row of ORDER_COLUMNS; `ahead`: by order, the stage that is
    reported to end at a moment still to come."""
    product, flow, version = codes.flows[row[4]]
    fields = dict(zip(FIRST_FIELDS, row[:4], strict=True)) | dict(zip(LAST_FIELDS, row[9:], strict=False))
    fields |= {name: codes.sites[site_id] for name, site_id in zip(SITE_FIELDS, row[5:9], strict=True)}
    slack = ready.told_slack_hours if ready else None
    return fields | {
        "current_stage": ahead.get(row[0], fields["current_stage"]),
        "product": product,
        "flow": flow,
        "flow_version": version,
        "forecast_ready_at": ready.ready_at if ready else None,
        "slack_hours": slack if slack is None else round(slack, 2),
        "forecast": _ready_body(ready) if ready else None,
        "change_request": _change_body(row[CHANGE]),
    }


def _change_body(row: dict[str, str] | None) -> ChangeRequestBody | None:
    change = ChangeRequest.from_row(row)
    if change is None:
        return None
    said = {name: getattr(change, name) or None for name in ChangeRequestBody.__struct_fields__}
    return ChangeRequestBody(**said | {"reason": change.reason, "outcome_reason": change.outcome_reason})


def _ready_body(ready: ReadyForecast) -> ReadyBody:
    late = None if ready.told_late is None else round(ready.told_late, 4)
    dates = (ready.ready_from, ready.ready_at, ready.ready_to)
    return ReadyBody(ready.basis, *dates, late, ready.made_at, ready.rests_on, ready.unsure if ready.is_unsure else "")


def _raised_in_short(order_ids: Sequence[UUID]) -> dict[UUID, list[RaisedFlag]]:
    flags: dict[UUID, list[RaisedFlag]] = defaultdict(list)
    for order_id, *row in read(RAISED_SQL, ids=texts(order_ids), settled=Harm.SETTLED.value):
        flags[order_id].append(RaisedFlag(*row))
    return flags


def _identifiers(order_id: UUID) -> list[IdentifierBody]:
    rows = Identifier.objects.filter(order=order_id).annotate(stands=Stands()).order_by("recorded_at", "id")
    return [IdentifierBody(*row) for row in rows.values_list("kind", "issuer", "value", "stands")]


def _stage_runs(order_id: UUID) -> list[StageRunBody]:
    """In board order, attempts one after the other; the last run of a stage is the one that counts."""
    runs = StageRun.objects.filter(order=order_id).order_by("attempt", "stage__position")
    rows = list(runs.values_list(*RUN_COLUMNS))
    newest = {row[0]: row[2] for row in rows}
    return [StageRunBody(*row[:3], newest[row[0]] == row[2], *row[3:-1], _told(row[-1])) for row in rows]


def _told(details: dict[str, Any]) -> dict[str, Any]:
    """Without who said each number: that is kept for the rules."""
    return {name: value for name, value in details.items() if name != NUMBERS_SAID}


def _collections(order_id: UUID) -> list[CollectionBody]:
    rows = Collection.objects.filter(stage_run__order=order_id).order_by("stage_run__attempt")
    return [CollectionBody(*row) for row in rows.values_list(*COLLECTION_COLUMNS)]


def _shipments(order_id: UUID, budgets: Sequence[HoldBudgetBody], now: datetime) -> list[ShipmentBody]:
    rows = Shipment.objects.filter(stage_run__order=order_id)
    rows = rows.order_by("stage_run__attempt", "stage_run__stage__position")
    rows = list(rows.values_list(*SHIPMENT_COLUMNS, "stage_run__stage__code", "stage_run"))
    arrivals = _arrivals(order_id, now) if any(row[STATUS] in TO_COME for row in rows) else {}
    of_run = {(one.attempt, one.stage): one for one in budgets}
    return [
        ShipmentBody(
            *row, *shipment_parts(delays, packing, unpacking, faults), of_run.get((row[0], stage)), arrivals.get(run)
        )
        for *row, delays, packing, unpacking, faults, stage, run in rows
    ]


def _arrivals(order_id: UUID, now: datetime) -> dict[UUID, ArrivalBody]:
    """When its shipments to come are expected, by their run; one query, two where nobody said it of one."""
    to_come = StageRun.objects.filter(order=order_id, shipment__status__in=TO_COME)
    runs = list(to_come.select_related("order", "stage", "shipment"))
    shown = arrivals_of(runs[0].order, runs, now) if runs else {}
    return {run: ArrivalBody(*one.arrival) for run, one in shown.items() if one.arrival}


def _budget_body(budget: HoldBudget, now: datetime) -> HoldBudgetBody:
    left = budget.left_hours(now)
    return HoldBudgetBody(
        budget.stage, budget.attempt, budget.ended_by, WaitLimit(budget.limit), budget.since, budget.until,
        round(budget.permitted_hours, 2), budget.begins_at, budget.latest_at, left if left is None else round(left, 2),
        budget.if_lifted, budget.is_before_news,
    )  # fmt: skip


def _prediction(order_id: UUID, now: datetime) -> OrderPrediction | None:
    """What stands in the ledger."""
    row = (
        Prediction.objects.filter(order=order_id, superseded_at=None)
        .values(*PREDICTION_COLUMNS, "evidence", is_used=Coalesce("line__calibration_state__is_used", True))
        .first()
    )
    if row is None:
        return None
    evidence = row.pop("evidence")
    chances = {name: _futures(row.pop(f"p_{name}"), evidence.get(name)) for name in ("late", "wait_expires", "no_dose")}
    runs = StageRun.objects.filter(order=order_id).select_related("stage").order_by("stage__position", "attempt")
    return OrderPrediction(
        **row,
        **chances,
        waits_over=[run.stage.code for run in runs if has_run_out(run, now)],
        contributes=evidence.get("contributes"),
        rescue=evidence.get("rescue"),
    )


def _futures(share: float | None, counted: dict[str, Any] | None) -> FutureShare | None:
    if share is None:
        return None
    known = counted or {}
    return FutureShare(share, known.get("low", 0.0), known.get("high", 1.0), known.get("stage", ""))


def _batches(order_id: UUID) -> list[BatchBody]:
    return [
        BatchBody(*row) for row in Batch.objects.filter(order=order_id).order_by("attempt").values_list(*BATCH_COLUMNS)
    ]
