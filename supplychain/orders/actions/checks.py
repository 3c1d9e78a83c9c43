"""What is checked before a readable report is taken: the same by every way in.

Systems are heard whatever they say of what they did; a person may be told no (21 CFR 11.10(f), (g)), and so is a
hospital's system that cancels after work has begun: that is not what it did, but what the plant decides.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from supplychain.flows.rules.plans import StagePlan
from supplychain.identifiers.rules.donation_numbers import donation_problem
from supplychain.moments import CLOCK_TOLERANCE, NOT_COME_YET
from supplychain.orders.actions.facts import Reporter
from supplychain.orders.actions.mismatches import mismatch_problems, resolving_problems
from supplychain.orders.actions.signing import unsigned_problem
from supplychain.orders.actions.store import LockedOrder, load_facts
from supplychain.orders.actions.withdrawing import EventSaid, events_named, may_withdraw, withdrawal_problems
from supplychain.orders.actions.witnessing import witness_problems
from supplychain.orders.queries import expected_doses, open_stops
from supplychain.orders.rules.agreed_ends import is_new_end
from supplychain.orders.rules.bookings import turned_round
from supplychain.orders.rules.cancelling import too_late_for_coordinators, too_late_for_hospitals
from supplychain.orders.rules.change_requests import REQUEST_KINDS, request_problems, unanswered_problem
from supplychain.orders.rules.delays import delay_doubt
from supplychain.orders.rules.durations import CONFIRMED, hardly_lasted
from supplychain.orders.rules.duties import NEW_ATTEMPT, NO_SYSTEM, roles_at
from supplychain.orders.rules.events import EventReport, reason_problem, stage_problem
from supplychain.orders.rules.fold import fold
from supplychain.orders.rules.interlocks import (
    OVERRIDE,
    Stop,
    binding_stops,
    interlock_problem,
    is_dose_in_doubt,
    right_kept_from,
    stop_of_failure,
)
from supplychain.orders.rules.materials import carries_on, kind_meant, material_stage_problem, names_stage, stage_meant
from supplychain.orders.rules.promises import too_soon_question
from supplychain.orders.rules.second_people import named_problem
from supplychain.orders.rules.states import OPEN_REASON, Fact, OrderState, RunState
from supplychain.orders.rules.withdrawals import (
    REJECTS,
    WITHDRAWN,
    asked_of_second,
    event_named,
    own_part,
    rejected_by,
)
from supplychain.orders.statuses import ASKS_SECOND, MATERIAL_KINDS, OrderEventKind, StageEventKind, StageStatus
from supplychain.reasons import TOO_SHORT, is_no_reason
from supplychain.systems.statuses import SourceKind

# Where people say why they decide.
SAID_WHY = ("reason", OVERRIDE, "donation_reason", OPEN_REASON)


@dataclass(slots=True)
class Checks:
    """What the checks of one transaction's reports need to know of their orders."""

    by: Reporter
    now: datetime
    stops: Mapping[UUID, Sequence[Stop]] = field(default_factory=dict)
    events: Mapping[UUID, EventSaid] = field(default_factory=dict)


def checks_for(
    by: Reporter, orders: Mapping[UUID, LockedOrder], reports: Sequence[EventReport], *, now: datetime
) -> Checks:
    """Read what is needed: nothing for the everyday reports of systems."""
    named = {event_named(report.payload) for report in reports if report.kind == WITHDRAWN} - {None}
    stops = open_stops(orders.keys(), now=now, is_judged_anew=True) if by.user else {}
    return Checks(by, now, stops, events_named(named) if named else {})


def first_problems(checks: Checks | None, report: EventReport, order: LockedOrder) -> list[str]:
    """Why a report is not taken whether it is new or not: its stage, or who says it (None: not asked), does not fit."""
    problem = stage_problem(report, order.flow) or material_stage_problem(report.kind, report.payload, order.flow)
    problem = problem or (right_problem_of(checks, report, order) if checks else "")
    return [problem] if problem else []


def right_problem_of(checks: Checks, report: EventReport, order: LockedOrder) -> str:
    """Why this reporter may not say this of the order (21 CFR 11.10(g)); empty if they may."""
    by = checks.by
    if report.kind == OrderEventKind.MISMATCH:
        return ""  # who may see the order may check it (supplychain.chain)
    if by.user is None:
        return NO_SYSTEM.get(report.kind, "")
    plan, roles = _plan_meant(report, order), roles_at(order.sites, by.rights)
    stops = checks.stops.get(order.id, ())
    if report.kind == WITHDRAWN and may_withdraw(by, checks.events, report, plan, roles):
        return ""
    problems = (
        right_kept_from(plan, kind, roles, binding_stops(order.flow, stops, kind, plan))
        for kind in kinds_meant(report, order)
    )
    problem = next(filter(None, problems), "")
    return f"{'stage' if report.stage else 'kind'}: {problem}" if problem else ""


def _plan_meant(report: EventReport, order: LockedOrder) -> StagePlan | None:
    """The stage of which a report speaks, also with what it says of a material or label; None: of the whole order."""
    if names_stage(report.kind):
        return stage_meant(order.flow, report.kind, report.payload)
    return order.flow.stages.get(report.stage)


def kinds_meant(report: EventReport, order: LockedOrder) -> tuple[str, ...]:
    """All that the report says: its kind, and where its number is higher than the order's that a new attempt begins,
    which is all that a plan with such a number says."""
    if report.kind in MATERIAL_KINDS:
        return (kind_meant(report.kind, report.payload),)
    if report.kind == WITHDRAWN or not report.stage or (report.attempt or 0) <= order.state.attempt:
        return (report.kind,)
    return (NEW_ATTEMPT,) if report.kind == StageEventKind.SCHEDULED else (NEW_ATTEMPT, report.kind)


def problems_of(checks: Checks, report: EventReport, order: LockedOrder, before: Sequence[Fact]) -> list[str]:
    """All for which a report that is new is not taken. `before`: the order's new facts ahead of it."""
    if report.kind == WITHDRAWN:
        found = withdrawal_problems(checks.by, checks.events, report, order)
    elif report.kind in REQUEST_KINDS:
        found = _request_problems(checks, report, order, before)
    elif report.kind == OrderEventKind.MISMATCH:
        found = mismatch_problems(report, order)
    elif report.kind == OrderEventKind.RESOLVED:
        found = resolving_problems(checks.by, report, order)
    elif report.kind == OrderEventKind.WITNESSED and checks.by.user:
        found = witness_problems(checks.by, report, order, checks.now)
    elif report.kind == OrderEventKind.SETTLED and checks.by.user:
        found = _settling_problems(checks, report, order)
    else:
        found = _problems_of_work(checks, report, order, before)
    said = _unexplained(report) if checks.by.user else ()
    return [problem for problem in (*said, unsigned_problem(checks.by, report, order), *found) if problem]


def _unexplained(report: EventReport) -> Iterator[str]:
    """Why what a person gives as a reason is none. Of requests and answers it is a detail, checked where it must be."""
    for name in SAID_WHY:
        is_detail = name == "reason" and report.kind in (OrderEventKind.CHANGE_ASKED, OrderEventKind.ANSWERED)
        if name in report.payload and not is_detail and is_no_reason(str(report.payload[name])):
            yield f"payload.{name}: {TOO_SHORT}"


def _problems_of_work(checks: Checks, report: EventReport, order: LockedOrder, before: Sequence[Fact]) -> Iterator[str]:
    """Why it is not taken that something happened: of people, but for a cancellation that comes too late."""
    yield _cancels_too_late(checks.by, report, order, before)
    if checks.by.user is None:
        return
    yield named_problem(order.flow, report.kind, report.stage, report.payload)
    if problem := donation_problem(report.payload.get("donation_number", "")):
        yield f"payload.donation_number: {problem}"
    if report.occurred_at > checks.now + CLOCK_TOLERANCE:
        yield f"occurred_at: {NOT_COME_YET}"
    for begin, end in turned_round(report.payload):
        yield f"payload.{end}: it is not after {begin}: check both."
    yield reason_problem(report.payload, OVERRIDE) if OVERRIDE in report.payload else ""
    if report.kind == OrderEventKind.PROMISED:
        yield promise_problem(order.id, report.payload, report.occurred_at, checks.now)
    yield _skipping(report, order, before)
    if not report.stage or report.stage in order.flow.stages:
        yield _stopped(checks, report, order, before)
        yield _unanswered(report, order)
        yield _too_short(report, order, before)
        yield _end_unexplained(report, order)
        run = order.state.run_of(report.stage, report.attempt) if report.stage else RunState(1, "")
        yield delay_doubt(run, report.kind, report.occurred_at, report.payload)


def _request_problems(checks: Checks, report: EventReport, order: LockedOrder, before: Sequence[Fact]) -> Sequence[str]:
    """Why a request or its answer is not taken; what the same list says ahead of it (`before`) is folded in."""
    if any(fact.kind in REQUEST_KINDS for fact in before):
        return ["kind: this list says something else of a request of this order: look at it again, then send it."]
    state = _state_after(order, before)
    return request_problems(state, report.kind, report.payload, report.occurred_at, checks.now)


def _state_after(order: LockedOrder, before: Sequence[Fact]) -> OrderState:
    """The order as it stands with what the same list says ahead."""
    if not before:
        return order.state
    return fold(order.flow, order.ordered_at, [*load_facts([order.id])[order.id], *before])


def _cancels_too_late(by: Reporter, report: EventReport, order: LockedOrder, before: Sequence[Fact]) -> str:
    """Why who speaks for a centre cannot cancel any more: this is no fact of theirs, but the plant's decision."""
    if report.kind != OrderEventKind.CANCELLED:
        return ""
    state, problem = _state_after(order, before), ""
    if by.source is None:
        problem = too_late_for_coordinators(state, report.kind, roles_at(order.sites, by.rights))
    elif by.source.kind == SourceKind.HOSPITAL:
        problem = too_late_for_hospitals(state, report.kind)
    return f"kind: {problem}" if problem else ""


def promise_problem(order_id: UUID, payload: Mapping[str, Any], said_at: datetime, now: datetime) -> str:
    """Why a date is not promised so: it had passed, or the dose is hardly ready by then and no reason says why it is
    meant. The same by every way in on which somebody decides now; what a system reports to have promised is a fact."""
    promised_at = datetime.fromisoformat(payload["promised_at"])
    if promised_at <= said_at:
        return "payload.promised_at: this moment had passed already when it was promised: promise a later one."
    if not is_no_reason(str(payload.get("reason", ""))):
        return ""
    outlook = expected_doses([order_id], now).get(order_id)
    question = too_soon_question(promised_at, outlook, meant="say in reason why this one is meant")
    return f"payload.promised_at: {question}" if question else ""


def _skipping(report: EventReport, order: LockedOrder, before: Sequence[Fact]) -> str:
    """Why a person cannot name an attempt after the next: it would be said of a run that is not meant."""
    newest = max([order.state.attempt, *(fact.attempt or 1 for fact in before)])
    if (report.attempt or 1) <= newest + 1:
        return ""
    return f"attempt: the newest attempt is {newest}; the next one is {newest + 1}."


def _settling_problems(checks: Checks, report: EventReport, order: LockedOrder) -> Iterator[str]:
    stops = [stop for stop in checks.stops.get(order.id, ()) if stop.doubt and stop.flag_id]
    stop = next((stop for stop in stops if str(stop.flag_id) == report.payload["flag"]), None)
    if stop is None:
        yield "payload.flag: no critical flag of this order that could be settled has this id; look at the order again."
        return
    if stop.end.not_settled:
        yield f"payload.flag: {stop.end.not_settled}"
        return
    if problem := _own_part(checks.by, [stop], order):
        yield f"payload.flag: {problem}"
    asked = asked_of_second(order.state.surprises, stop.stage) if stop.doubt in ASKS_SECOND else []
    if sorted(rejected_by(report.payload)) == asked:
        return
    named = f"the ids of the withdrawals that you find wrong ({', '.join(asked)})" if asked else "nothing"
    yield f"payload.{REJECTS}: this flag is settled by who names {named} here; look at the order again."


def _own_part(by: Reporter, stops: Sequence[Stop], order: LockedOrder) -> str:
    """Why this person is no second one about what one of these flags asks a second person."""
    state = order.state
    parts = (own_part(state.surprises, stop.doubt, stop.stage, by.key, state.attempt) for stop in stops)
    return next(filter(None, parts), "") if by.user else ""


def _stopped(checks: Checks, report: EventReport, order: LockedOrder, before: Sequence[Fact]) -> str:
    """Why a critical flag keeps a person from saying this; of a failure said just before no flag can stand yet."""
    failed = [fact for fact in before if fact.kind == StageEventKind.FAILED]
    stages = [*(fact.stage for fact in failed), *_failed_before(report, order)]
    fresh = [stop_of_failure(order.id, order.flow, stage, checks.now) for stage in stages]
    if report.kind in MATERIAL_KINDS and not carries_on(report.kind, report.payload):
        return ""
    kind, plan = kinds_meant(report, order)[0], _plan_meant(report, order)
    if kind == NEW_ATTEMPT and report.kind != StageEventKind.SCHEDULED and is_dose_in_doubt(order.flow, report.stage):
        kind = report.kind  # no test, release or infusion follows a failure because its number is higher
    binding = binding_stops(order.flow, [*checks.stops.get(order.id, ()), *fresh], kind, plan)
    override, roles = str(report.payload.get(OVERRIDE, "")).strip(), roles_at(order.sites, checks.by.rights)
    if override and (problem := _own_part(checks.by, binding, order)):
        return f"payload.{OVERRIDE}: {problem}"
    return interlock_problem(plan, binding, kind, override=override, roles=roles)


def _end_unexplained(report: EventReport, order: LockedOrder) -> str:
    """Why a person must say first why a stage at work needs longer."""
    if report.kind != StageEventKind.SCHEDULED or not is_new_end(report.payload):
        return ""
    run = order.state.run_of(report.stage, report.attempt)
    is_unexplained = run.status == StageStatus.RUNNING and is_no_reason(str(report.payload.get("reason", "")))
    return f"payload.reason: {TOO_SHORT}" if is_unexplained else ""


def _unanswered(report: EventReport, order: LockedOrder) -> str:
    """Why a person does not begin what cannot be undone while the centre waits for an answer."""
    plan = order.flow.stages.get(report.stage)
    problem = unanswered_problem(order.state, plan, kinds_meant(report, order)[0]) if plan else ""
    return f"stage: {problem}" if problem else ""


def _failed_before(report: EventReport, order: LockedOrder) -> list[str]:
    """What failed in the earlier attempt that the report names: its flags went when the next one began."""
    if not report.attempt or report.attempt >= order.state.attempt:
        return []
    return [run.stage for run in order.state.runs.values() if run.attempt == report.attempt and run.failed_at]


def _too_short(report: EventReport, order: LockedOrder, before: Sequence[Fact]) -> str:
    """Why a person must say first that a duration of under a tenth of the plan is right."""
    if report.kind != StageEventKind.COMPLETED or report.payload.get(CONFIRMED) is True:
        return ""
    run = order.state.run_of(report.stage, report.attempt)
    starts = [fact.occurred_at for fact in before if (fact.kind, fact.stage) == (StageEventKind.STARTED, report.stage)]
    plan, started_at = order.flow.stages[report.stage], min(starts, default=run.started_at)
    if run.is_done or not (short := hardly_lasted(plan, started_at, report.occurred_at, ready_at=run.ready_at)):
        return ""
    return f"payload.{CONFIRMED}: {plan.name} completed {short}. If that is right, send it with true here."
