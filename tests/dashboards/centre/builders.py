"""Orders as the cards of a centre read them, without a database: where they stand in a shipped flow."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings

from batches.flags.rules.harm import USUAL
from batches.judgement.statuses import FlagCode, Severity
from dashboards.centre.rules.facts import CardFacts, FlagFacts
from supplychain.flows.rules.checks import check_flow
from supplychain.flows.rules.plans import FlowPlan, StagePlan, in_board_order
from supplychain.flows.statuses import StagePlace
from supplychain.orders.rules.fold import keep_waits
from supplychain.orders.rules.states import OrderState, RunState
from supplychain.orders.statuses import StageStatus
from supplychain.people.statuses import Role

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)  # a Monday, 09:00 in Oslo
OSLO = ZoneInfo("Europe/Oslo")
COORDINATOR = frozenset({Role.SITE_COORDINATOR.value})
CENTRE = (StagePlace.ORDERING_SITE.value, StagePlace.COLLECTION_SITE.value, StagePlace.INFUSION_SITE.value)


def hours(number: float) -> timedelta:
    return timedelta(hours=number)


def shipped_flow(code: str) -> FlowPlan:
    """A flow as it is shipped, as the rules see it."""
    text = (Path(settings.BASE_DIR) / "supplychain/flows" / f"{code}.yaml").read_text()
    flow = check_flow(text).definition
    stages = [
        StagePlan(
            id=UUID(int=number + 1), position=number,
            **{name: getattr(stage, name) for name in stage.__dataclass_fields__},
        )
        for number, stage in enumerate(flow.stages)
    ]  # fmt: skip
    return FlowPlan(UUID(int=9), flow.code, 1, flow.restart_stage, in_board_order(stages))


def run_of(stage: str, status: str, **given) -> RunState:
    """A run in this status, with the moments that go with it: since two hours ago."""
    since = NOW - hours(2)
    moments = {
        StageStatus.READY: {"ready_at": since},
        StageStatus.RUNNING: {"ready_at": since, "started_at": since},
        StageStatus.HELD: {"ready_at": since, "held_at": since},
        StageStatus.FAILED: {"ready_at": since, "started_at": since, "failed_at": since},
        StageStatus.COMPLETED: {"ready_at": since, "started_at": since, "completed_at": since},
    }
    return RunState(given.pop("attempt", 1), stage, str(status), **moments.get(status, {}) | given)


def standing_at(flow: FlowPlan, stage: str, status: str, /, *, run: dict | None = None, **given) -> CardFacts:
    """An order of the coordinator's own centre that stands at this stage: everything it waits for is completed."""
    behind = [code for code in flow.stages if stage in flow.followers[code] and code != stage]
    runs = {code: run_of(code, StageStatus.COMPLETED) for code in behind}
    runs[stage] = run_of(stage, status, **run or {})
    runs |= given.pop("runs", {})
    state = OrderState(
        flow, runs={(1, code): each for code, each in runs.items()}, touched={(1, code) for code in runs}
    )
    state.runs = {(1, code): RunState(1, code) for code in flow.stages} | state.runs
    keep_waits(state)
    facts = {
        "status": "in_progress", "ordered_at": NOW - hours(100), "own": frozenset(CENTRE),
        "roles": dict.fromkeys(CENTRE, COORDINATOR), "centres": dict.fromkeys(CENTRE, "Oslo"), "current_stage": stage,
    }  # fmt: skip
    return CardFacts(flow=flow, runs=runs, **facts | given)


def flag(code: FlagCode, stage: str = "", severity: Severity = Severity.ATTENTION, **given) -> FlagFacts:
    """A raised flag."""
    return FlagFacts(**{"id": UUID(int=7), "code": code, "stage": stage, "severity": severity, "due": None,
                        "harm": USUAL[code], "is_acknowledged": False} | given)  # fmt: skip
