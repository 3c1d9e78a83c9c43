"""Which reports a person may make of an order now (21 CFR 11.10(f): sequence of steps).

Facts from systems are never refused; these rules hold for what people record on our own screens.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from supplychain.flows.rules.plans import FlowPlan, StagePlan
from supplychain.flows.statuses import StageKind
from supplychain.orders.rules.asked_first import SENT_UNCONFIRMED, are_sent_unconfirmed, question_first
from supplychain.orders.rules.bookings import booked_end
from supplychain.orders.rules.cancelling import cells_are_for_quality, too_late_for_coordinators
from supplychain.orders.rules.change_requests import REQUEST_KINDS, unanswered_problem
from supplychain.orders.rules.duties import NEW_ATTEMPT, Roles
from supplychain.orders.rules.interlocks import (
    OVERRIDE,
    Stop,
    are_rejected,
    binding_stops,
    interlock_problem,
    right_kept_from,
)
from supplychain.orders.rules.packing import KEPT_AS, PACKED, SHIPPER_NUMBER, packing_of
from supplychain.orders.rules.standing import is_to_begin, release_ahead
from supplychain.orders.rules.states import OrderState, RunState
from supplychain.orders.rules.verbs import NEW_END
from supplychain.orders.statuses import (
    LABEL_KINDS,
    MATERIAL_KINDS,
    TRANSPORT_KINDS,
    OrderEventKind,
    StageEventKind,
    StageStatus,
)
from supplychain.recording.rules.fields import OVERRIDE_REASON, fields_of, report_words, short_words
from supplychain.recording.rules.rebooking import rebooking_fields
from supplychain.recording.rules.reports import PermittedReport, PersonReports, RefusedReport
from supplychain.recording.rules.sequence import main_kind, order_problem, stage_problem_now
from supplychain.sentences import moment_mark
from supplychain.words import with_verb

# What is offered, in this order. What an order began with is no report; reports are withdrawn, and flags settled, where
# they stand.
STAGE_KINDS = tuple(
    StageEventKind(kind)
    for kind in (
        "shipment_packed",
        "started",
        "completed",
        "shipment_unpacked",
        "resumed",
        "failed",
        "held",
        "skipped",
        "scheduled",
        "shipment_delayed",
        "shipment_rerouted",
        "note",
    )
)
NOT_OFFERED = (
    OrderEventKind.ORDERED, OrderEventKind.SETTLED, OrderEventKind.WITHDRAWN, OrderEventKind.EXCURSION_DECIDED,
    OrderEventKind.MISMATCH, OrderEventKind.RESOLVED, OrderEventKind.WITNESSED, *MATERIAL_KINDS, *LABEL_KINDS,
)  # fmt: skip
PACK_FIRST = "Nobody has reported how it was packed: report that first, with its checklist, or right after this."
ORDER_KINDS = tuple(kind for kind in OrderEventKind if kind not in NOT_OFFERED)


def permitted_reports(
    plan: FlowPlan, state: OrderState, roles: Roles, now: datetime, stops: Sequence[Stop] = ()
) -> PersonReports:
    """What a person with `roles` at the order's places may report at `now`, and why other reports are not permitted.

    `stops`: the order's critical flags. Where one binds, quality assurance is asked for its reason, others are told no.
    """
    runs, is_confirmed = {code: state.run_of(code) for code in plan.stages}, bool(state.confirmed_at)
    permitted: list[PermittedReport] = []
    refused: list[RefusedReport] = []
    for stage, kind in _candidates(plan):
        run = state.run_of(stage.code) if stage else None
        binding = binding_stops(plan, stops, kind, stage)
        no_right = right_kept_from(stage, kind, roles, binding)
        to_come = _to_come_problem(stage, kind, run, now) or _unreleased_problem(plan, runs, stage, kind, now)
        why = no_right or to_come or _problem(state, stage, kind, run, roles, stops)
        binding = [] if why else binding
        stopped = interlock_problem(stage, binding, kind, override=OVERRIDE, roles=roles)
        attempt = _attempt(state, kind, run)
        code, words = (stage.code if stage else ""), report_words(stage, meant_kind(kind, run))
        if why or stopped:
            is_ahead = run is not None and run.status in (StageStatus.PENDING, StageStatus.READY)
            said = (str(kind), code, attempt, words, why or stopped)
            refused.append(RefusedReport(*said, not no_right, is_ahead, bool(stopped)))
        else:
            report = _permitted(state, stage, kind, run, attempt)
            again = rebooking_fields(state, code, kind, roles, now)
            asked = question_first(plan, runs, stage, kind, stops, is_confirmed=is_confirmed)
            report = replace(report, fields=(*again, *report.fields), asked_first=asked) if again or asked else report
            if stage and (told := _told(plan, runs, stage, kind, is_confirmed=is_confirmed)):
                report = replace(report, told=told)
            permitted.append(_overriding(report) if binding else report)
    return PersonReports(tuple(permitted), tuple(refused))


def _told(plan: FlowPlan, runs: Mapping[str, RunState], stage: StagePlan, kind: str, *, is_confirmed: bool) -> str:
    """What a person has only to know: that the plant has not confirmed, that no packing is reported, or one before."""
    if kind in KEPT_AS:
        return _reported_before(packing_of(runs[stage.code], kind))
    is_sent = kind in HANDS_OVER and are_sent_unconfirmed(plan, runs, stage, is_confirmed=is_confirmed)
    is_unpacked = kind == StageEventKind.STARTED and stage.packing and not packing_of(runs[stage.code], PACKED)
    return " ".join(filter(None, (SENT_UNCONFIRMED if is_sent else "", PACK_FIRST if is_unpacked else "")))


def _reported_before(packing: Mapping[str, Any]) -> str:
    if not packing:
        return ""
    shipper = f", of shipper {packing[SHIPPER_NUMBER]}" if packing.get(SHIPPER_NUMBER) else ""
    at = moment_mark(datetime.fromisoformat(packing["at"]))
    return f"Reported before, for {at}{shipper}: what you record now takes its place."


def _overriding(report: PermittedReport) -> PermittedReport:
    """The report of somebody who may go on all the same: with a reason, and never as what comes next."""
    return replace(report, fields=(*report.fields, OVERRIDE_REASON), is_main=False)


def _candidates(plan: FlowPlan) -> list[tuple[StagePlan | None, str]]:
    """Every report there is, in the order in which it is offered."""
    of_stages: list[tuple[StagePlan | None, str]] = [
        (stage, kind)
        for stage in plan.stages.values()
        for kind in STAGE_KINDS
        if kind not in TRANSPORT_KINDS or stage.kind == StageKind.TRANSPORT
    ]
    attempts = [plan.stages[plan.restart_stage]]
    attempts += [stage for stage in plan.stages.values() if stage.kind == StageKind.COLLECTION]
    restarts = list(dict.fromkeys(stage.code for stage in attempts))
    return [
        *of_stages,
        *((plan.stages[code], NEW_ATTEMPT) for code in restarts),
        *((None, kind) for kind in ORDER_KINDS),
    ]


# By what cells are handed over, now or some time ago.
HANDS_OVER = (StageEventKind.STARTED, StageEventKind.COMPLETED)
# What is said of work while it goes on.
OF_WORK = (StageEventKind.STARTED, StageEventKind.COMPLETED, StageEventKind.FAILED, StageEventKind.HELD)


def _to_come_problem(stage: StagePlan | None, kind: str, run: RunState | None, now: datetime) -> str:
    """Of a start that was reported for a moment to come nothing follows before it: somebody's clock is wrong, or it is
    a plan."""
    if stage is None or run is None or run.started_at is None or kind not in OF_WORK:
        return ""
    if run.status != StageStatus.RUNNING or not is_to_begin(run.status, run.started_at, now):
        return ""
    said = with_verb(stage.name, f"is reported to start at {moment_mark(run.started_at)}, still to come")
    return f"{said}: if it has begun, withdraw that report on the order’s page, then say when."


def _unreleased_problem(
    plan: FlowPlan, runs: Mapping[str, RunState], stage: StagePlan | None, kind: str, now: datetime
) -> str:
    """A release that was reported for a moment to come is none before it: no dose leaves or is given. That it was
    received is no less a fact."""
    if stage is None or kind not in HANDS_OVER or stage.kind == StageKind.CUSTODY:
        return ""
    ahead = release_ahead(plan, stage.code, {code: run.completed_at for code, run in runs.items()}, now)
    if ahead is None or runs[stage.code].status != StageStatus.READY:
        return ""
    said = f"waits for {ahead[0].name}, which is reported to end at {moment_mark(ahead[1])}, still to come"
    ask = "if it is, withdraw that report on the order’s page, then say when."
    return with_verb(stage.name, f"{said}: the dose is not released; {ask}")


def _problem(
    state: OrderState, stage: StagePlan | None, kind: str, run: RunState | None, roles: Roles, stops: Sequence[Stop]
) -> str:
    if stage is None or kind == NEW_ATTEMPT or run is None:
        waits = unanswered_problem(state, stage, kind) if stage else ""
        of_cells = too_late_for_coordinators(state, kind, roles) or cells_are_for_quality(state, kind, roles)
        return order_problem(state, kind, are_cells_rejected=are_rejected(stops)) or of_cells or waits
    return stage_problem_now(state, stage, kind, run) or unanswered_problem(state, stage, kind)


def meant_kind(kind: str, run: RunState | None) -> str:
    """What the report says as things stand: a plan of a stage at work says its new end."""
    is_at_work = run is not None and run.started_at is not None and run.status == StageStatus.RUNNING
    return NEW_END if kind == StageEventKind.SCHEDULED and is_at_work else kind


def _attempt(state: OrderState, kind: str, run: RunState | None) -> int | None:
    if kind == NEW_ATTEMPT:
        return state.attempt + 1
    return run.attempt if run else None


def _permitted(
    state: OrderState, stage: StagePlan | None, kind: str, run: RunState | None, attempt: int | None
) -> PermittedReport:
    not_before, expected_from = _bounds(state, kind, run)
    planned, latest = _expected(stage, kind, run) if stage and run else (None, None)
    meant = meant_kind(kind, run)
    return PermittedReport(
        kind=str(kind),
        stage=stage.code if stage else "",
        stage_name=stage.name if stage else "",
        attempt=attempt,
        words=report_words(stage, meant),
        short_words=short_words(stage, meant),
        fields=fields_of(stage, meant, state),
        is_main=_is_main(stage, kind, run),
        not_before=not_before,
        expected_from=expected_from,
        expected_by=planned or latest,
        is_planned=planned is not None,
        reopens=reopened(state.flow, stage.code) if stage and kind == NEW_ATTEMPT else (),
        plan=stage,
        started_at=run.started_at if run else None,
    )


def _is_main(plan: StagePlan | None, kind: str, run: RunState | None) -> bool:
    if plan is None or run is None:
        return kind in (OrderEventKind.RESUMED, OrderEventKind.CLOSED, OrderEventKind.ANSWERED)
    return kind == main_kind(plan, StageStatus(run.status))


def reopened(flow: FlowPlan, start: str) -> tuple[str, ...]:
    """Names of the stages that a new attempt from `start` begins again, in board order."""
    codes = flow.followers[start] | flow.followers[flow.restart_stage]
    return tuple(stage.name for code, stage in flow.stages.items() if code in codes)


def _not_before(state: OrderState, kind: str) -> datetime | None:
    """The moment of what a report of the whole order follows."""
    if kind == OrderEventKind.RESUMED:
        return state.held_at
    if kind == OrderEventKind.CLOSED:
        return state.cancelled_at
    return state.change.asked_at if kind in REQUEST_KINDS and state.change else None


def _expected(stage: StagePlan, kind: str, run: RunState) -> tuple[datetime | None, datetime | None]:
    """When a start or an end was planned; and by when an end was to be expected at the latest, by its start. A booking
    that had passed before anything could begin says nothing."""
    match kind:
        case StageEventKind.STARTED if run.status == StageStatus.READY:
            booked = run.expected_start
            return (None if booked and run.ready_at and run.ready_at > booked else booked), None
        case StageEventKind.COMPLETED | StageEventKind.FAILED if run.started_at:
            return booked_end(stage, run), run.started_at + timedelta(hours=stage.worst_hours)
        case StageEventKind.COMPLETED:
            return run.expected_start or run.expected_end, None
    return None, None


def _bounds(state: OrderState, kind: str, run: RunState | None) -> tuple[datetime | None, datetime | None]:
    """The moment before which the report would contradict what is known, and that before which it surprises."""
    if kind == NEW_ATTEMPT:
        failures = [one.failed_at for one in state.runs.values() if one.attempt == state.attempt and one.failed_at]
        return max(failures, default=None), None
    if run is None:
        return _not_before(state, kind), None
    match kind:
        case StageEventKind.STARTED:
            return run.failed_at, run.ready_at
        case StageEventKind.COMPLETED | StageEventKind.FAILED | StageEventKind.SKIPPED:
            return run.started_at, run.ready_at
        case StageEventKind.SHIPMENT_UNPACKED:
            return run.completed_at, None
        case StageEventKind.HELD:
            return run.started_at or run.ready_at, None
        case StageEventKind.RESUMED:
            return run.held_at, None
    return None, None
