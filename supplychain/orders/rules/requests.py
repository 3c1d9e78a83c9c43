"""What a person is told and asked before they request an order: the product's journey, and dates that can be kept."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from supplychain.flows.rules.plans import FlowPlan, StagePlan
from supplychain.flows.statuses import StageKind, StagePlace
from supplychain.orders.rules.promises import ExpectedDose
from supplychain.words import span_words

LONG_HOURS = 48
YEAR_HOURS = 365 * 24
WEEK_HOURS = 7 * 24
MONTH_HOURS = 30 * 24
CENTRE_PLACES = (StagePlace.ORDERING_SITE, StagePlace.COLLECTION_SITE, StagePlace.INFUSION_SITE)
# What a centre must be ready to do at its stages.
CENTRE_DUTIES: Mapping[str, str] = {
    StageKind.ADMINISTRATIVE: "confirm that the patient is eligible and has consented",
    StageKind.COLLECTION: "apheresis chair and staff; label every bag with chain of identity and donation number",
    StageKind.CUSTODY: "two people to take the shipper in, compare the label and read the logger; cold storage",
    StageKind.INFUSION: "bed and staff; lymphodepletion only once the product is released and shipped",
}


class RequirementStage(NamedTuple):
    """One stage of the journey in words. `is_yours`: a centre does it, and `duty` says what it takes."""

    name: str
    takes: str
    wait: str
    is_yours: bool
    duty: str


@dataclass(frozen=True, slots=True)
class Requirements:
    """What a product asks for. `planned_hours`: from the order to a dose ready to infuse, if nothing waits; `limits`:
    of its collection, in words, as the checklist has them."""

    stages: tuple[RequirementStage, ...]
    planned_hours: float
    worst_hours: float
    limits: tuple[str, ...] = ()

    @property
    def planned(self) -> str:
        """The planned time in words."""
        return length_words(self.planned_hours)

    @property
    def worst(self) -> str:
        """The longest time still normal, in words."""
        return length_words(self.worst_hours)


def requirements(flow: FlowPlan) -> Requirements:
    """The journey of a flow as a centre needs to know it."""
    return Requirements(
        stages=tuple(_stage(plan) for plan in flow.stages.values()),
        planned_hours=hours_to_ready(flow, {code: plan.planned_hours for code, plan in flow.stages.items()}),
        worst_hours=hours_to_ready(flow, {code: plan.worst_hours for code, plan in flow.stages.items()}),
        limits=tuple(
            f"{item.text}: {item.limits}" for plan in flow.stages.values() for item in plan.checklist if item.limits
        ),
    )


def hours_to_ready(flow: FlowPlan, work_hours: Mapping[str, float]) -> float:
    """Hours until the last stage (the infusion) could start: the longest path, each stage taking `work_hours`."""
    ends: dict[str, float] = {}
    for code, plan in flow.stages.items():
        start = max((ends[before] for before in plan.after), default=0.0)
        if code == flow.exit:
            return start
        ends[code] = start + work_hours[code]
    return max(ends.values(), default=0.0)


def planned_ready_at(flow: FlowPlan, start: datetime) -> datetime:
    """When a dose ordered at `start` is ready if every stage takes its planned hours and none waits."""
    return start + timedelta(hours=requirements(flow).planned_hours)


def wanted_date_problem(wanted_at: datetime, flow: FlowPlan, now: datetime) -> str:
    """Why a wanted date needs a second thought; empty if the plan can keep it."""
    ready_at = planned_ready_at(flow, now)
    if wanted_at >= ready_at:
        return ""
    missing = max(1, round((ready_at - wanted_at) / timedelta(days=1)))
    total = length_words(requirements(flow).planned_hours)
    return (
        f"The journey takes {total} when nothing waits: this is {missing} day{'s' if missing > 1 else ''} too early. "
        "Choose a later date, or say why this one is wanted all the same."
    )


def wanted_date_question(wanted_at: datetime, expected: ExpectedDose | None, flow: FlowPlan, now: datetime) -> str:
    """The same by what is said of a dose ordered now, where anything is: the plan knows no queues, no speed either."""
    if expected is None:
        return wanted_date_problem(wanted_at, flow, now)
    if wanted_at >= expected.ready_from:
        return ""
    short = span_words(expected.ready_from - wanted_at)
    return (
        f"A dose ordered now is ready {expected.said}: this is {short} too early. "
        "Choose a later date, or say why this one is wanted all the same."
    )


def _stage(plan: StagePlan) -> RequirementStage:
    is_yours = plan.place in CENTRE_PLACES
    return RequirementStage(
        name=plan.name,
        takes=f"{length_words(plan.planned_hours)}, at most {length_words(plan.worst_hours)}",
        wait=_wait_words(plan),
        is_yours=is_yours,
        duty=CENTRE_DUTIES.get(plan.kind, "") if is_yours else "",
    )


def _wait_words(plan: StagePlan) -> str:
    """The longest permitted wait before a stage; empty where any wait is permitted."""
    hours = plan.longest_wait_hours
    if hours is None:
        return ""
    return f"begins within {length_words(hours)}" if hours else "follows at once"


def length_words(hours: float) -> str:
    """A length of time as a plan says it: “6 h”, “2 days 12 h”, “14 days”, “12 months”."""
    if hours < LONG_HOURS:
        return f"{hours:g} h"
    if hours < WEEK_HOURS and (rest := hours % 24):
        return f"{hours // 24:g} days {rest:g} h"
    if hours < YEAR_HOURS - 5 * 24:
        return f"{round(hours / 24)} days"
    return f"{round(hours / MONTH_HOURS)} months"
