"""What a collection's record and checklist say, item by item, with what is open and until when its cells may wait."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from supplychain.flows.queries import flow_plan
from supplychain.flows.rules.checklists import CheckItem, all_items
from supplychain.flows.rules.plans import StagePlan
from supplychain.orders.actions.store import load_facts
from supplychain.orders.models import PatientOrder, StageRun
from supplychain.orders.queries import order_state
from supplychain.orders.rules.collections import (
    ItemAnswer,
    OpenPoint,
    answers_of,
    frozen_until,
    is_earlier,
    is_of_collections,
    open_points,
    value_words,
)
from supplychain.orders.rules.duties import Roles, right_problem
from supplychain.orders.rules.states import ANSWERS, OPEN_REASON, STORED_BAGS, OrderState, RunState
from supplychain.orders.statuses import StageEventKind
from supplychain.people.models import User
from supplychain.sentences import moment_mark
from supplychain.systems.models import SourceSystem
from supplychain.withdrawals import standing_part
from supplychain.words import span_words

HOURS_IN_DAY = 24


@dataclass(frozen=True, slots=True)
class ShownAnswer:
    """An answer in words, with who gave it."""

    words: str
    given: ItemAnswer
    by: str


@dataclass(frozen=True, slots=True)
class ShownItem:
    """An item with all its answers, the one that counts last; `item` None: its flow does not ask it."""

    code: str
    asked: str
    item: CheckItem | None
    answers: Sequence[ShownAnswer]
    point: OpenPoint | None

    @property
    def newest(self) -> ShownAnswer | None:
        """The answer that counts."""
        return self.answers[-1] if self.answers else None

    @property
    def earlier(self) -> Sequence[ShownAnswer]:
        """Those before it, the newest first."""
        return self.answers[-2::-1]


@dataclass(frozen=True, slots=True)
class ShownCollection:
    """One collection of an order. `clock`: since when, and until when its cells may wait, in sentences; `open_reason`:
    why it was reported completed although something was open."""

    plan: StagePlan
    run: RunState
    items: Sequence[ShownItem]
    points: Sequence[OpenPoint]
    clock: Sequence[str]
    frozen_until: datetime | None
    wait_until: datetime | None
    open_reason: str
    flow_version: int

    @property
    def may_be_earlier(self) -> bool:
        """Whether it can still be said that the cells were collected before the order."""
        has_begun = self.run.started_at or self.run.is_done or self.run.failed_at
        return self.plan.frozen_for_hours is not None and not has_begun

    @property
    def is_earlier(self) -> bool:
        """Whether the cells were collected before the order."""
        return is_earlier(self.plan, self.run)

    @property
    def answered(self) -> Sequence[ShownItem]:
        """The items that have an answer."""
        return [one for one in self.items if one.answers]


def collections_of(order: PatientOrder, now: datetime, runs: Sequence[StageRun] | None = None) -> list[ShownCollection]:
    """The collections of an order, the counting attempt last; three queries where anything was answered."""
    state = order_state(order, runs)
    found = [run for run in state.runs.values() if is_of_collections(state.flow.stages.get(run.stage))]
    kinds = (StageEventKind.COLLECTION_CHECKED,)
    is_answered = any(ANSWERS in run.details for run in found)
    facts = load_facts([order.pk], kinds=kinds)[order.pk] if is_answered else []
    names = _names({fact.reporter for fact in facts})
    return [
        _shown(state, run, answers_of(facts, run), names, now) for run in sorted(found, key=lambda run: run.attempt)
    ]


def collections_to_record(order: PatientOrder, runs: Sequence[StageRun], roles: Roles) -> list[StagePlan]:
    """The collections of its attempt now of which nothing is known yet, where these roles fill in its record."""
    stages = flow_plan(order.flow_id).stages
    plans = [
        stages[run.stage.code] for run in runs if run.attempt == order.attempt and not standing_part(run, "collection")
    ]
    asked = [plan for plan in plans if is_of_collections(plan) and order.is_open]
    return [plan for plan in asked if not right_problem(plan, StageEventKind.COLLECTION_CHECKED, roles)]


def _names(reporters: set[str]) -> dict[str, str]:
    """Who they are, by id."""
    if not reporters:
        return {}
    people = {str(one.pk): str(one) for one in User.objects.filter(pk__in=reporters)}
    return people | {str(one.pk): one.name for one in SourceSystem.objects.filter(pk__in=reporters)}


def _shown(
    state: OrderState, run: RunState, answers: Mapping[str, list[ItemAnswer]], names: Mapping[str, str], now: datetime
) -> ShownCollection:
    plan = state.flow.stages[run.stage]
    points = open_points(plan, run)
    by_code = {point.code: point for point in points}
    items = {item.code: item for item in all_items(plan.checklist)}
    wait_until = _wait_until(state, run)
    return ShownCollection(
        plan=plan,
        run=run,
        items=[
            ShownItem(
                code, _asked(items.get(code), code, answers.get(code, [])), items.get(code),
                [ShownAnswer(value_words(items.get(code), one.value), one, names.get(one.by, ""))
                 for one in answers.get(code, [])],
                by_code.get(code),
            )
            for code in dict.fromkeys((*items, *answers))
        ],
        points=points,
        clock=_clock(plan, run, wait_until, now),
        frozen_until=frozen_until(plan, run),
        wait_until=wait_until,
        open_reason=str(run.details.get(OPEN_REASON, "")),
        flow_version=state.flow.version,
    )  # fmt: skip


def _asked(item: CheckItem | None, code: str, answers: Sequence[ItemAnswer]) -> str:
    """How the item is asked; one that the flow does not know as it was asked, or by its code."""
    told = next((one.asked for one in reversed(answers) if one.asked), "")
    return item.text if item else told or code


def _wait_until(state: OrderState, run: RunState) -> datetime | None:
    """Until when what follows must have begun, as it is kept with the runs that wait for this one; what has begun waits
    no more."""
    after = [plan.code for plan in state.flow.stages.values() if run.stage in plan.after]
    runs = [state.run_of(code, run.attempt) for code in after]
    return min((one.wait_until for one in runs if one.wait_until and not one.started_at), default=None)


def _clock(plan: StagePlan, run: RunState, wait_until: datetime | None, now: datetime) -> list[str]:
    """When the clock of the cells began, and until when they may wait."""
    if run.completed_at is None:
        return ["The clock of the cells begins with the end of the collection."]
    began = f"The clock of the cells began {moment_mark(run.completed_at)}, with the end of the collection"
    if until := frozen_until(plan, run):
        days = round((plan.frozen_for_hours or 0) / HOURS_IN_DAY)
        left = f"{span_words(until - now)} left" if until > now else "that has passed: quality assurance decides"
        bags = run.details.get(STORED_BAGS)
        kept = f" {bags} bag{'s' if bags != 1 else ''} of them {'are' if bags != 1 else 'is'} stored." if bags else ""
        return [f"{began}.{kept} Cryopreserved cells may be used for {days} days: until {moment_mark(until)}, {left}."]
    if wait_until is None:
        return [f"{began}."]
    left = f"{span_words(wait_until - now)} left" if wait_until > now else "that has passed"
    return [f"{began}: the cells may wait until {moment_mark(wait_until)} for what comes next ({left})."]
