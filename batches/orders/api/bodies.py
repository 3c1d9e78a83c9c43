"""What is sent of an order. Durations in hours; sites, products and flows by their codes."""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import Meta

from batches.flags.api.bodies import FlagSummary
from batches.forecasts.rules.ready import ReadyBasis
from batches.judgement.statuses import FlagCode, Severity
from batches.manufacturing.statuses import BatchStatus
from batches.orders.api.shipment_bodies import DelayBody, PackagingFaultBody, PackingBody, UnpackingBody
from supplychain.flows.statuses import Direction
from supplychain.identifiers.statuses import IdentifierKind
from supplychain.orders.rules.placing import Moment
from supplychain.orders.statuses import (
    ChangeCause,
    ChangeOutcome,
    ChangeWish,
    OrderStatus,
    Priority,
    StageStatus,
    WaitLimit,
)
from supplychain.reasons import MOST_REPORTED
from supplychain.transport.statuses import ArrivalBasis, CollectionStatus, ShipmentStatus


class RaisedFlag(msgspec.Struct):
    """A flag in short, in a list of orders. `is_settled`: quality assurance decided on it, and nothing is left to do;
    its severity is history then."""

    id: UUID
    code: FlagCode
    severity: Severity
    stage: str
    subject: str
    is_settled: bool


class ReadyBody(msgspec.Struct):
    """When the dose is ready to infuse, the same on every page, in every flag and mail.
    `basis`: `simulated_futures` (8 of 10 cases lie between `ready_from` and `ready_to`; empty: later than can be
    foreseen), `usual_durations` (no range: no simulation of it counts now) or `fact` (it is ready since `ready_at`).
    `late`: probability (0–1) that it is ready after the promise; empty: not known. `made_at`: when that was said first.
    `assumes`: a condition in words, such as that the hold were lifted now. `unsure`: why nobody knows whether the
    promise is kept (`late` and `slack_hours` are empty then)."""

    basis: ReadyBasis
    ready_from: Moment | None
    ready_at: Moment | None
    ready_to: Moment | None
    late: float | None
    made_at: Moment
    assumes: str
    unsure: str


class ChangeRequestBody(msgspec.Struct):
    """What a treatment centre asked of the plant last. `event`: id of the asking event, which an answer names as
    `request`; `wanted_at`: to when it is to be postponed; `replaces`: the wish that still stood then; `outcome` empty:
    not answered yet."""

    event: UUID
    wish: ChangeWish
    cause: ChangeCause
    reason: str
    asked_at: Moment
    wanted_at: Moment | None
    replaces: ChangeWish | None
    outcome: ChangeOutcome | None
    outcome_event: UUID | None
    outcome_reason: str
    outcome_at: Moment | None


class OrderSummary(msgspec.Struct, kw_only=True):
    """One therapy for one patient: who, where, how far.

    `forecast` is what every reader says of an open order, `forecast_ready_at` its moment, `slack_hours` what the
    promise leaves over it (negative: too late); empty without either, or where nobody knows (`forecast.unsure`).
    """

    id: UUID
    coi: str
    coi_issuer: str
    patient_reference: str
    product: str
    flow: str
    flow_version: int
    ordering_site: str
    collection_site: str
    infusion_site: str
    plant: str
    priority: Priority
    ordered_at: Moment
    status: OrderStatus
    current_stage: str
    attempt: int
    promised_at: Moment | None
    confirmed_at: Moment | None
    held_at: Moment | None
    infused_at: Moment | None
    cancelled_at: Moment | None
    closed_at: Moment | None
    version: int
    updated_at: Moment | None
    forecast_ready_at: Moment | None
    slack_hours: float | None
    forecast: ReadyBody | None
    change_request: ChangeRequestBody | None
    flags: list[RaisedFlag]


class StageRunBody(msgspec.Struct):
    """One stage in one attempt, that waited from `ready_at` to `started_at`. `counts`: no later attempt has repeated
    it. `may_end_after_release`: the flow lets the dose be given before it ends (a final sterility test)."""

    stage: str
    name: str
    attempt: int
    counts: bool
    status: StageStatus
    site: str
    pool: str
    resource: str
    ready_at: Moment | None
    started_at: Moment | None
    completed_at: Moment | None
    failed_at: Moment | None
    held_at: Moment | None
    planned_start_at: Moment | None
    planned_end_at: Moment | None
    planned_hours: float
    worst_hours: float
    may_end_after_release: bool
    details: dict[str, Any]


class CollectionBody(msgspec.Struct):
    """One apheresis: appointment and what came of it."""

    attempt: int
    site: str
    status: CollectionStatus
    donation_number: str
    planned_start_at: Moment | None
    planned_end_at: Moment | None
    started_at: Moment | None
    ended_at: Moment | None


class HoldBudgetBody(msgspec.Struct):
    """What is left of a limit that runs for the cells. `stage`: whose wait it is, or the transport whose shipper keeps
    them cold; `ended_by`: the stage that takes them up; `begins_at`: when that is begun in half of the simulations,
    `begins_latest_at`: in 19 of 20; empty: not known. `left_hours`: from now, negative: too little; empty: not known.
    `if_lifted`: only if the hold were lifted now; `is_before_news`: foreseen before the last report."""

    stage: str
    attempt: int
    ended_by: str
    limit: WaitLimit
    since: Moment
    until: Moment
    permitted_hours: float
    begins_at: Moment | None
    begins_latest_at: Moment | None
    left_hours: float | None
    if_lifted: bool
    is_before_news: bool


class ArrivalBody(msgspec.Struct):
    """When a shipment is expected to arrive: as was said of it last, as its delivery is booked, or by its lane."""

    at: Moment
    by: ArrivalBasis


class ShipmentBody(msgspec.Struct):
    """One transport: cells to the plant or the dose to the infusion site. `expected_delivery_at`: as it was said last,
    as planned or moved since; null where nobody said it or, `arrival_unknown`, somebody said that nobody knows.
    `hold_budget`: while its cells' time runs. `arrival`: as forecasts and budgets count on it; null where nothing says
    when it arrives, what says it has passed, it is on hold or over."""

    attempt: int
    direction: Direction
    from_site: str
    to_site: str
    status: ShipmentStatus
    courier: str
    tracking_number: str
    planned_pickup_at: Moment | None
    planned_delivery_at: Moment | None
    picked_up_at: Moment | None
    delivered_at: Moment | None
    shipper_number: str
    qualified_until: Moment | None
    expected_delivery_at: Moment | None
    arrival_unknown: bool
    delays: list[DelayBody]
    packing: PackingBody | None
    unpacking: UnpackingBody | None
    packaging_faults: list[PackagingFaultBody]
    hold_budget: HoldBudgetBody | None = None
    arrival: ArrivalBody | None = None


class BatchBody(msgspec.Struct):
    """One manufacturing attempt."""

    attempt: int
    number: str
    plant: str
    suite: str | None
    status: BatchStatus
    started_at: Moment | None
    harvested_at: Moment | None
    released_at: Moment | None
    failed_at: Moment | None


class IdentifierBody(msgspec.Struct):
    """A code that the order bears or bore, and who issued it. `stands`: it is the order's; false: a later report put
    another number in its place, or it was withdrawn, and it leads here no more."""

    kind: IdentifierKind
    issuer: str
    value: str
    stands: bool


class FutureShare(msgspec.Struct):
    """Of the simulations the share (0–1) in which something happens, with its 95 % Monte-Carlo interval.

    `stage`: where a permitted wait runs out most often.
    """

    share: float
    low: float
    high: float
    stage: str = ""


class OrderPrediction(msgspec.Struct):
    """What `paths` simulations of the line say of an order: how we know, `forecast` is what we say.

    `ready_low` to `ready_high`: the 80 % interval, its ends moved outward by `widened_low_hours` and
    `widened_high_hours` as past errors ask for. `late`: ready after the promise, if a dose comes, of the same corrected
    dates (`count` and `of`: as simulated); 0.1 or more where `ready_high` is after the promise.
    `contributes`: the stage that exceeds its plan by most. `waits_over`: codes of the stages whose permitted wait has
    run out; `wait_expires` does not count those. `rescue`: the cheapest one that was found, and what was tried.
    `is_used`: whether flags rest on the model; where it was worse than the plain medians they rest on the slack.
    """

    made_at: Moment
    model: str
    paths: int
    is_used: bool
    promised_at: Moment | None
    ready_low: Moment | None
    ready_median: Moment | None
    ready_high: Moment | None
    widened_low_hours: float
    widened_high_hours: float
    infused_median: Moment | None
    baseline_ready_at: Moment | None
    late: FutureShare | None
    wait_expires: FutureShare
    waits_over: list[str]
    no_dose: FutureShare
    contributes: dict[str, Any] | None
    rescue: dict[str, Any] | None


class OrderDetail(OrderSummary, kw_only=True):
    """An order with all that is known of it. `flags` are the raised ones, in full; `prediction`: while it is open;
    `hold_budgets`: of the limits that run for its cells, the first to end first; `warnings`: told to who places it."""

    flags: list[FlagSummary]
    surprises: list[dict[str, Any]]
    identifiers: list[IdentifierBody]
    stage_runs: list[StageRunBody]
    collections: list[CollectionBody]
    shipments: list[ShipmentBody]
    batches: list[BatchBody]
    prediction: OrderPrediction | None
    hold_budgets: list[HoldBudgetBody]
    warnings: list[str] = []


class NewPromise(msgspec.Struct):
    """Another promised date. `reason`: why; needed where the dose is hardly ready by then."""

    promised_at: Moment
    reason: Annotated[str, Meta(max_length=MOST_REPORTED)] = ""
