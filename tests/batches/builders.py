"""Facts of one order without a database: the journey of DOMAIN §2, its stages as far along as a test says."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from batches.judgement.rules.facts import OrderFacts, RunFacts, SharedIdentifier, StageFacts
from batches.judgement.rules.findings import Finding
from supplychain.flows.rules.plans import FlowPlan, StagePlan, in_board_order
from supplychain.flows.statuses import Direction, StageKind, StagePlace
from supplychain.identifiers.statuses import IdentifierKind
from supplychain.orders.rules.waits import StageBefore, permitted_wait
from supplychain.orders.statuses import OrderStatus, StageStatus

T0 = datetime(2026, 3, 2, 8, tzinfo=UTC)
MOMENTS = ("ready_at", "started_at", "completed_at", "failed_at", "held_at", "planned_start_at", "planned_end_at",
           "failed_heard_at")  # fmt: skip
SAID_MOMENTS = ("planned_pickup_at", "planned_delivery_at", "qualified_until")

MAKE, QC, MOVE = StageKind.MANUFACTURING, StageKind.QUALITY_CONTROL, StageKind.TRANSPORT
PLANT, HERE = StagePlace.PLANT, StagePlace.INFUSION_SITE
# code, kind, after, planned, worst, longest wait, pool, place; hours
STAGES = [
    ("enrolment", StageKind.ADMINISTRATIVE, (), 24, 120, None, "", StagePlace.ORDERING_SITE),
    ("collection", StageKind.COLLECTION, ("enrolment",), 6, 12, None, "chair", StagePlace.COLLECTION_SITE),
    ("inbound", MOVE, ("collection",), 24, 60, 24, "courier", PLANT),
    ("receipt", MAKE, ("inbound",), 4, 12, 12, "bench", PLANT),
    ("selection", MAKE, ("receipt",), 12, 24, 48, "suite", PLANT),
    ("transduction", MAKE, ("selection",), 24, 48, 4, "suite", PLANT),
    ("expansion", MAKE, ("transduction",), 168, 264, 0, "suite", PLANT),
    ("harvest", MAKE, ("expansion",), 12, 24, 0, "suite", PLANT),
    ("qc_release_tests", QC, ("harvest",), 168, 240, None, "qc_lane", PLANT),
    ("sterility_final", QC, ("harvest",), 336, 360, None, "qc_lane", PLANT),
    ("disposition", StageKind.RELEASE, ("qc_release_tests",), 24, 96, None, "qa_reviewer", PLANT),
    ("outbound", MOVE, ("disposition",), 24, 96, None, "courier", PLANT),
    ("site_receipt", StageKind.CUSTODY, ("outbound",), 2, 6, None, "", HERE),
    ("infusion", StageKind.INFUSION, ("site_receipt",), 2, 4, 8760, "bed", HERE),
]
CODES = [row[0] for row in STAGES]
KEEPS_POOL = ("transduction", "expansion", "harvest")


def at(hours: float) -> datetime:
    """A moment `hours` after T0."""
    return T0 + timedelta(hours=hours)


def hours_after_start(moment: datetime | None) -> float | None:
    """The reverse of `at`."""
    return None if moment is None else (moment - T0).total_seconds() / 3600


def journey() -> FlowPlan:
    """The flow of DOMAIN §2."""
    directions = {"inbound": Direction.INBOUND, "outbound": Direction.OUTBOUND}
    plans = [
        StagePlan(
            UUID(int=position + 1), code, code.replace("_", " ").capitalize(), kind, position, after, planned, worst,
            wait, pool, code in KEEPS_POOL, place, directions.get(code, ""), code == "sterility_final",
        )
        for position, (code, kind, after, planned, worst, wait, pool, place) in enumerate(STAGES)
    ]  # fmt: skip
    return FlowPlan(UUID(int=99), "journey", 1, "selection", in_board_order(plans))


FLOW = journey()


def a_run(code: str, status: str = StageStatus.PENDING, attempt: int = 1, **given: Any) -> RunFacts:
    """A run; moments are given in hours after T0, for example `started=5`, `planned_end=30`, `qualified_until=90`."""
    values: dict[str, Any] = dict.fromkeys((*MOMENTS, *SAID_MOMENTS))
    for name, hours in given.items():
        column = name if name in SAID_MOMENTS else f"{name}_at"
        column = column if column in values else name
        values[column] = at(hours).isoformat() if column in SAID_MOMENTS else at(hours)
    return RunFacts(code, attempt, "a site", FLOW.stages[code].pool, status, **values)


def waiting(code: str, ready: float = 0, **given: Any) -> RunFacts:
    return a_run(code, StageStatus.READY, ready=ready, **given)


def running(code: str, started: float = 0, **given: Any) -> RunFacts:
    return a_run(code, StageStatus.RUNNING, started=started, **given)


def completed(code: str, hours: float = 0, **given: Any) -> RunFacts:
    return a_run(code, StageStatus.COMPLETED, started=hours, completed=hours, **given)


def failed(code: str, hours: float = 0, **given: Any) -> RunFacts:
    return a_run(code, StageStatus.FAILED, started=hours, failed=hours, **given)


def with_wait(run: RunFacts, plan: StagePlan, before: list[StageFacts]) -> RunFacts:
    """The run with its permitted wait, as the fold keeps it."""
    if run.ready_at is None:
        return run
    known = [StageBefore(one.plan, one.run.attempt, one.run.cold_until) for one in before]
    wait = permitted_wait(plan, run.attempt, run.ready_at, known)
    if wait is None:
        return run
    return run._replace(wait_until=wait.until, wait_limit=wait.limit, wait_expires_at=wait.expires_at)


def an_order(
    *runs: RunFacts,
    done_until: str = "",
    queues: dict[str, float] | None = None,
    work: dict[str, float] | None = None,
    **given: Any,
) -> OrderFacts:
    """An order whose stages up to `done_until` are completed and whose others are as in `runs`, else pending.

    `queues`: hours of queue by pool; `work`: usual hours by stage, else the planned ones.
    """
    said = {run.stage: run for run in runs}
    done = CODES[: CODES.index(done_until) + 1] if done_until else []
    stages = {}
    for code, plan in FLOW.stages.items():
        run = said.get(code) or (completed(code) if code in done else a_run(code))
        hours = (work or {}).get(code, plan.planned_hours)
        run = with_wait(run, plan, [stages[before] for before in plan.after])
        stages[code] = StageFacts(plan, run, hours, "planned", (queues or {}).get(plan.pool, 0.0))
    for name in ("promised", "held", "last_recorded", "ended", "ended_heard"):
        if name in given:
            given[f"{name}_at"] = at(given.pop(name))
    order: dict[str, Any] = {"status": OrderStatus.IN_PROGRESS, "attempt": 1, "ordered_at": T0} | given
    return OrderFacts(id=UUID(int=7), flow=FLOW, stages=stages, **order)


def a_shared(kind: IdentifierKind = IdentifierKind.DONATION, **given: Any) -> SharedIdentifier:
    values = {"value": "G123498654321", "other_id": UUID(int=8), "other_coi": "COI-8", "same_patient": False}
    values |= {"since": T0, "other_kind": kind, "stands": True, "is_cancelled": False, "may_be_named": True}
    return SharedIdentifier(kind, **(values | given))


def a_surprise(
    reason: str, stage: str = "selection", attempt: int = 1, hours: float = 1, event: int = 3
) -> dict[str, Any]:
    text = f"{stage.capitalize()} started {reason}"
    return {
        "reason": reason, "stage": stage, "attempt": attempt, "event": str(UUID(int=event)),
        "at": at(hours).isoformat(), "text": text,
    }  # fmt: skip


def subjects(findings: list[Finding]) -> list[tuple[str, str, str]]:
    """(code, stage, severity) of each finding, sorted: what people would notice."""
    return sorted((finding.code.value, finding.stage, finding.severity.value) for finding in findings)
